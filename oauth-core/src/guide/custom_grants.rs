//! Custom grants: a grant type of your own at the token endpoint.
//!
//! A grant type is what a client presents for a token: a code, a refresh token, its own secret. If yours
//! presents something else (a printed voucher, a ticket of another system, the proof of a payment), you add a
//! [`GrantHandler`](crate::grant::GrantHandler). It says whom the token acts for and with what scope; the
//! framework makes the tokens, keeps the grant and answers the client.
//!
//! The example `custom-grant` is a whole server with one: a ticket office prints vouchers, and a kiosk without
//! browser and keyboard exchanges a voucher for a token that acts for the visitor. This page is made of it.
//!
//! # Before you write one
//!
//! Most wishes for a grant type are met without:
//!
//! - A user is there and can use a browser: `authorization_code`. A user name and a password are never
//!   sent to the token endpoint (RFC 9700 section 2.4).
//! - No user is involved: `client_credentials`.
//! - Another one of the specifications fits: use its name and its parameters, so that client libraries know
//!   them.
//!
//! # The name
//!
//! An absolute URI of a domain that you own
//! ([RFC 6749 section 4.5](https://www.rfc-editor.org/rfc/rfc6749#section-4.5)). Nothing is fetched from
//! there; it only has to be nobody else's. A client may use the grant type when it is registered for it, and
//! the metadata of the server lists it.
//!
//! # The handler
//!
//! When it is asked, the endpoint has read the form, authenticated the client and looked whether it is
//! registered for the grant type. What is left: everything that concerns what was presented.
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::{Arc, Mutex};
//!
//! use async_trait::async_trait;
//! use oauth_core::grant::{GrantHandler, TokenRequest, TokenResponse};
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{
//!     AuthorizationServer, Client, ClientId, ErrorCode, GrantType, Rejection, Scope, StoreError, Subject,
//!     UserId,
//! };
//! use time::OffsetDateTime;
//!
//! const VOUCHER: &str = "https://tickets.example/oauth/grant-type/voucher";
//!
//! /// Where vouchers are kept. One verb spends one, in one step; see below.
//! #[async_trait]
//! trait VoucherStore: Send + Sync + 'static {
//!     async fn redeem(
//!         &self,
//!         code: &str,
//!         client: &ClientId,
//!         now: OffsetDateTime,
//!     ) -> Result<Option<UserId>, StoreError>;
//! }
//!
//! /// The policy: what a voucher may ever be good for.
//! struct Vouchers {
//!     store: Arc<dyn VoucherStore>,
//!     scope: Scope,
//! }
//!
//! #[async_trait]
//! impl GrantHandler for Vouchers {
//!     async fn handle(&self, request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
//!         // First all that can be wrong with the request: a refused one spends nothing.
//!         let client = request.client();
//!         if client.is_public() {
//!             let why = "a public client cannot use vouchers";
//!             return Err(Rejection::new(ErrorCode::UnauthorizedClient, why));
//!         }
//!         let code = request.parameters().required("voucher", "voucher is missing")?;
//!         let scope = request.scope_within(&client.scope().intersection(&self.scope))?;
//!         if scope.is_empty() {
//!             let why = "the client can have nothing for a voucher";
//!             return Err(Rejection::new(ErrorCode::InvalidScope, why));
//!         }
//!         // Then the voucher is spent, and then the grant is opened; never the other way round.
//!         let user = self.store.redeem(code, client.id(), request.now()).await?;
//!         let user = user.ok_or_else(|| Rejection::new(
//!             ErrorCode::InvalidGrant,
//!             "the voucher is unknown, expired or used, or was issued for another client",
//!         ))?;
//!         request.open(Subject::User(user), scope).await
//!     }
//! }
//!
//! # struct Nothing(Mutex<HashMap<String, UserId>>);
//! # #[async_trait]
//! # impl VoucherStore for Nothing {
//! #     async fn redeem(
//! #         &self,
//! #         code: &str,
//! #         _: &ClientId,
//! #         _: OffsetDateTime,
//! #     ) -> Result<Option<UserId>, StoreError> {
//! #         Ok(self.0.lock().ok().and_then(|mut codes| codes.remove(code)))
//! #     }
//! # }
//! # let store = Arc::new(Nothing(Mutex::default()));
//! let kiosk = Client::builder("kiosk")
//!     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
//!     .grant_types([GrantType::new(VOUCHER)])
//!     .scope("profile")
//!     .build()?;
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(MemoryStore::new([kiosk]))
//!     .scope("profile", "Read your profile")
//!     .grant_type(GrantType::new(VOUCHER), Vouchers { store, scope: Scope::parse("profile")? })
//!     .build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Single use that survives races
//!
//! Two requests with one voucher may arrive in the same millisecond, at two processes. So the store must not
//! be asked whether the voucher is unspent and told later that it is spent: both would be served. One
//! statement does both, and says by its result who was first:
//!
//! ```sql
//! UPDATE voucher SET spent_at = :now
//!  WHERE key = :key AND client = :client AND expires_at > :now AND spent_at IS NULL
//! RETURNING user_id
//! ```
//!
//! Redis: a script, or `GETDEL` on a key that names the client too. In memory: one lock over test and write.
//! All that decides stands in the one condition, so that another client's attempt, or a late one, changes
//! nothing. This is what the framework's own [`GrantStore::exchange`](crate::store::GrantStore::exchange) does
//! for codes and refresh tokens; a voucher lives in your own table because it was yours before it became
//! OAuth's.
//!
//! What you take care of:
//!
//! - **The order.** Check the request, spend, open. A process that dies between the last two has lost a
//!   voucher, and the user gets another one. With the order reversed, one voucher buys two grants.
//! - **Doubt.** When the store fails while it spends, return its
//!   [`StoreError`](crate::StoreError) with `?`: the client is told 503. Do not ask again in the handler, and
//!   do not take a failure for success. If the voucher was spent after all, the client's next attempt
//!   is refused, which is the safe side.
//! - **Durability.** `redeem` returns once it is committed, and asks the primary database, not a replica.
//! - **A second use** is a sign of theft or of a client that lost the response. The handler cannot tell, and
//!   refuses. It does not end the grant that the first use opened, as a replayed code would: log it, and
//!   keep what vouchers buy short-lived and narrow. A client that gets no refresh token is one that is not
//!   registered for the grant type `refresh_token`.
//! - **Guessing.** At least 128 random bits; store the SHA-256 only; write the text to no log. A code that
//!   people type is shorter, and then needs a limit of attempts for each client, in front of the endpoint.
//! - **Old vouchers** are removed by you: [`sweep_once`](crate::AuthorizationServer::sweep_once) does not know
//!   them.
//!
//! # What the framework does for you
//!
//! - The scope: [`scope_within`](crate::grant::TokenRequest::scope_within) reads the parameter and refuses
//!   more than you allow. Give it the smaller of the client's scope and your policy's.
//! - The user: [`open`](crate::grant::TokenRequest::open) asks
//!   [`SubjectStatus`](crate::SubjectStatus) whether the user is disabled.
//! - The tokens: lifetimes are those of [`Policy`](crate::Policy). A refresh token is issued for a
//!   [`Subject::User`](crate::Subject::User) when the client is registered for `refresh_token`; refreshing,
//!   reuse detection and an account page know the grant like any other.
//! - Time: [`now`](crate::grant::TokenRequest::now) is the server's clock, which tests set.
//! - Errors: a [`Rejection`](crate::Rejection) becomes the JSON of RFC 6749 section 5.2 with the status of its
//!   code. Its text is fixed at compile time, so it cannot repeat what was sent. Use `invalid_grant` for all
//!   that is wrong with the voucher, without saying what: who guesses should not learn which guess was close.
//!
//! # Tests worth having
//!
//! One voucher presented by eight tasks at once is served once. A refused request (wrong client, too much
//! scope, missing parameter) leaves the voucher good. A store that spends and then fails grants nothing. The
//! example has each of them; [`AuthorizationServer::token`](crate::AuthorizationServer::token) takes a request
//! and gives a response, so they need no network.
