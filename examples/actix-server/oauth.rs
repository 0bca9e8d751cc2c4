//! The authorization server's place in this service: its routes and handlers.

use actix_web::HttpResponse;
use actix_web::web::{Json, ServiceConfig, post, resource};
use host::profile::Me;
use oauth_actix::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
    UserToken,
};
use oauth_core::{AuthorizationServer, RequiredScope};

use crate::app::get;
use crate::session::Visitor;

pub(crate) struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

pub(crate) fn routes(config: &mut ServiceConfig, server: &AuthorizationServer) {
    config
        .app_data(server.clone())
        .service(resource("/api/profile").route(get().to(profile)))
        .configure(oauth_actix::routes(server));
}

/// Where people come, with a session.
pub(crate) fn pages(config: &mut ServiceConfig, server: &AuthorizationServer) {
    config
        .service(resource(server.authorization_path()).to(authorize))
        .service(resource(server.consent_path()).route(post().to(decide)));
}

async fn authorize(
    visitor: Visitor,
    request: AuthorizationRequest,
) -> Result<HttpResponse, AuthorizationError> {
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
