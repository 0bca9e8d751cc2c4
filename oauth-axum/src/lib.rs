//! Mounts an OAuth 2.0 authorization server, [`oauth_core::AuthorizationServer`], into an axum
//! application.
//!
//! - [`routes`] and [`well_known`]: the endpoints that answer programs
//! - [`AuthorizationRequest`] and [`ConsentDecision`]: extractors for the host's own authorize and
//!   consent handlers
//! - [`UserToken`] and [`BearerToken`]: extractors for protected routes
//!
//! The extractors take the server from the state of the host's router: implement
//! [`FromRef`](axum::extract::FromRef) for it, or let the server be the state.
//!
//! ```
//! use axum::response::{Html, IntoResponse, Redirect, Response};
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
//!     Some(Authentication::new(UserId::new("alice"), "the session's identifier"))
//! }
//!
//! async fn authorize(request: AuthorizationRequest) -> Result<Response, AuthorizationError> {
//!     Ok(match request.evaluate(authentication()).await? {
//!         Interaction::Login(login) => {
//!             Redirect::to(&format!("/login?{}", login.return_to().len())).into_response()
//!         }
//!         Interaction::Consent(prompt) => {
//!             Html(format!("... {} ...", prompt.ticket())).into_response()
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
//!         .route("/authorize", get(authorize).post(authorize))
//!         .route("/consent", post(decide))
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
mod routes;

pub use authorization::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
};
pub use bearer::{BearerError, BearerToken, UserToken};
pub use routes::{routes, well_known};
