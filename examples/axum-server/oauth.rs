//! The authorization server's place in this service: its routes and handlers.

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use host::profile::Me;
use oauth_axum::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
    UserToken,
};
use oauth_core::{AuthorizationServer, RequiredScope};

use crate::app::App;
use crate::session::Visitor;

pub(crate) struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

pub(crate) fn routes(server: &AuthorizationServer) -> Router<App> {
    Router::new()
        .route(server.authorization_path(), get(authorize).post(authorize))
        .route("/consent", post(decide))
        .route("/api/profile", get(profile))
        .merge(oauth_axum::routes(server))
}

async fn authorize(
    visitor: Visitor,
    request: AuthorizationRequest,
) -> Result<Response, AuthorizationError> {
    Ok(match request.evaluate(visitor.authentication()).await? {
        Interaction::Login(login) => visitor.login_page(&login),
        Interaction::Consent(prompt) => visitor.consent_page(&prompt),
        Interaction::Done(response) => response.into_response(),
    })
}

async fn decide(
    visitor: Visitor,
    decision: ConsentDecision,
) -> Result<AuthorizationResponse, AuthorizationError> {
    decision.by(visitor.authentication()).await
}

async fn profile(user: UserToken<Profile>) -> Json<Me> {
    Json(Me::of(user.subject()))
}
