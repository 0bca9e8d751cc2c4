use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, header};
use serde::Serialize;

use super::rejection::{BearerRejection, Reason};
use super::requirement::Requirement;
use super::token::VerifiedToken;
use super::verifier::AccessTokenVerifier;
use super::{bearer_token, is_recent};
use crate::clock::{Clock, SystemClock};
use crate::endpoint::{allow_any_origin, method_not_allowed, preflight};
use crate::error::StoreError;
use crate::issuer::Issuer;
use crate::resource::ResourceIndicator;
use crate::scope::Scope;
use crate::server::AuthorizationServer;
use crate::subject::UserId;

const DOCUMENT: &str = "/.well-known/oauth-protected-resource";

/// A protected resource: an API that access tokens open (RFC 6750, RFC 9728). Clones are cheap and share
/// everything.
///
/// One that has an identifier accepts the tokens for it and those without an audience, and publishes
/// metadata (RFC 9728). One that has none accepts only tokens without an audience.
///
/// ```
/// use oauth_core::store::memory::MemoryStore;
/// use oauth_core::AuthorizationServer;
///
/// // Beside its authorization server, in one process:
/// let server = AuthorizationServer::builder("https://example.com")
///     .store(MemoryStore::new([]))
///     .scope("profile", "Read your profile")
///     .resource("https://example.com/api")
///     .build()?;
/// let api = server.protected_resource().identifier("https://example.com/api").build()?;
/// assert_eq!(api.metadata_path(), Some("/.well-known/oauth-protected-resource/api"));
///
/// // Without resource indicators:
/// let everything = server.protected_resource().build()?;
/// assert_eq!(everything.metadata_path(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ProtectedResource(Arc<Inner>);

struct Inner {
    verifier: Verifier,
    realm: String,
    identifier: Option<ResourceIndicator>,
    published: Option<Published>,
    clock: Arc<dyn Clock>,
}

struct Published {
    path: String,
    url: String,
    document: Bytes,
}

/// The server of the same process is asked without a detour.
enum Verifier {
    Local(AuthorizationServer),
    Other(Arc<dyn AccessTokenVerifier>),
}

/// Protected resource metadata (RFC 9728 section 2).
#[derive(Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_servers: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<&'a str>,
}

/// Describes a protected resource; see [`ProtectedResource`].
///
/// # Defaults
///
/// No identifier, and so no metadata. [`AuthorizationServer::protected_resource`] begins with that
/// server's issuer, scopes and clock.
#[must_use]
pub struct ProtectedResourceBuilder {
    verifier: Verifier,
    identifier: Option<String>,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    name: Option<String>,
    documentation: Option<String>,
    clock: Arc<dyn Clock>,
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

impl AuthorizationServer {
    /// Begins the description of a protected resource whose tokens this server issues and checks.
    pub fn protected_resource(&self) -> ProtectedResourceBuilder {
        let inner = self.inner();
        ProtectedResourceBuilder {
            verifier: Verifier::Local(self.clone()),
            identifier: None,
            authorization_servers: vec![self.issuer().to_string()],
            scopes: inner.scopes.iter().map(|(name, _)| name.clone()).collect(),
            name: None,
            documentation: None,
            clock: inner.clock.clone(),
        }
    }
}

impl ProtectedResourceBuilder {
    /// The resource's identifier (RFC 8707 section 2, RFC 9728 section 1.2): an `https` URL without
    /// query and fragment, or `http` on a loopback address. Tokens for other resources are refused.
    pub fn identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// Adds the issuer of an authorization server whose tokens are accepted.
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Adds a scope value to `scopes_supported`.
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// The name for people, `resource_name`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The URL of a page for developers, `resource_documentation`.
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// The clock. Default: [`SystemClock`], or the authorization server's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the protected resource.
    ///
    /// # Errors
    ///
    /// [`InvalidProtectedResource`] with everything that is wrong: a malformed identifier, issuer or
    /// scope value.
    pub fn build(self) -> Result<ProtectedResource, InvalidProtectedResource> {
        let mut problems = Vec::new();
        for issuer in &self.authorization_servers {
            // The server itself has decided about http.
            if let Err(error) = Issuer::parse_insecure(issuer) {
                problems.push(error.to_string());
            }
        }
        for name in &self.scopes {
            if !Scope::parse(name).is_ok_and(|scope| scope.values().eq([name.as_str()])) {
                problems.push(format!("the scope {name:?} is not one scope value"));
            }
        }
        let identifier = self.identifier.as_deref().map(identifier);
        let identifier = match identifier.transpose() {
            Ok(identifier) => identifier,
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        if !problems.is_empty() {
            return Err(InvalidProtectedResource(problems));
        }
        let metadata = |resource| Metadata {
            resource,
            authorization_servers: self.authorization_servers.iter().map(|it| &**it).collect(),
            scopes_supported: self.scopes.iter().map(|name| &**name).collect(),
            bearer_methods_supported: ["header"],
            resource_name: self.name.as_deref(),
            resource_documentation: self.documentation.as_deref(),
        };
        let published = identifier.as_ref().map(|(resource, origin, path)| {
            let path = format!("{DOCUMENT}{path}");
            Published {
                url: format!("{origin}{path}"),
                path,
                document: serde_json::to_vec(&metadata(resource.as_str()))
                    .unwrap_or_default()
                    .into(),
            }
        });
        let identifier = identifier.map(|(resource, ..)| resource);
        let realm = match (&identifier, self.authorization_servers.first()) {
            (Some(identifier), _) => identifier.to_string(),
            (None, Some(issuer)) => issuer.clone(),
            (None, None) => "protected resource".to_owned(),
        };
        Ok(ProtectedResource(Arc::new(Inner {
            verifier: self.verifier,
            realm,
            identifier,
            published,
            clock: self.clock,
        })))
    }
}

/// The indicator with its origin and its path, which has no slash at the end when it is one alone.
fn identifier(text: &str) -> Result<(ResourceIndicator, String, String), String> {
    let refuse = |why: &str| format!("the identifier {why}");
    let resource = ResourceIndicator::parse(text).map_err(|error| refuse(&error.to_string()))?;
    let url = Issuer::parse(text).map_err(|_| {
        refuse("must be an https URL, or http on a loopback address, without user information, query and fragment")
    })?;
    let path = text.get(url.origin().len()..).unwrap_or_default();
    let path = if path == "/" { "" } else { path };
    Ok((resource, url.origin().to_owned(), path.to_owned()))
}

impl ProtectedResource {
    /// Begins the description of a protected resource whose tokens `verifier` checks.
    pub fn builder(verifier: impl AccessTokenVerifier) -> ProtectedResourceBuilder {
        ProtectedResourceBuilder {
            verifier: Verifier::Other(Arc::new(verifier)),
            identifier: None,
            authorization_servers: Vec::new(),
            scopes: Vec::new(),
            name: None,
            documentation: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The identifier, if there is one.
    pub fn identifier(&self) -> Option<&ResourceIndicator> {
        self.0.identifier.as_ref()
    }

    pub(super) fn realm(&self) -> &str {
        &self.0.realm
    }

    pub(super) fn metadata_url(&self) -> Option<&str> {
        self.0.published.as_ref().map(|it| it.url.as_str())
    }

    /// Takes the access token from a request and checks it: that it counts, is for this resource and
    /// meets the requirement.
    ///
    /// Only the `Authorization` header counts; a token in the query is refused (RFC 9700 section
    /// 4.3.2).
    ///
    /// # Errors
    ///
    /// [`BearerRejection`], which makes the response with its challenge (RFC 6750 section 3, RFC 9470
    /// section 3, RFC 9728 section 5.1).
    pub async fn authenticate(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<VerifiedToken, BearerRejection> {
        match self.try_authenticate(request, required).await {
            Ok(token) => Ok(token),
            Err(reason) => Err(BearerRejection::new(self, required, reason)),
        }
    }

    /// As [`authenticate`](Self::authenticate), for a resource that belongs to a user: a token that
    /// acts for a client on its own is refused with 403.
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_user(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<(VerifiedToken, UserId), BearerRejection> {
        let token = self.authenticate(request, required).await?;
        match token.user().cloned() {
            Some(user) => Ok((token, user)),
            None => Err(BearerRejection::new(self, required, Reason::NoUser)),
        }
    }

    async fn try_authenticate(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<VerifiedToken, Reason> {
        let presented = bearer_token(request)?;
        let verified = self.verify(presented).await.map_err(Reason::Store)?;
        let token = verified.ok_or(Reason::InvalidToken)?;
        let audience = token.audience();
        let is_for_this = match &self.0.identifier {
            Some(identifier) => audience.admits(identifier),
            None => audience.is_empty(),
        };
        if !is_for_this {
            return Err(Reason::InvalidToken);
        }
        let mut scope = required.scope.split(' ').filter(|value| !value.is_empty());
        if !scope.all(|value| token.scope().contains(value)) {
            return Err(Reason::InsufficientScope);
        }
        let mut classes = required.acr_values.split(' ').filter(|it| !it.is_empty());
        let is_of_class =
            required.acr_values.is_empty() || classes.any(|class| token.acr() == Some(class));
        let is_recent = required
            .max_age
            .is_none_or(|max_age| is_recent(token.auth_time(), max_age, self.0.clock.now()));
        // A client on its own has no user to sign in again; it is told so by whoever needs a user.
        if token.user().is_some() && !(is_of_class && is_recent) {
            return Err(Reason::InsufficientUserAuthentication);
        }
        if token.user().is_none() && !(required.acr_values.is_empty() && required.max_age.is_none())
        {
            return Err(Reason::NoUser);
        }
        Ok(token)
    }

    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, StoreError> {
        match &self.0.verifier {
            Verifier::Local(server) => server.verify_access_token(token).await,
            Verifier::Other(verifier) => verifier.verify(token).await,
        }
    }

    /// Where the metadata document is, from the root of the host (RFC 9728 section 3.1); `None` for a
    /// resource without an identifier.
    pub fn metadata_path(&self) -> Option<&str> {
        self.0.published.as_ref().map(|it| it.path.as_str())
    }

    /// Answers a request for the protected resource metadata (RFC 9728 section 3); 404 for a resource
    /// without an identifier.
    pub fn metadata(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let Some(published) = &self.0.published else {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            return response;
        };
        match *request.method() {
            Method::GET | Method::HEAD => {
                let mut response = Response::new(published.document.clone());
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                allow_any_origin(response)
            }
            Method::OPTIONS => preflight("GET, HEAD, OPTIONS"),
            _ => allow_any_origin(method_not_allowed("GET, HEAD, OPTIONS")),
        }
    }
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("ProtectedResource");
        debug
            .field("identifier", &self.0.identifier)
            .finish_non_exhaustive()
    }
}
