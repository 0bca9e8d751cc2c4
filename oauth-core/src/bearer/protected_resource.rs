use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};

use super::ResourceServer;
use super::guard::Guard;
use super::rejection::BearerRejection;
use super::requirement::Requirement;
use super::resource_metadata::{Published, ResourceMetadata};
use super::token::VerifiedToken;
use super::verifier::AccessTokenVerifier;
use crate::clock::{Clock, SystemClock};
use crate::event::{EventSink, EventSinks};
use crate::resource::ResourceIndicator;

/// A protected resource: an API that access tokens open, apart from the server that issues them
/// (RFC 6750, RFC 9728). Clones are cheap and share everything.
///
/// It accepts the tokens for it and those without an audience. An API beside its authorization server
/// needs none of this: see
/// [`AuthorizationServerBuilder::protected_resource`](crate::AuthorizationServerBuilder::protected_resource).
///
/// ```
/// use oauth_core::{AccessTokenVerifier, ProtectedResource, ResourceMetadata};
///
/// fn api(verifier: impl AccessTokenVerifier) -> Result<ProtectedResource, Box<dyn std::error::Error>> {
///     let metadata = ResourceMetadata::new("https://api.example.com/v1")
///         .authorization_server("https://auth.example.com");
///     let api = ProtectedResource::new(metadata, verifier)?;
///     assert_eq!(api.metadata_path(), "/.well-known/oauth-protected-resource/v1");
///     Ok(api)
/// }
/// ```
#[derive(Clone)]
pub struct ProtectedResource(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    published: Arc<Published>,
    verifier: Arc<dyn AccessTokenVerifier>,
    clock: Arc<dyn Clock>,
    event_sinks: EventSinks,
}

/// Everything that is wrong with a protected resource's description, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct InvalidProtectedResource(Vec<String>);

impl InvalidProtectedResource {
    /// The sentences.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl ProtectedResource {
    /// A protected resource whose tokens `verifier` checks.
    ///
    /// # Errors
    ///
    /// [`InvalidProtectedResource`] with everything that is wrong: a malformed identifier, issuer or
    /// scope value.
    pub fn new(
        metadata: impl Into<ResourceMetadata>,
        verifier: impl AccessTokenVerifier,
    ) -> Result<Self, InvalidProtectedResource> {
        Self::with_clock(metadata, verifier, SystemClock)
    }

    /// As [`new`](Self::new), with a clock of one's own for `max_age`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_clock(
        metadata: impl Into<ResourceMetadata>,
        verifier: impl AccessTokenVerifier,
        clock: impl Clock,
    ) -> Result<Self, InvalidProtectedResource> {
        let published = metadata.into().publish();
        let published = published.map_err(InvalidProtectedResource)?;
        Ok(Self(Arc::new(Inner {
            published: Arc::new(published),
            verifier: Arc::new(verifier),
            clock: Arc::new(clock),
            event_sinks: EventSinks::default(),
        })))
    }

    /// Adds somebody who is told of every request that is refused
    /// ([`EventKind::Refused`](crate::event::EventKind::Refused) with
    /// [`Endpoint::ProtectedResource`](crate::event::Endpoint::ProtectedResource)), as the sinks of an
    /// authorization server are of those to the API beside it. There may be several, which are told in the
    /// order in which they were added. Clones made before do not know it. Default: nobody; the log has it
    /// all the same.
    #[must_use]
    pub fn event_sink(mut self, sink: impl EventSink) -> Self {
        Arc::make_mut(&mut self.0).event_sinks.add(sink);
        self
    }

    /// The identifier.
    pub fn identifier(&self) -> &ResourceIndicator {
        &self.0.published.resource
    }

    /// Where the metadata document is, from the root of the host (RFC 9728 section 3.1).
    pub fn metadata_path(&self) -> &str {
        &self.0.published.path
    }

    /// Answers a request for the protected resource metadata (RFC 9728 section 3).
    pub fn metadata(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.0.published.serve(request)
    }

    fn guard<'a>(&'a self, required: &'a Requirement<'a>) -> Guard<'a> {
        Guard {
            realm: self.identifier().as_str(),
            published: Some(&self.0.published),
            clock: &*self.0.clock,
            event_sinks: &self.0.event_sinks,
            required,
        }
    }
}

impl ResourceServer for ProtectedResource {
    async fn authenticate(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<VerifiedToken, BearerRejection> {
        let verify = |token| self.0.verifier.verify(token);
        self.guard(required).authenticate(request, verify).await
    }
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "ProtectedResource({:?})",
            self.identifier().as_str()
        )
    }
}
