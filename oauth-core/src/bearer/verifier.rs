use async_trait::async_trait;

use super::token::VerifiedToken;
use crate::error::StoreError;
use crate::server::AuthorizationServer;

/// Checks access tokens for protected resources.
///
/// [`AuthorizationServer`] is one, for an API in the same process or over the same stores; the crate
/// `oauth-introspection` has one that asks the authorization server over HTTP (RFC 7662).
///
/// ```
/// use std::collections::HashMap;
///
/// use async_trait::async_trait;
/// use oauth_core::{AccessTokenVerifier, StoreError, VerifiedToken};
///
/// /// Tokens that never end, for the tests of an API.
/// struct Known(HashMap<String, VerifiedToken>);
///
/// #[async_trait]
/// impl AccessTokenVerifier for Known {
///     async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, StoreError> {
///         Ok(self.0.get(token).cloned())
///     }
/// }
/// ```
#[async_trait]
pub trait AccessTokenVerifier: Send + Sync + 'static {
    /// What the token says; `None` when it is malformed, unknown, expired or revoked. Its scope and
    /// audience are checked by the caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nobody can tell. The request is then refused with 503 or 500.
    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, StoreError>;
}

#[async_trait]
impl AccessTokenVerifier for AuthorizationServer {
    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, StoreError> {
        self.verify_access_token(token).await
    }
}
