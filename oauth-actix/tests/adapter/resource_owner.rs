//! `routes_with_extensions` in an application with middleware and a default service of its own.

use actix_web::dev::{Service, ServiceRequest};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::{Bytes, ServiceConfig, scope, to};
use actix_web::{App, HttpMessage, HttpRequest};
use http::{Extensions, Request, Response};

#[path = "../../../tests/resource_owner/mod.rs"]
mod expectation;

use expectation::{NOT_FOUND, Owner, SignedIn, USER, server};

/// As a session middleware would, before the endpoints are reached.
fn sign_in(request: &ServiceRequest) {
    if let Some(user) = request.headers().get(USER) {
        let user = SignedIn(user.to_str().unwrap().to_owned());
        request.extensions_mut().insert(user);
    }
}

/// Hands over what that middleware has found out.
fn extend(request: &HttpRequest, extensions: &mut Extensions) {
    if let Some(user) = request.extensions().get::<SignedIn>() {
        extensions.insert(user.clone());
    }
}

/// The application with the server below a path, as a browser meets it.
async fn host(base: &'static str) -> impl AsyncFn(Request<Bytes>) -> Response<Bytes> {
    let endpoints = oauth_actix::routes_with_extensions(&server(base), Owner::new(), extend);
    let below = move |config: &mut ServiceConfig| {
        match base {
            "" => config.configure(endpoints),
            base => config.service(scope(base).configure(endpoints)),
        };
    };
    let app = App::new()
        .wrap_fn(|request, next| {
            sign_in(&request);
            next.call(request)
        })
        .default_service(to(async || NOT_FOUND))
        .configure(below);
    let app = init_service(app).await;
    async move |request| {
        let (parts, body) = request.into_parts();
        let method = Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
        let mut sent = TestRequest::with_uri(&parts.uri.to_string()).method(method);
        for (name, value) in &parts.headers {
            sent = sent.append_header((name.as_str(), value.as_bytes()));
        }
        let answer = app.call(sent.set_payload(body).to_request()).await.unwrap();
        let mut received = Response::builder().status(answer.status().as_u16());
        for (name, value) in answer.headers() {
            received = received.header(name.as_str(), value.as_bytes());
        }
        received.body(read_body(answer).await).unwrap()
    }
}

#[tokio::test]
async fn from_the_link_to_the_token() {
    for base in ["", "/tenant"] {
        expectation::whole_way(host(base).await, base).await;
    }
}

#[tokio::test]
async fn methods() {
    for base in ["", "/tenant"] {
        expectation::methods(host(base).await, base).await;
    }
}

#[tokio::test]
async fn refusals() {
    for base in ["", "/tenant"] {
        expectation::refusals(host(base).await, base).await;
    }
}

#[test]
fn what_is_mounted_goes_to_every_worker() {
    fn goes_anywhere(_: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static) {}
    let server = server("");
    goes_anywhere(oauth_actix::routes(&server));
    goes_anywhere(oauth_actix::well_known(&server));
    goes_anywhere(oauth_actix::routes_with(&server, Owner::new()));
    goes_anywhere(oauth_actix::routes_with_extensions(
        &server,
        Owner::new(),
        extend,
    ));
}
