//! Clients from the table that the service has already: its rows become clients when they are asked for.
//!
//! The guide of `oauth-core`, `guide::custom_stores`, explains it.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::client::ClientSecretDigest;
use oauth_core::store::ClientStore;
use oauth_core::{Client, ClientId, GrantType, StoreError, TokenEndpointAuthMethod};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqliteRow};
use sqlx::{Row, raw_sql};

type Fault = Box<dyn Error + Send + Sync>;

/// The apps of the developer portal.
#[derive(Clone)]
pub(crate) struct Apps(pub(crate) SqlitePool);

impl Apps {
    /// Connects, and fills a new file as `apps.sql` says.
    pub(crate) async fn connect(file: &Path) -> Result<Self, sqlx::Error> {
        let file = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true);
        let pool = SqlitePool::connect_with(file).await?;
        raw_sql(include_str!("apps.sql")).execute(&pool).await?;
        Ok(Self(pool))
    }
}

#[async_trait]
impl ClientStore for Apps {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let query = sqlx::query("SELECT * FROM apps WHERE id = ?1 AND NOT disabled");
        let row = query.bind(id.as_str()).fetch_optional(&self.0).await;
        let client = row.map_err(failed)?.map(|row| client(id, &row));
        let client = client.transpose().map_err(StoreError::permanent)?;
        Ok(client.map(Arc::new))
    }
}

/// What a row means in the words of OAuth.
fn client(id: &ClientId, row: &SqliteRow) -> Result<Client, Fault> {
    let mut client = Client::builder(id.as_str())
        .name(row.try_get::<&str, _>("title")?)
        .scope(row.try_get::<&str, _>("permissions")?)
        .first_party(row.try_get("made_by_us")?);
    for column in ["secret_sha256", "previous_secret_sha256"] {
        if let Some(digest) = row.try_get::<Option<&[u8]>, _>(column)? {
            client = client.secret_digest(ClientSecretDigest::from_bytes(digest.try_into()?));
        }
    }
    if row.try_get("secret_in_body")? {
        client = client.token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST);
    }
    let mut grant_types = Vec::new();
    for uri in row.try_get::<&str, _>("callback_urls")?.lines() {
        client = client.redirect_uri(uri);
        grant_types = vec![GrantType::AUTHORIZATION_CODE];
    }
    if row.try_get("stays_connected")? {
        grant_types.push(GrantType::REFRESH_TOKEN);
    }
    if row.try_get("works_unattended")? {
        grant_types.push(GrantType::CLIENT_CREDENTIALS);
    }
    Ok(client.grant_types(grant_types).build()?)
}

/// A busy file or a lost connection is worth asking again; a table without the column is not.
fn failed(error: sqlx::Error) -> StoreError {
    const BUSY: &str = "5";
    let transient = match &error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(BUSY),
        _ => false,
    };
    if transient {
        StoreError::transient(error)
    } else {
        StoreError::permanent(error)
    }
}
