//! Access tokens at protected resources
//! ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).

mod guard;
mod protected_resource;
mod rejection;
mod requirement;
mod resource_metadata;
mod resource_server;
mod token;
mod verifier;

pub use protected_resource::{InvalidProtectedResource, ProtectedResource};
pub use rejection::BearerRejection;
pub use requirement::{NoScope, RequiredScope, Requirement};
pub(crate) use resource_metadata::Published;
pub use resource_metadata::ResourceMetadata;
pub use resource_server::ResourceServer;
pub use token::VerifiedToken;
pub use verifier::AccessTokenVerifier;

#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use crate::credential::{CredentialKey, CredentialKind};
use crate::error::StoreError;
use crate::server::AuthorizationServer;
use crate::store::{Content, Found};

impl AuthorizationServer {
    /// Checks an access token: `None` when it is malformed, unknown, expired or revoked. One store
    /// call.
    ///
    /// Scope and audience are the caller's to check: the token may be for another resource
    /// ([`VerifiedToken::audience`]). [`ResourceServer::authenticate`] checks both.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer. Treat it as "not allowed".
    pub async fn verify_access_token(
        &self,
        token: &str,
    ) -> Result<Option<VerifiedToken>, StoreError> {
        let Some(key) = CredentialKey::of(CredentialKind::AccessToken, token) else {
            return Ok(None);
        };
        let found = self.inner().find(&key).await?;
        Ok(found.and_then(|found| self.read(found, CredentialKind::AccessToken)))
    }

    /// What a token of this kind says, if it counts now.
    pub(crate) fn read(&self, found: Found, kind: CredentialKind) -> Option<VerifiedToken> {
        let now = self.now();
        let (grant, credential) = (found.grant, found.credential);
        let counts = grant.is_active(now)
            && credential.kind == kind
            && credential.spent_at.is_none()
            && credential.expires_at > now;
        let subject = grant.subject.filter(|_| counts)?;
        let Content::Grant(granted) = grant.payload.content() else {
            return None;
        };
        let (scope, audience) = match credential.payload.content() {
            Content::AccessToken(own) => (
                own.scope.as_ref().unwrap_or(&granted.scope),
                if own.audience.is_empty() {
                    granted.audience()
                } else {
                    &own.audience
                },
            ),
            Content::RefreshToken(_) => (&granted.scope, granted.audience()),
            _ => return None,
        };
        let auth_time = granted.auth_time.map(OffsetDateTime::from_unix_timestamp);
        let mut token = VerifiedToken::new(subject, grant.client_id, credential.expires_at)
            .with_scope(scope.clone())
            .with_audience(audience.clone());
        token.acr = granted.acr().cloned();
        token.auth_time = auth_time.and_then(Result::ok);
        Some(token)
    }
}
