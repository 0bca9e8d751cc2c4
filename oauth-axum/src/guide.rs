//! Embedding step by step: an app that signs its users in with
//! [axum-login](https://docs.rs/axum-login).
//!
//! You have an axum app with users, a login page and sessions. Other applications are to act for your
//! users. OAuth calls your app the *authorization server*, because it asks the user and hands out
//! tokens, and such an application a *client*. The core's
//! [`guide::embedding`](oauth_core::guide::embedding) tells the whole way of a request; this page shows
//! the code. What it names in its steps is marked with the same numbers in the program below, which is
//! compiled and run as a test of this crate.
//!
//! # 1. Say who is signed in
//!
//! The framework wants an [`Authentication`](oauth_core::Authentication): the user's identifier, a value
//! that identifies the session, and the moment of the login. axum-login knows the first, the session
//! below it has an `id()`, and the moment is a value that you keep in the session at login. Without the
//! moment everything works but requests that demand a fresh login (`prompt=login`, `max_age`).
//!
//! Two things about the session cookie:
//!
//! - It must be `SameSite=Lax`. The sessions of axum-login make it `Strict` unless told otherwise. A
//!   browser does not send a `Strict` cookie when another site sends the user here, and that is how every
//!   authorization begins: the user would have to sign in each time.
//! - Its key `id` changes at login, so that nobody can prepare a session for somebody else. axum-login
//!   does that when a user signs in who was signed out before.
//!
//! # 2. Describe the server
//!
//! The *issuer* is the URL that clients know your app by; get it right at the beginning, because clients
//! keep it. A *scope* is a word for what a token may be used for, with a sentence for the consent page.
//!
//! # 3. The authorize handler
//!
//! A client sends the user's browser to this route. The three answers of
//! [`evaluate`](crate::AuthorizationRequest::evaluate) are all there are. Mount it for GET and POST. Do
//! not put `login_required!` around it: the framework has to see requests of people who are not signed
//! in, to refuse the wrong ones and to keep the right ones across the login.
//!
//! # 4. The way through the login page
//!
//! The login page carries `return_to` in its form and goes there after the login. It may have come back
//! from anybody's browser, so it is checked with
//! [`is_return_url`](oauth_core::AuthorizationServer::is_return_url). Show the login form to somebody
//! who is signed in, too, if the framework asks for a login; it does so when the client demands a fresh
//! one.
//!
//! # 5. The consent page and its answer
//!
//! The page shows who asks for what, and posts the `ticket` and the `decision`. The ticket is good for
//! one decision by this user in this session, so the route needs no other protection against forged
//! requests; a middleware that demands a token of its own in each form would have to find it here, too.
//!
//! Names of clients come from whoever registered them. Escape them, as any template engine does.
//!
//! # 6. Protected routes
//!
//! [`UserToken`](crate::UserToken) is the extractor for routes that clients call with an *access token*.
//! It has nothing to do with the session: such requests carry no cookie.
//!
//! # 7. Routes
//!
//! [`routes`](crate::routes) is the token endpoint, which clients call themselves.
//! [`well_known`](crate::well_known) is the document that tells clients where everything is. The layer of
//! axum-login may stand around all of it. A layer that checks forms against forgery must leave out
//! `/authorize`, `/consent` and `/token`.
//!
//! # The program
//!
//! ```
//! use std::convert::Infallible;
//! use std::sync::Arc;
//!
//! use axum::extract::{FromRef, State};
//! use axum::http::{StatusCode, header};
//! use axum::response::{Html, IntoResponse, Redirect, Response};
//! use axum::routing::{get, post};
//! use axum::{Form, Json, Router};
//! use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
//! use oauth_axum::{
//!     AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
//!     UserToken,
//! };
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{
//!     Authentication, AuthorizationServer, Client, ConsentPrompt, RequiredScope, UserId,
//! };
//! # use oauth_core::TokenEndpointAuthMethod;
//! use serde::Deserialize;
//! use time::OffsetDateTime;
//! use tower_sessions::cookie::SameSite;
//! use tower_sessions::{MemoryStore as SessionStore, SessionManagerLayer};
//!
//! // The app as it was: users, and a backend for axum-login. A real one hashes passwords.
//!
//! #[derive(Clone, Debug)]
//! struct User {
//!     id: i64,
//!     name: String,
//!     password: String,
//! }
//!
//! impl AuthUser for User {
//!     type Id = i64;
//!
//!     fn id(&self) -> i64 {
//!         self.id
//!     }
//!
//!     fn session_auth_hash(&self) -> &[u8] {
//!         self.password.as_bytes()
//!     }
//! }
//!
//! #[derive(Clone, Deserialize)]
//! struct SignIn {
//!     username: String,
//!     password: String,
//!     return_to: String,
//! }
//!
//! #[derive(Clone)]
//! struct Users(Arc<Vec<User>>);
//!
//! impl AuthnBackend for Users {
//!     type User = User;
//!     type Credentials = SignIn;
//!     type Error = Infallible;
//!
//!     async fn authenticate(&self, form: SignIn) -> Result<Option<User>, Infallible> {
//!         let right = |user: &&User| user.name == form.username && user.password == form.password;
//!         Ok(self.0.iter().find(right).cloned())
//!     }
//!
//!     async fn get_user(&self, id: &i64) -> Result<Option<User>, Infallible> {
//!         Ok(self.0.iter().find(|user| user.id == *id).cloned())
//!     }
//! }
//!
//! type Session = AuthSession<Users>;
//!
//! #[derive(Clone)]
//! struct App {
//!     server: AuthorizationServer,
//! }
//!
//! // 1. Who is signed in.
//!
//! const SIGNED_IN_AT: &str = "signed_in_at";
//!
//! async fn authentication(session: &Session) -> Option<Authentication> {
//!     let user = session.user.as_ref()?;
//!     let id = session.session.id()?.to_string();
//!     let at: i64 = session.session.get(SIGNED_IN_AT).await.ok()??;
//!     let at = OffsetDateTime::from_unix_timestamp(at).ok()?;
//!     Some(Authentication::new(UserId::new(user.id.to_string()), id).auth_time(at))
//! }
//!
//! // 2. The server, and how the extractors find it.
//!
//! fn server(clients: Vec<Client>) -> Result<AuthorizationServer, oauth_core::BuildError> {
//!     AuthorizationServer::builder("https://app.example")
//!         .store(MemoryStore::new(clients))
//!         .scope("profile", "Read your name")
//!         .build()
//! }
//!
//! impl FromRef<App> for AuthorizationServer {
//!     fn from_ref(app: &App) -> Self {
//!         app.server.clone()
//!     }
//! }
//!
//! // 3. Where clients send the browser.
//!
//! async fn authorize(
//!     session: Session,
//!     request: AuthorizationRequest,
//! ) -> Result<Response, AuthorizationError> {
//!     Ok(match request.evaluate(authentication(&session).await).await? {
//!         Interaction::Login(login) => login_page(login.return_to()),
//!         Interaction::Consent(prompt) => consent_page(&prompt),
//!         Interaction::Done(response) => response.into_response(),
//!     })
//! }
//!
//! // 4. The login page of the app, which now carries the place to return to.
//!
//! fn login_page(return_to: &str) -> Response {
//!     page(format!(
//!         "<form method=post action=/login><input name=username><input name=password type=password>\
//!          <input type=hidden name=return_to value=\"{}\"><button>Sign in</button></form>",
//!         escape(return_to)
//!     ))
//! }
//!
//! async fn sign_in(
//!     State(app): State<App>,
//!     mut session: Session,
//!     Form(form): Form<SignIn>,
//! ) -> Result<Response, StatusCode> {
//!     let Ok(Some(user)) = session.authenticate(form.clone()).await else {
//!         return Ok((StatusCode::UNAUTHORIZED, login_page(&form.return_to)).into_response());
//!     };
//!     let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
//!     session.login(&user).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
//!     let now = OffsetDateTime::now_utc().unix_timestamp();
//!     session.session.insert(SIGNED_IN_AT, now).await.map_err(failed)?;
//!     let known = app.server.is_return_url(&form.return_to);
//!     Ok(Redirect::to(if known { &form.return_to } else { "/" }).into_response())
//! }
//!
//! // 5. The consent page, and its answer.
//!
//! fn consent_page(prompt: &ConsentPrompt) -> Response {
//!     let scopes = prompt.scopes().iter();
//!     let scopes: String = scopes.map(|it| format!("<li>{}", escape(it.description()))).collect();
//!     let apis = prompt.resources().iter();
//!     let apis: String = apis.map(|it| format!("<li>Only at {}", escape(it.as_str()))).collect();
//!     page(format!(
//!         "<p>{} at {} asks to:<ul>{scopes}{apis}</ul><form method=post action=/consent>\
//!          <input type=hidden name=ticket value=\"{}\"><button name=decision value=allow>Allow</button>\
//!          <button name=decision value=deny>Do not allow</button></form>",
//!         escape(prompt.client_name()),
//!         escape(prompt.redirect_host()),
//!         prompt.ticket()
//!     ))
//! }
//!
//! async fn decide(
//!     session: Session,
//!     decision: ConsentDecision,
//! ) -> Result<AuthorizationResponse, AuthorizationError> {
//!     decision.by(authentication(&session).await).await
//! }
//!
//! // 6. A route for clients.
//!
//! struct Profile;
//!
//! impl RequiredScope for Profile {
//!     const SCOPE: &'static str = "profile";
//! }
//!
//! async fn profile(user: UserToken<Profile>) -> Json<String> {
//!     Json(user.subject().to_string())
//! }
//!
//! // 7. All of it.
//!
//! fn app(users: Vec<User>, server: AuthorizationServer) -> Router {
//!     let sessions = SessionManagerLayer::new(SessionStore::default()).with_same_site(SameSite::Lax);
//!     let signed_in = AuthManagerLayerBuilder::new(Users(Arc::new(users)), sessions).build();
//!     Router::new()
//!         .route("/login", post(sign_in))
//!         .route("/authorize", get(authorize).post(authorize))
//!         .route("/consent", post(decide))
//!         .route("/api/profile", get(profile))
//!         .merge(oauth_axum::routes(&server))
//!         .merge(oauth_axum::well_known(&server))
//!         .layer(signed_in)
//!         .with_state(App { server })
//! }
//!
//! // Nobody may put these pages into a frame, keep them, or learn their address.
//!
//! fn page(html: String) -> Response {
//!     let headers = [
//!         (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
//!         (header::CACHE_CONTROL, "no-store"),
//!         (header::REFERRER_POLICY, "same-origin"),
//!     ];
//!     (headers, Html(html)).into_response()
//! }
//!
//! fn escape(text: &str) -> String {
//!     text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
//! }
//! # use axum::body::{Body, to_bytes};
//! # use axum::http::Request;
//! # use tower::ServiceExt;
//! #
//! # async fn send(app: &Router, request: Request<Body>) -> (StatusCode, header::HeaderMap, String) {
//! #     let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
//! #     let body = to_bytes(body, usize::MAX).await.unwrap();
//! #     (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
//! # }
//! #
//! # fn get_with(url: &str, name: header::HeaderName, value: &str) -> Request<Body> {
//! #     Request::get(url).header(name, value).body(Body::empty()).unwrap()
//! # }
//! #
//! # fn form(url: &str, cookie: &str, body: String) -> Request<Body> {
//! #     Request::post(url)
//! #         .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
//! #         .header(header::COOKIE, cookie)
//! #         .body(Body::from(body))
//! #         .unwrap()
//! # }
//! #
//! # fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
//! #     text.split_once(before).unwrap().1.split_once(after).unwrap().0
//! # }
//! #
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = Client::builder("printer")
//! #     .secret("a secret made by a machine")
//! #     .token_endpoint_auth_method(TokenEndpointAuthMethod::CLIENT_SECRET_POST)
//! #     .redirect_uri("https://printer.example/callback")
//! #     .scope("profile")
//! #     .build()?;
//! # let alice = User { id: 7, name: "alice".into(), password: "wonderland".into() };
//! # let app = app(vec![alice], server(vec![client])?);
//! # let authorize = "/authorize?response_type=code&client_id=printer&state=x\
//! #     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
//! # let (status, _, login) = send(&app, get_with(authorize, header::COOKIE, "a=b")).await;
//! # assert_eq!(status, 200);
//! # let return_to = between(&login, "name=return_to value=\"", "\"");
//! # assert_eq!(return_to, authorize.replace('&', "&amp;"));
//! # let place = authorize.replace('&', "%26");
//! # let wrong = format!("username=alice&password=x&return_to={place}");
//! # assert_eq!(send(&app, form("/login", "a=b", wrong)).await.0, 401);
//! # let right = format!("username=alice&password=wonderland&return_to={place}");
//! # let (status, headers, _) = send(&app, form("/login", "a=b", right)).await;
//! # assert_eq!((status.as_u16(), headers[header::LOCATION].to_str()?), (303, authorize));
//! # let cookie = headers[header::SET_COOKIE].to_str()?.to_owned();
//! # assert!(cookie.contains("SameSite=Lax"), "{cookie}");
//! # let cookie = cookie.split_once(';').unwrap().0;
//! # let (status, _, consent) = send(&app, get_with(authorize, header::COOKIE, cookie)).await;
//! # assert_eq!(status, 200);
//! # assert!(consent.contains("Read your name"), "{consent}");
//! # let ticket = between(&consent, "name=ticket value=\"", "\"");
//! # let allow = format!("decision=allow&ticket={ticket}");
//! # let (status, headers, _) = send(&app, form("/consent", cookie, allow)).await;
//! # assert_eq!(status, 303);
//! # let location = headers[header::LOCATION].to_str()?;
//! # let code = between(location, "https://printer.example/callback?code=", "&");
//! # let redeem = format!(
//! #     "grant_type=authorization_code&code={code}&client_id=printer&client_secret=\
//! #      a+secret+made+by+a+machine&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
//! # );
//! # let (status, _, tokens) = send(&app, form("/token", "a=b", redeem)).await;
//! # assert_eq!(status, 200, "{tokens}");
//! # let bearer = format!("Bearer {}", between(&tokens, "\"access_token\":\"", "\""));
//! # let (status, _, me) = send(&app, get_with("/api/profile", header::AUTHORIZATION, &bearer)).await;
//! # assert_eq!((status.as_u16(), me.as_str()), (200, "\"7\""));
//! # Ok(())
//! # }
//! ```
//!
//! What comes next: a store that outlives the process
//! ([`guide::writing_a_store`](oauth_core::guide::writing_a_store)), an account page
//! ([`connected_applications`](oauth_core::AuthorizationServer::connected_applications),
//! [`disconnect`](oauth_core::AuthorizationServer::disconnect),
//! [`connected_grants`](oauth_core::AuthorizationServer::connected_grants),
//! [`end_grant`](oauth_core::AuthorizationServer::end_grant)), the list of
//! [`guide::threats`](oauth_core::guide::threats) that are left to you,
//! [`guide::deployment`](oauth_core::guide::deployment) and [`guide::operations`](oauth_core::guide::operations).
