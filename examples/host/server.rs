//! From the configuration to an authorization server.

use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::authorization::ErrorPage;
use oauth_core::event::MetricsSink;
use oauth_core::store::memory::MemoryClientStore;
use oauth_core::{
    AuthorizationServer, AuthorizationServerBuilder, BuildError, Client, GrantType, InvalidClient,
    Issuer, Policy, RotationKey, StoreError, SubjectStatus, TokenEndpointAuthMethod, UserId,
};

use crate::configuration::{ClientEntry, Configuration};
use crate::pages::{MessagePage, Page};
use crate::throttling::Throttling;
use crate::users::Users;

/// Why the server cannot be made; the first line of the text names the option or key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The issuer is not one.
    #[error("--issuer: {0}")]
    Issuer(#[from] oauth_core::InvalidIssuer),
    /// The store of this kind cannot be used.
    #[error("--store: {0} cannot be used: {1}")]
    Store(&'static str, String),
    /// Clients of the file are not possible.
    #[error("{}", lines(.0))]
    Clients(Vec<(usize, InvalidClient)>),
    /// Another setting is not possible.
    #[error("the configuration is refused: {0}")]
    Build(#[from] BuildError),
}

fn lines(problems: &[(usize, InvalidClient)]) -> String {
    let lines = problems
        .iter()
        .map(|(at, problem)| format!("clients[{at}]: {problem}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Makes the authorization server. `issuer` is where it can be reached; `set_stores` is given the clients
/// of the file.
///
/// # Errors
///
/// [`ServerError`] for whatever the framework refuses.
pub(crate) fn authorization_server(
    set_stores: &impl Fn(
        AuthorizationServerBuilder,
        Arc<MemoryClientStore>,
    ) -> AuthorizationServerBuilder,
    configuration: &Configuration,
    users: &Arc<Users>,
    issuer: &str,
    throttling: Option<&Throttling>,
) -> Result<AuthorizationServer, ServerError> {
    let base = Issuer::parse(issuer)?.path().to_owned();
    let mut clients = Vec::new();
    let mut problems = Vec::new();
    for (at, entry) in configuration.clients.iter().enumerate() {
        match client(entry) {
            Ok(client) => clients.push(client),
            Err(problem) => problems.push((at, problem)),
        }
    }
    if !problems.is_empty() {
        return Err(ServerError::Clients(problems));
    }
    let lifetimes = &configuration.lifetimes;
    let policy = Policy::default()
        .authorization_code(lifetimes.authorization_code)
        .access_token(lifetimes.access_token)
        .refresh_token(lifetimes.refresh_token)
        .refresh_retry_window(lifetimes.refresh_retry_window)
        .parked_request(lifetimes.parked_request);
    let rotation_key = configuration.policy.rotation_key.as_ref();
    let clients = Arc::new(MemoryClientStore::new(clients));
    let mut builder = set_stores(AuthorizationServer::builder(issuer), clients)
        .policy(policy)
        .rotation_keys(rotation_key.map(|key| RotationKey::new(*key.as_bytes())))
        .subject_status(Arc::new(KnownUsers(users.clone())))
        .protected_resource(format!("{}/api", issuer.trim_end_matches('/')))
        .event_sink(MetricsSink::with_kept_counters())
        .error_page(move |page| error_page(&base, page));
    // Who serves a resource is known here, so clients may ask for tokens for it.
    for entry in configuration.clients.iter().filter(|it| it.introspect) {
        for resource in &entry.resources {
            builder = builder.resource(resource);
        }
    }
    if let Some(throttling) = throttling {
        builder = builder.throttle(throttling.clone());
    }
    for scope in &configuration.scopes {
        builder = builder.scope(&scope.name, &scope.description);
    }
    Ok(builder.build()?)
}

fn client(entry: &ClientEntry) -> Result<Client, InvalidClient> {
    let method = entry.token_endpoint_auth_method.as_str();
    let mut builder = Client::builder(&entry.client_id)
        .name(&entry.client_name)
        .token_endpoint_auth_method(TokenEndpointAuthMethod::new(method))
        .grant_types(entry.grant_types.iter().cloned().map(GrantType::new))
        .scope(&entry.scope)
        .first_party(entry.first_party);
    if entry.introspect {
        builder = builder.serves(&entry.resources);
    }
    if let Some(secret) = &entry.client_secret {
        builder = builder.secret(secret.expose());
    }
    for uri in &entry.redirect_uris {
        builder = builder.redirect_uri(uri);
    }
    builder.build()
}

/// The page of a human who came with a request that no client may be told about.
fn error_page(base: &str, page: &ErrorPage<'_>) -> String {
    let message = format!(
        "Go back to the app you came from and try again. The reason: {}.",
        page.message()
    );
    MessagePage::new(base, "This request cannot go on", &message)
        .with_detail(page.code().as_str())
        .html()
}

/// Users who are no longer in the file are no longer acted for.
struct KnownUsers(Arc<Users>);

#[async_trait]
impl SubjectStatus for KnownUsers {
    async fn is_active(&self, user: &UserId) -> Result<bool, StoreError> {
        Ok(self.0.contains(user.as_str()))
    }
}
