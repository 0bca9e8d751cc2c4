use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::{AccessTokenVerifier, Clock, StoreError, VerifiedToken};
use time::OffsetDateTime;

use crate::builder::RemoteVerifierBuilder;
use crate::cache::{Cache, Key, Unanswered, key};
use crate::endpoint::{Endpoint, Failure};
use crate::response::Expectation;

/// Longer tokens are refused without asking, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// Checks access tokens at the introspection endpoint of their authorization server
/// ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)). Clones are cheap and share the cache.
///
/// Needs a tokio runtime. What is remembered, and what that means for a revoked token, stands on the
/// [page of the crate](crate#what-a-revoked-token-can-still-do). Of a token only its SHA-256 is kept.
///
/// ```no_run
/// use oauth_core::{ProtectedResource, ResourceMetadata};
/// use oauth_introspection::RemoteVerifier;
///
/// # fn api(secret: &str) -> Result<ProtectedResource, Box<dyn std::error::Error>> {
/// let verifier = RemoteVerifier::builder("https://auth.example.com/introspect", "api", secret)
///     .issuer("https://auth.example.com")
///     .build()?;
/// let metadata = ResourceMetadata::new("https://api.example.com")
///     .authorization_server("https://auth.example.com");
/// let api = ProtectedResource::new(metadata, verifier)?;
/// # Ok(api)
/// # }
/// # api("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU").unwrap();
/// ```
#[derive(Clone)]
pub struct RemoteVerifier(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) endpoint: Endpoint,
    pub(crate) expectation: Expectation,
    pub(crate) cache: Cache,
    pub(crate) clock: Box<dyn Clock>,
}

impl RemoteVerifier {
    /// Describes a verifier that asks this introspection endpoint, and authenticates there with
    /// `client_secret_basic` (RFC 6749 section 2.3.1).
    pub fn builder(
        introspection_endpoint: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> RemoteVerifierBuilder {
        RemoteVerifierBuilder::new(
            introspection_endpoint.into(),
            client_id.into(),
            client_secret.into(),
        )
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

#[async_trait]
impl AccessTokenVerifier for RemoteVerifier {
    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, StoreError> {
        if token.len() > MAX_TOKEN {
            return Ok(None);
        }
        let inner = &*self.0;
        let (key, now) = (key(token), inner.clock.now());
        if let Some(known) = inner.cache.known(&key, now).await {
            return Ok(Some(known));
        }
        if !is_plausible(token) {
            return Ok(None);
        }
        // In a box of its own: a conversation takes a lot of memory, and who finds an answer needs none.
        Box::pin(inner.ask(token, key, now)).await
    }
}

impl Inner {
    async fn ask(
        &self,
        token: &str,
        key: Key,
        asked_at: OffsetDateTime,
    ) -> Result<Option<VerifiedToken>, StoreError> {
        let ask = async {
            let body = self.endpoint.ask(token).await?;
            let read = self.expectation.read(&body, asked_at);
            read.map_err(Failure::Malformed)
        };
        match self.cache.verify(key, asked_at, ask).await {
            Ok(token) => Ok(Some(token)),
            Err(Unanswered::Inactive) => Ok(None),
            Err(Unanswered::Failed(failure)) if failure.is_transient() => {
                Err(StoreError::transient(failure))
            }
            Err(Unanswered::Failed(failure)) => Err(StoreError::permanent(failure)),
        }
    }
}

impl fmt::Debug for RemoteVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RemoteVerifier({:?})", self.0.endpoint.url())
    }
}

/// Whether it can be a token at all: `b64token` of RFC 6750 section 2.1.
fn is_plausible(token: &str) -> bool {
    let characters = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !characters.is_empty() && token.len() <= MAX_TOKEN && characters.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_header_can_carry_is_plausible() {
        for token in [
            "a",
            "Az09-._~+/",
            "abc=",
            "abc==",
            "header.payload.signature",
        ] {
            assert!(is_plausible(token), "{token}");
        }
        let long = "a".repeat(MAX_TOKEN + 1);
        for token in [
            "",
            "=",
            "a b",
            "a=b",
            "a,b",
            "\u{e9}",
            "a\n",
            "a\"",
            long.as_str(),
        ] {
            assert!(!is_plausible(token), "{token}");
        }
        assert!(is_plausible(&"a".repeat(MAX_TOKEN)));
    }
}
