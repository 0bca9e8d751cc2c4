use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use bytes::Bytes;
use oauth_core::{AuthorizationServer, ProtectedResource, ResourceOwner};

use crate::body::{read, response};

/// The endpoints that answer programs, at the paths of the server's
/// [`Paths`](oauth_core::Paths): token, revocation and introspection endpoint.
///
/// A server whose issuer has a path is nested there: `Router::new().nest("/tenant", routes(&server))`.
/// The router has no fallback, so it merges with a host that has its own.
pub fn routes<S: Clone + Send + Sync + 'static>(server: &AuthorizationServer) -> Router<S> {
    let mut router = Router::new();
    for endpoint in server.program_endpoints() {
        let serving = server.clone();
        let answer = async move |request: Request| {
            let request = read(request).await;
            response(serving.program_endpoint(endpoint, &request).await)
        };
        router = router.route(server.program_endpoint_path(endpoint), any(answer));
    }
    router
}

/// The authorization endpoint, the consent endpoint and those of [`routes`], for a host that writes no
/// handler: `owner` says who is signed in, where one signs in and how the question looks.
///
/// The owner sees axum's own parts of each request, so what a layer of the host has put into the
/// extensions (a session, for example) is there. Such a layer goes around this router or around the
/// whole application.
pub fn routes_with<S: Clone + Send + Sync + 'static>(
    server: &AuthorizationServer,
    owner: impl ResourceOwner,
) -> Router<S> {
    let owner = Arc::new(owner);
    let (authorization, authorizing) = (server.clone(), owner.clone());
    let authorize = async move |request: Request| {
        let request = read(request).await;
        response(
            authorization
                .authorization_endpoint(&*authorizing, request)
                .await,
        )
    };
    let consent = server.clone();
    let decide = async move |request: Request| {
        let request = read(request).await;
        response(consent.consent_endpoint(&*owner, request).await)
    };
    routes(server)
        .route(server.authorization_path(), any(authorize))
        .route(server.consent_path(), any(decide))
}

/// The documents below `/.well-known`: the metadata of the server (RFC 8414) and of the API beside it (RFC
/// 9728). Merged at the root of the host, also
/// when the issuer has a path.
pub fn well_known<S: Clone + Send + Sync + 'static>(server: &AuthorizationServer) -> Router<S> {
    let metadata = server.clone();
    let answer =
        async move |request: Request| response(metadata.metadata(&request.map(|_| Bytes::new())));
    let router = Router::new().route(&server.metadata_path(), any(answer));
    let Some(path) = server.protected_resource_metadata_path() else {
        return router;
    };
    let metadata = server.clone();
    let answer = async move |request: Request| {
        response(metadata.protected_resource_metadata(&request.map(|_| Bytes::new())))
    };
    router.route(path, any(answer))
}

/// The metadata of an API in its own process (RFC 9728). Merged at the root of the host, also when the
/// resource's identifier has a path.
pub fn protected_resource_metadata<S: Clone + Send + Sync + 'static>(
    resource: &ProtectedResource,
) -> Router<S> {
    let metadata = resource.clone();
    let answer =
        async move |request: Request| response(metadata.metadata(&request.map(|_| Bytes::new())));
    Router::new().route(resource.metadata_path(), any(answer))
}
