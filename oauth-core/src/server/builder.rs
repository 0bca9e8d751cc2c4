use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::built_in::{with_built_in_authentication, with_built_in_grant_types};
use super::problems::{authentication_problems, scheme_problems, scope_problems};
use super::{AuthorizationServer, Inner, Warning};
use crate::authorization::{ErrorPage, ErrorPageRenderer, plain_error_page};
use crate::bearer::ResourceMetadata;
use crate::client::auth::ClientAuthentication;
use crate::client::{Client, GrantType};
use crate::clock::{Clock, SystemClock};
use crate::endpoint::{IntrospectionClaims, metadata_document};
use crate::event::{EventSink, EventSinks};
use crate::grant::{GrantHandler, RotationKey};
use crate::issuer::Issuer;
use crate::paths::Paths;
use crate::policy::Policy;
use crate::randomness::{Randomness, SystemRandomness, random};
use crate::resource::{Audience, ResourceIndicator};
use crate::scope::Scope;
use crate::store::memory::MemoryStore;
use crate::store::{
    ClientStore, ConsentStore, GrantDirectory, GrantStore, RememberedConsents, RequestStore,
};
use crate::subject_status::SubjectStatus;
use crate::throttle::Throttle;

/// Describes an authorization server.
///
/// The issuer and the stores are needed; everything else has a default.
///
/// ```
/// use oauth_core::store::memory::MemoryStore;
/// use oauth_core::{AuthorizationServer, Client};
///
/// let web = Client::builder("web")
///     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
///     .redirect_uri("https://printer.example.com/callback")
///     .scope("profile")
///     .build()?;
/// let server = AuthorizationServer::builder("https://auth.example.com")
///     .store(MemoryStore::new([web]))
///     .scope("profile", "Read your profile")
///     .build()?;
/// assert!(server.warnings().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct AuthorizationServerBuilder {
    issuer: String,
    paths: Paths,
    policy: Policy,
    scopes: Vec<(String, String)>,
    resources: Vec<String>,
    acr_values: Vec<String>,
    protected_resource: Option<ResourceMetadata>,
    clients: Option<Arc<dyn ClientStore>>,
    grants: Option<Arc<dyn GrantStore>>,
    grants_in_memory: Option<Arc<MemoryStore>>,
    directory: Option<Arc<dyn GrantDirectory>>,
    requests: Option<Arc<dyn RequestStore>>,
    consents: Option<Arc<dyn ConsentStore>>,
    subject_status: Option<Arc<dyn SubjectStatus>>,
    introspection_claims: Option<Arc<dyn IntrospectionClaims>>,
    event_sinks: EventSinks,
    throttle: Option<Arc<dyn Throttle>>,
    grant_types: Vec<(GrantType, Box<dyn GrantHandler>)>,
    client_authentication: Vec<Box<dyn ClientAuthentication>>,
    rotation_keys: Vec<RotationKey>,
    undotted_schemes: Vec<String>,
    insecure_issuer: bool,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    error_page: ErrorPageRenderer,
}

/// Everything that is wrong with a server's description, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BuildError(Vec<String>);

impl BuildError {
    /// The sentences.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("; "))
    }
}

impl AuthorizationServerBuilder {
    pub(super) fn new(issuer: String) -> Self {
        Self {
            issuer,
            paths: Paths::default(),
            policy: Policy::default(),
            scopes: Vec::new(),
            resources: Vec::new(),
            acr_values: Vec::new(),
            protected_resource: None,
            clients: None,
            grants: None,
            grants_in_memory: None,
            directory: None,
            requests: None,
            consents: None,
            subject_status: None,
            introspection_claims: None,
            event_sinks: EventSinks::default(),
            throttle: None,
            grant_types: Vec::new(),
            client_authentication: Vec::new(),
            rotation_keys: Vec::new(),
            undotted_schemes: Vec::new(),
            insecure_issuer: false,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            error_page: Arc::new(plain_error_page),
        }
    }

    /// One value that implements every store. To mix stores, set them one by one: each trait is a
    /// consistency boundary of its own, so any mix is sound but one, in which grants are kept in one
    /// store and listed from another ([`build`](Self::build) reports it).
    pub fn store<S>(self, store: S) -> Self
    where
        S: ClientStore + GrantDirectory + RequestStore + ConsentStore,
    {
        let store = Arc::new(store);
        self.client_store(store.clone())
            .grant_directory(store.clone())
            .request_store(store.clone())
            .consent_store(store)
    }

    /// Where registered clients are found.
    pub fn client_store(mut self, store: Arc<dyn ClientStore>) -> Self {
        self.clients = Some(store);
        self
    }

    /// Where grants and credentials are kept, by a store that cannot list them. It does not go
    /// together with a [`grant_directory`](Self::grant_directory) that is another store.
    pub fn grant_store(mut self, store: Arc<dyn GrantStore>) -> Self {
        self.grants = Some(store);
        self.grants_in_memory = None;
        self
    }

    /// Where grants and credentials are kept, by a store that can list a subject's grants. It takes
    /// the place of any that was set before.
    pub fn grant_directory<S: GrantDirectory>(mut self, store: Arc<S>) -> Self {
        let any: Arc<dyn Any + Send + Sync> = store.clone();
        self.grants_in_memory = any.downcast().ok();
        self.grants = Some(store.clone());
        self.directory = Some(store);
        self
    }

    /// Where consent tickets are kept.
    pub fn request_store(mut self, store: Arc<dyn RequestStore>) -> Self {
        self.requests = Some(store);
        self
    }

    /// Where consents are remembered.
    pub fn consent_store(mut self, store: Arc<dyn ConsentStore>) -> Self {
        self.consents = Some(store);
        self
    }

    /// What a scope value allows, in words for the consent page. The metadata lists the value. Which
    /// values a client may ask for is said by its registration
    /// ([`ClientBuilder::scope`](crate::client::ClientBuilder::scope)).
    pub fn scope(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.scopes.push((name.into(), description.into()));
        self
    }

    /// A protected resource elsewhere that clients may name in the parameter `resource`, to get tokens for it
    /// alone ([RFC 8707](https://www.rfc-editor.org/rfc/rfc8707)). Any other is `invalid_target`.
    pub fn resource(mut self, identifier: impl Into<String>) -> Self {
        self.resources.push(identifier.into());
        self
    }

    /// The API beside the server: the extractors and layers of the adapters accept the tokens for it
    /// and those without an audience, name its metadata in their challenges (RFC 9728 section 5.1), and
    /// `well_known` publishes that. Clients may name it in the parameter `resource`.
    ///
    /// Default: none; tokens with an audience are then refused here, since they are for somebody else.
    pub fn protected_resource(mut self, metadata: impl Into<ResourceMetadata>) -> Self {
        self.protected_resource = Some(metadata.into());
        self
    }

    /// An authentication context class (OpenID Connect Core section 2) by which users can sign in, as
    /// the host reports it with [`Authentication::acr`](crate::Authentication::acr).
    ///
    /// Clients may then demand it with `acr_values` (RFC 9470 section 4): users who have not signed in
    /// by it are sent to the login page, and if they come back without it, the request is refused with
    /// `unmet_authentication_requirements`. Default: none, and `acr_values` is ignored.
    pub fn acr_value(mut self, class: impl Into<String>) -> Self {
        self.acr_values.push(class.into());
        self
    }

    /// The lifetimes. Default: [`Policy::default`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Where the endpoints are. Default: [`Paths::default`].
    pub fn paths(mut self, paths: Paths) -> Self {
        self.paths = paths;
        self
    }

    /// Adds a grant type, or replaces a built-in one. Built in are `authorization_code`,
    /// `refresh_token` and `client_credentials`.
    pub fn grant_type(mut self, grant_type: GrantType, handler: impl GrantHandler) -> Self {
        self.grant_types.push((grant_type, Box::new(handler)));
        self
    }

    /// Adds a method of client authentication. Built in are `client_secret_basic`,
    /// `client_secret_post` and `none`.
    pub fn client_authentication(mut self, method: impl ClientAuthentication) -> Self {
        self.client_authentication.push(Box::new(method));
        self
    }

    /// Who is asked whether a user is disabled. Default: nobody, every user counts as active.
    pub fn subject_status(mut self, status: Arc<dyn SubjectStatus>) -> Self {
        self.subject_status = Some(status);
        self
    }

    /// Who adds members to introspection responses. Default: nobody.
    pub fn introspection_claims(mut self, claims: impl IntrospectionClaims) -> Self {
        self.introspection_claims = Some(Arc::new(claims));
        self
    }

    /// Somebody who is told of every [`Event`](crate::event::Event). There may be several, which are told
    /// in the order in which they were added. Default: nobody; the log has it all the same.
    pub fn event_sink(mut self, sink: impl EventSink) -> Self {
        self.event_sinks.add(sink);
        self
    }

    /// Who says that somebody tries too often to authenticate. Default: nobody, all may try.
    pub fn throttle(mut self, throttle: impl Throttle) -> Self {
        self.throttle = Some(Arc::new(throttle));
        self
    }

    /// The keys of the retry window for refresh tokens: the first derives, all are recognised.
    pub fn rotation_keys(mut self, keys: impl IntoIterator<Item = RotationKey>) -> Self {
        self.rotation_keys = keys.into_iter().collect();
        self
    }

    /// Renders the page that a human sees who comes with a bad request. It gives a whole HTML
    /// document; it is sent with a policy that allows styles and images of the same origin and no
    /// script. Default: a plain page.
    pub fn error_page(
        mut self,
        render: impl Fn(&ErrorPage<'_>) -> String + Send + Sync + 'static,
    ) -> Self {
        self.error_page = Arc::new(render);
        self
    }

    /// The clock. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of randomness. Default: [`SystemRandomness`]. Another one is for tests only.
    pub fn randomness(mut self, randomness: impl Randomness) -> Self {
        self.randomness = Arc::new(randomness);
        self
    }

    /// Accepts redirect URIs with this private-use scheme although it has no dot, for clients that
    /// registered one with
    /// [`danger_redirect_uri`](crate::client::ClientBuilder::danger_redirect_uri).
    ///
    /// Any program on the user's device may claim such a scheme and receive the authorization code;
    /// PKCE is then all that protects it. Departs from RFC 9700 section 2.1 and RFC 8252 section
    /// 7.1.
    pub fn danger_private_use_scheme(mut self, scheme: impl Into<String>) -> Self {
        self.undotted_schemes.push(scheme.into());
        self
    }

    /// Accepts an issuer that uses `http` on a host that is not a loopback one.
    ///
    /// Codes, tokens and secrets then travel in the clear. Departs from RFC 9700 section 2.6 and
    /// RFC 8414 section 2. For closed test networks.
    pub fn danger_insecure_issuer(mut self) -> Self {
        self.insecure_issuer = true;
        self
    }

    /// Makes the server.
    ///
    /// # Errors
    ///
    /// [`BuildError`] with everything that is wrong: a malformed issuer or path, a lifetime out of
    /// range, a missing store, grants in one store and their directory in another, a malformed or
    /// repeated scope, a malformed resource, a repeated method of client authentication, a retry window
    /// without keys.
    pub fn build(self) -> Result<AuthorizationServer, BuildError> {
        let mut problems: Vec<String> = Vec::new();
        let warnings = self.warnings();
        let issuer = if self.insecure_issuer {
            Issuer::parse_insecure(&self.issuer)
        } else {
            Issuer::parse(&self.issuer)
        };
        let issuer = issuer
            .map_err(|error| problems.push(error.to_string()))
            .ok();
        problems.extend(self.paths.problems());
        problems.extend(self.policy.problems());
        problems.extend(scope_problems(&self.scopes));
        let mut resources: Vec<ResourceIndicator> = Vec::new();
        for resource in &self.resources {
            match ResourceIndicator::parse(resource) {
                Ok(resource) => resources.push(resource),
                Err(error) => problems.push(format!("the resource {resource:?} {error}")),
            }
        }
        let protected_resource = match (self.protected_resource, &issuer) {
            (Some(metadata), Some(issuer)) => metadata
                .within(issuer, &self.scopes)
                .publish()
                .map_err(|more| problems.extend(more))
                .ok(),
            _ => None,
        };
        resources.extend(protected_resource.iter().map(|it| it.resource.clone()));
        let resources = Audience::from_iter(resources);
        for class in &self.acr_values {
            // It travels in a list and in a quoted text of a header.
            if !Scope::is_one_value(class) {
                problems.push(format!("the acr_value {class:?} is not one value"));
            }
        }
        problems.extend(scheme_problems(&self.undotted_schemes));
        let client_authentication = with_built_in_authentication(self.client_authentication);
        problems.extend(authentication_problems(&client_authentication));
        if !self.policy.refresh_retry_window.is_zero() && self.rotation_keys.is_empty() {
            problems.push("the lifetime refresh_retry_window needs rotation_keys".to_owned());
        }
        for (name, present) in [
            ("client_store", self.clients.is_some()),
            ("grant_store", self.grants.is_some()),
            ("request_store", self.requests.is_some()),
            ("consent_store", self.consents.is_some()),
        ] {
            if !present {
                problems.push(format!("the {name} is missing"));
            }
        }
        if let (Some(grants), Some(directory)) = (&self.grants, &self.directory)
            && !std::ptr::addr_eq(Arc::as_ptr(grants), Arc::as_ptr(directory))
        {
            problems.push(
                "the grant_store is not the grant_directory: users would be shown, and could end, \
                 other grants than those that are kept"
                    .to_owned(),
            );
        }
        let (Some(issuer), Some(clients), Some(grants), Some(requests), Some(consents), true) = (
            issuer,
            self.clients,
            self.grants,
            self.requests,
            self.consents,
            problems.is_empty(),
        ) else {
            return Err(BuildError(problems));
        };
        let mut inner = Inner {
            issuer,
            paths: self.paths,
            policy: self.policy,
            scopes: self.scopes,
            resources,
            acr_values: self.acr_values,
            protected_resource,
            clients,
            grants,
            grants_in_memory: self.grants_in_memory,
            directory: self.directory,
            requests,
            consents: RememberedConsents::new(consents),
            subject_status: self.subject_status,
            introspection_claims: self.introspection_claims,
            event_sinks: self.event_sinks,
            throttle: self.throttle,
            grant_types: with_built_in_grant_types(self.grant_types),
            client_authentication,
            nobody: Client::nobody(random(&*self.randomness)),
            rotation_keys: self.rotation_keys,
            undotted_schemes: self.undotted_schemes,
            clock: self.clock,
            randomness: self.randomness,
            error_page: self.error_page,
            warnings,
            metadata: Bytes::new(),
        };
        inner.metadata = metadata_document(&inner);
        Ok(AuthorizationServer(Arc::new(inner)))
    }

    fn warnings(&self) -> Vec<Warning> {
        let schemes = self.undotted_schemes.iter().map(|scheme| {
            Warning(format!(
                "redirect URIs with the scheme {scheme:?} are accepted, which any program may claim \
                 (RFC 9700 section 2.1)"
            ))
        });
        let insecure = self.insecure_issuer.then(|| {
            Warning("an issuer without TLS is accepted (RFC 9700 section 2.6)".to_owned())
        });
        schemes.chain(insecure).collect()
    }
}
