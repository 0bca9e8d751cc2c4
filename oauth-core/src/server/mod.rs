//! The authorization server: a cheap handle to what was built.

mod builder;
mod built_in;
mod problems;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use time::OffsetDateTime;

pub use builder::{AuthorizationServerBuilder, BuildError};

use crate::authorization::ErrorPageRenderer;
use crate::bearer::Published;
use crate::client::auth::AuthenticationMethod;
use crate::client::{Client, GrantType};
use crate::clock::{Clock, now};
use crate::credential::CredentialKey;
use crate::endpoint::IntrospectionClaims;
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::event::EventSinks;
use crate::grant::{Handler, RotationKey};
use crate::issuer::Issuer;
use crate::parameters::Parameters;
use crate::paths::Paths;
use crate::policy::Policy;
use crate::randomness::Randomness;
use crate::resource::{Audience, ResourceIndicator};
use crate::store::memory::MemoryStore;
use crate::store::{
    ClientStore, Credential, Found, Grant, GrantDirectory, GrantStore, RememberedConsents,
    RequestStore,
};
use crate::subject_status::SubjectStatus;
use crate::throttle::Throttle;

/// An OAuth authorization server. Clones are cheap and share everything.
///
/// The endpoints take `http::Request<Bytes>` and give `http::Response<Bytes>`; the adapter crates
/// mount them. See [`AuthorizationServerBuilder`] for how to make one.
///
/// # When a request is dropped
///
/// A web framework drops a request's future when the browser or client hangs up, at any await. No
/// store is left in between: each of its verbs has happened or has not. What the same request gets
/// when it is sent again depends on whether the verb that counts has happened:
///
/// | request | the verb | dropped before it | dropped after it |
/// |---|---|---|---|
/// | consent page | `put` | the page | the page, with another ticket; the first expires |
/// | authorization, no question asked | `open` | a code | another code; nobody holds the first, and it expires |
/// | decision | `take` | counts | a page that says to start again; the user may not be asked again, if the consent was recorded |
/// | code exchange | `exchange` | tokens | `invalid_grant`, and the grant ends |
/// | refresh | `exchange` | tokens | `invalid_grant`, and the grant ends; within the [retry window](crate::Policy::refresh_retry_window) the same refresh token and a new access token |
/// | client credentials | `open` | a token | another token; nobody holds the first, and it expires |
#[derive(Clone)]
pub struct AuthorizationServer(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) issuer: Issuer,
    pub(crate) paths: Paths,
    pub(crate) policy: Policy,
    /// Names and descriptions, in the order they were given.
    pub(crate) scopes: Vec<(String, String)>,
    /// What the parameter `resource` may name.
    pub(crate) resources: Audience,
    /// By what classes users can sign in.
    pub(crate) acr_values: Vec<String>,
    pub(crate) protected_resource: Option<Published>,
    pub(crate) clients: Arc<dyn ClientStore>,
    pub(crate) grants: Arc<dyn GrantStore>,
    /// The same, where it is the store in memory: what it finds needs no future on the heap.
    pub(crate) grants_in_memory: Option<Arc<MemoryStore>>,
    pub(crate) directory: Option<Arc<dyn GrantDirectory>>,
    pub(crate) requests: Arc<dyn RequestStore>,
    pub(crate) consents: RememberedConsents,
    pub(crate) introspection_claims: Option<Arc<dyn IntrospectionClaims>>,
    pub(crate) subject_status: Option<Arc<dyn SubjectStatus>>,
    pub(crate) event_sinks: EventSinks,
    pub(crate) throttle: Option<Arc<dyn Throttle>>,
    pub(crate) grant_types: Vec<(GrantType, Handler)>,
    pub(crate) client_authentication: Vec<AuthenticationMethod>,
    pub(crate) nobody: Client,
    pub(crate) rotation_keys: Vec<RotationKey>,
    pub(crate) undotted_schemes: Vec<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) error_page: ErrorPageRenderer,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) metadata: Bytes,
}

/// A rule that was weakened on purpose, with a method whose name begins with `danger_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(String);

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Inner {
    /// What there is under this key. A store may give what this version cannot read as it is; that says nothing
    /// about a code or token, which would look invalid or inactive.
    pub(crate) fn find<'a>(
        &'a self,
        key: &'a CredentialKey,
    ) -> impl Future<Output = Result<Option<Found>, StoreError>> + Send + 'a {
        let mut found = None;
        // What was found is looked at where it is: an async function would move it.
        poll_fn(move |context| {
            let answer = match &self.grants_in_memory {
                Some(grants) => Poll::Ready(Ok(grants.found(key))),
                None => found
                    .get_or_insert_with(|| self.grants.find(key))
                    .as_mut()
                    .poll(context),
            };
            match &answer {
                Poll::Ready(Ok(Some(it)))
                    if !it.grant.payload.is_readable() || !it.credential.payload.is_readable() =>
                {
                    let error = "a payload that this version cannot read";
                    Poll::Ready(Err(StoreError::permanent(error)))
                }
                _ => answer,
            }
        })
    }
}

impl AuthorizationServer {
    /// Begins the description of a server that is known by this issuer identifier; see
    /// [`Issuer`] for what it may be.
    pub fn builder(issuer: impl Into<String>) -> AuthorizationServerBuilder {
        AuthorizationServerBuilder::new(issuer.into())
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        now(&*self.0.clock)
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// Where the authorization endpoint is, below the issuer.
    pub fn authorization_path(&self) -> &str {
        &self.0.paths.authorization
    }

    /// Where the consent page posts the user's decision to, below the issuer.
    pub fn consent_path(&self) -> &str {
        &self.0.paths.consent
    }

    /// What a scope value allows, in words; the value itself where the builder was given no words.
    pub fn scope_description<'a>(&'a self, name: &'a str) -> &'a str {
        let known = self.0.scopes.iter().find(|(own, _)| own == name);
        known.map_or(name, |(_, description)| description)
    }

    /// The rules that were weakened on purpose. A host logs them at start.
    pub fn warnings(&self) -> &[Warning] {
        &self.0.warnings
    }

    /// Removes at most `limit` expired entries from each store, and says how many it removed. A host
    /// calls it now and then in the background, and at once again while it gives `limit` or more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] of the first store that cannot answer.
    pub async fn sweep_once(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let requests = self.0.requests.purge(now, limit).await?;
        Ok(requests + self.0.grants.purge(now, limit).await?)
    }

    /// What the parameter `resource` asks for; empty when it is not there
    /// ([RFC 8707 section 2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    pub(crate) fn requested_audience(
        &self,
        parameters: &Parameters<'_>,
    ) -> Result<Audience, Rejection> {
        let mut requested = Vec::new();
        for text in parameters.all("resource").filter(|text| !text.is_empty()) {
            let resource = ResourceIndicator::parse(text).ok();
            let known = resource.filter(|resource| self.0.resources.contains(resource));
            requested.push(known.ok_or(UNKNOWN_RESOURCE)?);
        }
        Ok(requested.into_iter().collect())
    }

    /// The same resources in the words of whoever runs the server. A client may spell them as it likes, and
    /// what users are shown should say nothing of its own.
    pub(crate) fn own_spelling(&self, audience: &Audience) -> Audience {
        let known = self.0.resources.resources();
        let own = |asked: &ResourceIndicator| known.iter().find(|known| *known == asked).cloned();
        let resources = audience.resources().iter();
        resources
            .map(|asked| own(asked).unwrap_or_else(|| asked.clone()))
            .collect()
    }

    /// The store of grants, where it can list them.
    pub(crate) fn directory(&self) -> Result<&dyn GrantDirectory, StoreError> {
        let directory = self.0.directory.as_deref();
        directory.ok_or_else(|| StoreError::permanent("no grant_directory is set"))
    }

    /// Opens a grant. A transient failure is asked again once: the identifier is new, and a grant
    /// that is there already stays as it is.
    pub(crate) async fn open_grant(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        match self.0.grants.open(grant, credentials, now).await {
            Err(error) if error.is_transient() => self.0.grants.open(grant, credentials, now).await,
            outcome => outcome,
        }
    }
}

pub(crate) const UNKNOWN_RESOURCE: Rejection = Rejection::new(
    ErrorCode::InvalidTarget,
    "the resource is malformed, unknown or more than was granted",
);

pub(crate) const RESOURCE_IS_GONE: Rejection = Rejection::new(
    ErrorCode::InvalidTarget,
    "the server no longer knows any resource that was granted",
);

impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AuthorizationServer")
            .field("issuer", &self.0.issuer)
            .finish()
    }
}

#[cfg(test)]
mod tests;
