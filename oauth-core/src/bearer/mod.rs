//! Access tokens at protected resources
//! ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).

mod protected_resource;
mod rejection;
mod requirement;
mod token;
mod verifier;

pub use protected_resource::{
    InvalidProtectedResource, ProtectedResource, ProtectedResourceBuilder,
};
pub use rejection::BearerRejection;
pub use requirement::{NoScope, RequiredScope, Requirement};
pub use token::VerifiedToken;
pub use verifier::AccessTokenVerifier;

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use crate::credential::{CredentialKey, CredentialKind};
use crate::error::StoreError;
use crate::server::AuthorizationServer;
use crate::store::{Content, Found};

impl AuthorizationServer {
    /// Checks an access token: `None` when it is malformed, unknown, expired or revoked. One store
    /// call.
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
        let found = self.inner().grants.find(&key).await?;
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
                    &granted.audience
                } else {
                    &own.audience
                },
            ),
            Content::RefreshToken(_) => (&granted.scope, &granted.audience),
            _ => return None,
        };
        let auth_time = granted.auth_time.map(OffsetDateTime::from_unix_timestamp);
        let mut token = VerifiedToken::new(subject, grant.client_id, credential.expires_at)
            .with_scope(scope.clone())
            .with_audience(audience.clone());
        token.acr.clone_from(&granted.acr);
        token.auth_time = auth_time.and_then(Result::ok);
        Some(token)
    }
}

/// Whether a sign-in is at most so long ago, in whole seconds (OpenID Connect Core section 3.1.2.1).
fn is_recent(auth_time: Option<OffsetDateTime>, max_age: Duration, now: OffsetDateTime) -> bool {
    auth_time.is_some_and(|at| {
        let age = now.unix_timestamp().saturating_sub(at.unix_timestamp());
        u64::try_from(age).unwrap_or(0) <= max_age.as_secs()
    })
}

/// The token of the `Authorization` header (RFC 6750 section 2.1).
fn bearer_token(request: &Parts) -> Result<&str, rejection::Reason> {
    use rejection::Reason;
    // The host's own parameters are its business, however they are encoded.
    let is_token = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty() && percent_decode_str(name).eq(b"access_token".iter().copied())
    };
    let in_query = request
        .uri
        .query()
        .is_some_and(|query| query.split('&').any(is_token));
    let mut headers = request.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        return Err(if in_query {
            Reason::InQuery
        } else {
            Reason::NoToken
        });
    };
    if headers.next().is_some() || in_query {
        return Err(Reason::Ambiguous);
    }
    let Ok(header) = header.to_str() else {
        return Err(Reason::NoToken);
    };
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => {
            Ok(token.trim_matches(' '))
        }
        // Another scheme is no attempt at this one.
        _ => Err(Reason::NoToken),
    }
}
