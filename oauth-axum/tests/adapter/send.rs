//! Handlers run on any thread, so the futures behind them must be able to move. This is a matter of
//! compiling; nothing is polled.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::handler::Handler;
use http::request::Parts;
use oauth_axum::{AuthorizationRequest, BearerToken, ConsentDecision, UserToken};
use oauth_core::{Authentication, AuthorizationServer, Requirement, ResourceServer};

use crate::host::{App, Profile, authorize, decide, profile};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_send_sync<T: Send + Sync>() {}

#[allow(dead_code)]
fn extractors(request: Request, other: Request, parts: &mut Parts, server: &AuthorizationServer) {
    drop(is_send(AuthorizationRequest::from_request(request, server)));
    drop(is_send(ConsentDecision::from_request(other, server)));
    drop(is_send(UserToken::<Profile>::from_request_parts(
        parts, server,
    )));
    drop(is_send(BearerToken::<Profile>::from_request_parts(
        parts, server,
    )));
}

#[allow(dead_code)]
fn verbs(request: AuthorizationRequest, decision: ConsentDecision, user: Option<Authentication>) {
    drop(is_send(request.evaluate(user.clone())));
    drop(is_send(decision.by(user)));
}

#[allow(dead_code)]
fn core(server: &AuthorizationServer, request: &http::Request<axum::body::Bytes>, parts: &Parts) {
    drop(is_send(server.authorize(request)));
    drop(is_send(server.interact(request, None)));
    drop(is_send(server.decide(request, None)));
    drop(is_send(server.token(request)));
    drop(is_send(server.authenticate(parts, &Requirement::scope(""))));
}

fn is_handler<T, S, H: Handler<T, S>>(_handler: H) {}

#[test]
fn the_documented_handlers_are_handlers() {
    is_handler::<_, App, _>(authorize);
    is_handler::<_, App, _>(decide);
    is_handler::<_, App, _>(profile);
    is_send_sync::<AuthorizationServer>();
    is_send_sync::<UserToken<Profile>>();
    is_send_sync::<BearerToken>();
}
