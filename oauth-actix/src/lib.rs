//! Mounts an OAuth 2.0 authorization server, [`oauth_core::AuthorizationServer`], into an actix-web
//! application.
//!
//! - [`routes`] and [`well_known`]: the endpoints that answer programs
//! - [`routes_with`] and [`routes_with_extensions`]: these and the authorization and consent endpoints,
//!   for a host that is a [`ResourceOwner`](oauth_core::ResourceOwner) and writes no handler
//! - [`AuthorizationRequest`] and [`ConsentDecision`]: extractors for the host's own authorize and
//!   consent handlers
//! - [`UserToken`] and [`BearerToken`]: extractors for protected routes; [`RequireToken`] protects many at
//!   once
//!
//! The extractors take the server from `app_data`, of the application or of a scope:
//! `.app_data(server.clone())`, or the same in a [`Data`](actix_web::web::Data). Without it they answer
//! 500 and log why.
//!
//! ```
//! use actix_web::web::{Json, ServiceConfig, get, post, resource};
//! use actix_web::{App, HttpResponse};
//! use oauth_actix::{
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
//! fn html(page: String) -> HttpResponse {
//!     HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
//! }
//!
//! async fn authorize(request: AuthorizationRequest) -> Result<HttpResponse, AuthorizationError> {
//!     Ok(match request.evaluate(authentication()).await? {
//!         // The page posts `return_to` back, and the host goes there after the login.
//!         Interaction::Login(login) => {
//!             let return_to = login.return_to().replace('&', "&amp;").replace('"', "&quot;");
//!             let field = format!(r#"<input type="hidden" name="return_to" value="{return_to}">"#);
//!             html(format!(r#"<form method="post" action="/login">{field} ...</form>"#))
//!         }
//!         Interaction::Consent(prompt) => {
//!             let field = format!(r#"<input type="hidden" name="ticket" value="{}">"#, prompt.ticket());
//!             let buttons = r#"<button name="decision" value="allow">Allow</button> ..."#;
//!             html(format!(r#"<form method="post" action="{}">{field}{buttons}</form>"#, prompt.action()))
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
//! fn service(server: &AuthorizationServer) -> impl FnOnce(&mut ServiceConfig) + use<> {
//!     let server = server.clone();
//!     move |config| {
//!         config
//!             .app_data(server.clone())
//!             .service(resource(server.authorization_path()).to(authorize))
//!             .route(server.consent_path(), post().to(decide))
//!             .route("/api/profile", get().to(profile))
//!             .configure(oauth_actix::routes(&server))
//!             .configure(oauth_actix::well_known(&server));
//!     }
//! }
//!
//! # use actix_web::test::{TestRequest, call_service, init_service};
//! # use oauth_core::Client;
//! # use oauth_core::store::memory::MemoryStore;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("app")
//!     .secret("a secret made by a machine")
//!     .redirect_uri("https://app.example/callback")
//!     .scope("profile")
//!     .build()?;
//! let server = AuthorizationServer::builder("https://auth.example")
//!     .store(MemoryStore::new([client]))
//!     .scope("profile", "Read your profile")
//!     .build()?;
//! let app = init_service(App::new().configure(service(&server))).await;
//! let request = TestRequest::get().uri("/api/profile").to_request();
//! assert_eq!(call_service(&app, request).await.status(), 401);
//! let request = TestRequest::get().uri(&server.metadata_path()).to_request();
//! assert_eq!(call_service(&app, request).await.status(), 200);
//! let request = TestRequest::get().uri(
//!     "/authorize?response_type=code&client_id=app&code_challenge_method=S256\
//!      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
//! );
//! assert_eq!(call_service(&app, request.to_request()).await.status(), 200);
//! # Ok(())
//! # }
//! ```

mod app_data;
mod authorization;
mod bearer;
mod body;
pub mod guide;
mod headers;
mod middleware;
mod routes;

pub use authorization::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
};
pub use bearer::{BearerError, BearerToken, UserToken};
pub use middleware::{RequireToken, TokenRequired};
pub use routes::{
    protected_resource_metadata, routes, routes_with, routes_with_extensions, well_known,
};
