//! A `ClientStore` over the table you already have.
//!
//! A service with a developer portal has a table of apps, with names and habits of its own:
//!
//! ```text
//! CREATE TABLE IF NOT EXISTS apps (
//!     id                     TEXT PRIMARY KEY NOT NULL,
//!     title                  TEXT NOT NULL,
//!     secret_sha256          BLOB,                        -- NULL: an app that can keep no secret
//!     previous_secret_sha256 BLOB,                        -- valid until the new one is everywhere
//!     secret_in_body         BOOLEAN NOT NULL DEFAULT FALSE,
//!     callback_urls          TEXT NOT NULL DEFAULT '',    -- one in each line
//!     permissions            TEXT NOT NULL DEFAULT '',    -- separated by spaces
//!     stays_connected        BOOLEAN NOT NULL DEFAULT FALSE,
//!     works_unattended       BOOLEAN NOT NULL DEFAULT FALSE,
//!     made_by_us             BOOLEAN NOT NULL DEFAULT FALSE,
//!     disabled               BOOLEAN NOT NULL DEFAULT FALSE
//! );
//! ```
//!
//! Nothing is copied out of it. `client_store.rs` reads one row when a client is asked for, which is once in a
//! request, so a change counts from the next request on:
//!
//! ```text
//! #[async_trait]
//! impl ClientStore for Apps {
//!     async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
//!         let query = sqlx::query("SELECT * FROM apps WHERE id = ?1 AND NOT disabled");
//!         let row = query.bind(id.as_str()).fetch_optional(&self.0).await;
//!         let client = row.map_err(failed)?.map(|row| client(id, &row));
//!         let client = client.transpose().map_err(StoreError::permanent)?;
//!         Ok(client.map(Arc::new))
//!     }
//! }
//! ```
//!
//! An app that is disabled is not there. Nobody can begin anything with it, and its refresh tokens are refused,
//! since the client cannot authenticate; access tokens live on until they expire, unless you revoke the
//! grants. Take care that the database compares identifiers byte for byte. SQLite does, unless a column says
//! `COLLATE NOCASE`; MySQL and MariaDB do not, unless it says `COLLATE utf8mb4_bin`.
//!
//! Then the row is said in the words of OAuth:
//!
//! ```text
//! fn client(id: &ClientId, row: &SqliteRow) -> Result<Client, Fault> {
//!     let mut client = Client::builder(id.as_str())
//!         .name(row.try_get::<&str, _>("title")?)
//!         .scope(row.try_get::<&str, _>("permissions")?)
//!         .first_party(row.try_get("made_by_us")?);
//!     for column in ["secret_sha256", "previous_secret_sha256"] {
//!         if let Some(digest) = row.try_get::<Option<&[u8]>, _>(column)? {
//!             client = client.secret_digest(ClientSecretDigest::from_bytes(digest.try_into()?));
//!         }
//!     }
//!     if row.try_get("secret_in_body")? {
//!         client = client.token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST);
//!     }
//!     let mut grant_types = Vec::new();
//!     for uri in row.try_get::<&str, _>("callback_urls")?.lines() {
//!         client = client.redirect_uri(uri);
//!         grant_types = vec![GrantType::AUTHORIZATION_CODE];
//!     }
//!     if row.try_get("stays_connected")? {
//!         grant_types.push(GrantType::REFRESH_TOKEN);
//!     }
//!     if row.try_get("works_unattended")? {
//!         grant_types.push(GrantType::CLIENT_CREDENTIALS);
//!     }
//!     Ok(client.grant_types(grant_types).build()?)
//! }
//! ```
//!
//! - **Secrets** are SHA-256 digests of what a machine made, at least 128 bits of entropy; see
//!   [`ClientBuilder::secret`](crate::client::ClientBuilder::secret). Two columns give a rotation without a
//!   moment in which neither works. If your table has another hash, bcrypt for example, it cannot be compared:
//!   give each app a second secret, and let the digest of that one be the column.
//! - **The method** by which a client authenticates is one, and registered. Without a column for it, the
//!   default is right: `client_secret_basic` with a secret, `none` without.
//! - **Grant types** follow from what the portal asks its developers. Somebody with a callback URL wants users
//!   to come; refresh tokens and tokens without a user are choices of their own, off unless somebody set them.
//! - **`first_party`** skips the question to the user. It belongs to a column that developers cannot write.
//!
//! A row that is no client fails: a digest of the wrong length, a callback URL that may not be one, a column
//! that is gone. [`build`](crate::client::ClientBuilder::build) checks the rules, and the failure is
//! [`permanent`](crate::StoreError::permanent), so the log names what is wrong with which client, and the
//! other clients are not concerned. It is not "not found": somebody would look for the mistake in the app.
//!
//! ```text
//! /// A busy file or a lost connection is worth asking again; a table without the column is not.
//! fn failed(error: sqlx::Error) -> StoreError {
//!     const BUSY: &str = "5";
//!     let transient = match &error {
//!         sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
//!         sqlx::Error::Database(error) => error.code().as_deref() == Some(BUSY),
//!         _ => false,
//!     };
//!     if transient {
//!         StoreError::transient(error)
//!     } else {
//!         StoreError::permanent(error)
//!     }
//! }
//! ```
//!
//! The proof is a macro again. `with` is given clients and fills the table with them:
//!
//! ```text
//! mod clients {
//!     oauth_testkit::client_store_contract!(super::with);
//! }
//! ```
