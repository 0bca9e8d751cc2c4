//! Mounts an OAuth 2.0 authorization server, [`oauth_core::AuthorizationServer`], into an axum
//! application.
//!
//! - [`routes`] and [`well_known`]: the endpoints that answer programs
//! - [`routes_with`]: these and the authorization and consent endpoints, for a host that is a
//!   [`ResourceOwner`](oauth_core::ResourceOwner) and writes no handler
//! - [`AuthorizationRequest`] and [`ConsentDecision`]: extractors for the host's own authorize and
//!   consent handlers
//! - [`UserToken`] and [`BearerToken`]: extractors for protected routes; [`RequireToken`] protects many at
//!   once
//!
//! The extractors take the server from the state of the host's router: implement
//! [`FromRef`](axum::extract::FromRef) for it, or let the server be the state.
//!
//! ```
//! use axum::response::{Html, IntoResponse, Response};
//! use axum::routing::{get, post};
//! use axum::{Json, Router};
//! use oauth_axum::{
//!     AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
//!     UserToken,
//! };
//! use oauth_core::{Authentication, AuthorizationServer, RequiredScope, UserId};
//!
//! struct Profile;
//!
//! impl RequiredScope for Profile {
//!     const SCOPE: &'static str = "profile";
//! }
//!
//! // In place of the host's session.
//! fn authentication() -> Option<Authentication> {
//!     let signed_in_at = time::OffsetDateTime::UNIX_EPOCH;
//!     let user = UserId::new("alice");
//!     Some(Authentication::new(user, "the session's identifier").auth_time(signed_in_at))
//! }
//!
//! async fn authorize(request: AuthorizationRequest) -> Result<Response, AuthorizationError> {
//!     Ok(match request.evaluate(authentication()).await? {
//!         // The page posts `return_to` back, and the host goes there after the login.
//!         Interaction::Login(login) => {
//!             let return_to = login.return_to().replace('&', "&amp;").replace('"', "&quot;");
//!             let field = format!(r#"<input type="hidden" name="return_to" value="{return_to}">"#);
//!             Html(format!(r#"<form method="post" action="/login">{field} ...</form>"#)).into_response()
//!         }
//!         Interaction::Consent(prompt) => {
//!             let field = format!(r#"<input type="hidden" name="ticket" value="{}">"#, prompt.ticket());
//!             let buttons = r#"<button name="decision" value="allow">Allow</button> ..."#;
//!             Html(format!(r#"<form method="post" action="{}">{field}{buttons}</form>"#, prompt.action()))
//!                 .into_response()
//!         }
//!         Interaction::Done(response) => response.into_response(),
//!     })
//! }
//!
//! async fn decide(decision: ConsentDecision) -> Result<AuthorizationResponse, AuthorizationError> {
//!     decision.by(authentication()).await
//! }
//!
//! async fn profile(user: UserToken<Profile>) -> Json<String> {
//!     Json(user.subject().to_string())
//! }
//!
//! fn app(server: &AuthorizationServer) -> Router {
//!     Router::new()
//!         .route(server.authorization_path(), get(authorize).post(authorize))
//!         .route(server.consent_path(), post(decide))
//!         .route("/api/profile", get(profile))
//!         .merge(oauth_axum::routes(server))
//!         .merge(oauth_axum::well_known(server))
//!         .with_state(server.clone())
//! }
//! ```

mod authorization;
mod bearer;
mod body;
pub mod guide;
mod layer;
mod routes;

pub use authorization::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
};
pub use bearer::{BearerError, BearerToken, UserToken};
pub use layer::{RequireToken, TokenRequired};
pub use routes::{protected_resource_metadata, routes, routes_with, well_known};
