//! `routes_with` in an application with a layer and a fallback of its own.

use axum::Router;
use axum::body::Bytes;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::map_request;
use http::Response;
use tower::ServiceExt;

#[path = "../../../tests/resource_owner/mod.rs"]
mod expectation;

use expectation::{NOT_FOUND, Owner, SignedIn, USER, server};

/// As a session layer would, before the endpoints are reached.
async fn sign_in(mut request: Request) -> Request {
    if let Some(user) = request.headers().get(USER) {
        let user = SignedIn(user.to_str().unwrap().to_owned());
        request.extensions_mut().insert(user);
    }
    request
}

/// The application with the server below a path, as a browser meets it.
fn host(base: &str) -> impl AsyncFn(http::Request<Bytes>) -> Response<Bytes> {
    let endpoints = oauth_axum::routes_with(&server(base), Owner::new());
    let endpoints = match base {
        "" => endpoints,
        base => Router::new().nest(base, endpoints),
    };
    let app = Router::new().fallback(async || NOT_FOUND);
    let app = app.merge(endpoints).layer(map_request(sign_in));
    async move |request| {
        let answer = app.clone().oneshot(request.map(Body::from)).await.unwrap();
        let (parts, body) = answer.into_parts();
        Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap())
    }
}

#[tokio::test]
async fn from_the_link_to_the_token() {
    for base in ["", "/tenant"] {
        expectation::whole_way(host(base), base).await;
    }
}

#[tokio::test]
async fn methods() {
    for base in ["", "/tenant"] {
        expectation::methods(host(base), base).await;
    }
}

#[tokio::test]
async fn refusals() {
    for base in ["", "/tenant"] {
        expectation::refusals(host(base), base).await;
    }
}
