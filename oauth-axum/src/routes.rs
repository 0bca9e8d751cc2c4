use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use oauth_core::AuthorizationServer;

use crate::body::{read, response};

/// The endpoints that answer programs, at the paths of the server's
/// [`Paths`](oauth_core::Paths): the token endpoint.
///
/// A server whose issuer has a path is nested there: `Router::new().nest("/tenant", routes(&server))`.
/// The router has no fallback, so it merges with a host that has its own.
pub fn routes<S: Clone + Send + Sync + 'static>(server: &AuthorizationServer) -> Router<S> {
    let token = server.clone();
    Router::new().route(
        server.token_path(),
        any(async move |request: Request| response(token.token(&read(request).await).await)),
    )
}

/// The documents below `/.well-known`: the metadata (RFC 8414). Merged at the root of the host, also
/// when the issuer has a path.
pub fn well_known<S: Clone + Send + Sync + 'static>(server: &AuthorizationServer) -> Router<S> {
    let metadata = server.clone();
    Router::new().route(
        &server.metadata_path(),
        any(async move |request: Request| {
            response(metadata.metadata(&request.map(|_| bytes::Bytes::new())))
        }),
    )
}
