//! Embedding step by step: an app that keeps its sessions with
//! [actix-session](https://docs.rs/actix-session).
//!
//! You have an actix-web app with users, a login page and sessions. Other applications are to act for
//! your users. OAuth calls your app the *authorization server*, because it asks the user and hands out
//! tokens, and such an application a *client*. The core's
//! [`guide::embedding`](oauth_core::guide::embedding) tells the whole way of a request; this page shows
//! the code. What it names in its steps is marked with the same numbers in the program below, which is
//! compiled and run as a test of this crate.
//!
//! # 1. Say who is signed in
//!
//! The framework wants an [`Authentication`](oauth_core::Authentication): the user's identifier, a value
//! that identifies the session, and the moment of the login. actix-session does not tell the identifier
//! of a session, and with a cookie store there is none. So keep a random value of your own in the session
//! at login, beside the user and the moment. Without the moment everything works but requests that demand
//! a fresh login (`prompt=login`, `max_age`).
//!
//! Two things about the session cookie:
//!
//! - It must be `SameSite=Lax`, which is the default of actix-session. A browser does not send a `Strict`
//!   cookie when another site sends the user here, and that is how every authorization begins: the user
//!   would have to sign in each time.
//! - Call `renew()` at login, so that nobody can prepare a session for somebody else.
//!
//! # 2. Describe the server
//!
//! The *issuer* is the URL that clients know your app by; get it right at the beginning, because clients
//! keep it. A *scope* is a word for what a token may be used for, with a sentence for the consent page.
//! The extractors find the server in the `app_data`.
//!
//! # 3. The authorize handler
//!
//! A client sends the user's browser to this route. The three answers of
//! [`evaluate`](crate::AuthorizationRequest::evaluate) are all there are. Mount it for every method. Do
//! not put a middleware around it that sends people to the login page: the framework has to see requests
//! of people who are not signed in, to refuse the wrong ones and to keep the right ones across the login.
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
//! [`well_known`](crate::well_known) is the document that tells clients where everything is. The session
//! middleware may stand around all of it, and need only stand around login, `/authorize` and `/consent`: in a
//! `web::scope("")` of their own, which comes last since it takes every path. A middleware that checks forms against forgery must leave out
//! `/authorize`, `/consent` and `/token`.
//!
//! # The program
//!
//! ```
//! use actix_session::storage::CookieSessionStore;
//! use actix_session::{Session, SessionMiddleware};
//! use actix_web::cookie::{Key, SameSite};
//! use actix_web::http::header::{
//!     CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY,
//! };
//! use actix_web::web::{Data, Form, Json, ServiceConfig, get, post, resource};
//! use actix_web::{App, HttpResponse};
//! use oauth_actix::{
//!     AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
//!     UserToken,
//! };
//! use oauth_core::store::memory::MemoryStore;
//! use oauth_core::{
//!     Authentication, AuthorizationServer, Client, ConsentPrompt, Randomness, RequiredScope,
//!     SystemRandomness, UserId,
//! };
//! # use oauth_core::TokenEndpointAuthMethod;
//! use serde::{Deserialize, Serialize};
//! use time::OffsetDateTime;
//!
//! // The app as it was: users. A real one hashes passwords.
//!
//! struct Users(Vec<(i64, &'static str, &'static str)>);
//!
//! #[derive(Deserialize)]
//! struct SignIn {
//!     username: String,
//!     password: String,
//!     return_to: String,
//! }
//!
//! impl Users {
//!     fn authenticate(&self, form: &SignIn) -> Option<i64> {
//!         let right = |user: &&(i64, &str, &str)| user.1 == form.username && user.2 == form.password;
//!         self.0.iter().find(right).map(|user| user.0)
//!     }
//! }
//!
//! // 1. Who is signed in.
//!
//! const SIGNED_IN: &str = "signed_in";
//!
//! #[derive(Deserialize, Serialize)]
//! struct SignedIn {
//!     user: i64,
//!     session: [u8; 32],
//!     at: i64,
//! }
//!
//! impl SignedIn {
//!     fn now(user: i64) -> Self {
//!         let mut session = [0; 32];
//!         SystemRandomness.fill(&mut session);
//!         let at = OffsetDateTime::now_utc().unix_timestamp();
//!         Self { user, session, at }
//!     }
//! }
//!
//! fn authentication(session: &Session) -> Option<Authentication> {
//!     let signed_in: SignedIn = session.get(SIGNED_IN).ok()??;
//!     let at = OffsetDateTime::from_unix_timestamp(signed_in.at).ok()?;
//!     let user = UserId::new(signed_in.user.to_string());
//!     Some(Authentication::new(user, signed_in.session).auth_time(at))
//! }
//!
//! // 2. The server.
//!
//! fn server(clients: Vec<Client>) -> Result<AuthorizationServer, oauth_core::BuildError> {
//!     AuthorizationServer::builder("https://app.example")
//!         .store(MemoryStore::new(clients))
//!         .scope("profile", "Read your name")
//!         .build()
//! }
//!
//! // 3. Where clients send the browser.
//!
//! async fn authorize(
//!     session: Session,
//!     request: AuthorizationRequest,
//! ) -> Result<HttpResponse, AuthorizationError> {
//!     Ok(match request.evaluate(authentication(&session)).await? {
//!         Interaction::Login(login) => page(HttpResponse::Ok(), login_form(login.return_to())),
//!         Interaction::Consent(prompt) => page(HttpResponse::Ok(), consent_form(&prompt)),
//!         Interaction::Done(response) => response.into_response(),
//!     })
//! }
//!
//! // 4. The login page of the app, which now carries the place to return to.
//!
//! fn login_form(return_to: &str) -> String {
//!     format!(
//!         "<form method=post action=/login><input name=username><input name=password type=password>\
//!          <input type=hidden name=return_to value=\"{}\"><button>Sign in</button></form>",
//!         escape(return_to)
//!     )
//! }
//!
//! async fn sign_in(
//!     users: Data<Users>,
//!     server: Data<AuthorizationServer>,
//!     session: Session,
//!     form: Form<SignIn>,
//! ) -> actix_web::Result<HttpResponse> {
//!     let Some(user) = users.authenticate(&form) else {
//!         return Ok(page(HttpResponse::Unauthorized(), login_form(&form.return_to)));
//!     };
//!     session.renew();
//!     session.insert(SIGNED_IN, SignedIn::now(user))?;
//!     let known = server.is_return_url(&form.return_to);
//!     let place = if known { form.return_to.as_str() } else { "/" };
//!     Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
//! }
//!
//! // 5. The consent page, and its answer.
//!
//! fn consent_form(prompt: &ConsentPrompt) -> String {
//!     let scopes = prompt.scopes().iter();
//!     let scopes: String = scopes.map(|it| format!("<li>{}", escape(it.description()))).collect();
//!     let apis = prompt.resources().iter();
//!     let apis: String = apis.map(|it| format!("<li>Only at {}", escape(it.as_str()))).collect();
//!     format!(
//!         "<p>{} at {} asks to:<ul>{scopes}{apis}</ul><form method=post action=/consent>\
//!          <input type=hidden name=ticket value=\"{}\"><button name=decision value=allow>Allow</button>\
//!          <button name=decision value=deny>Do not allow</button></form>",
//!         escape(prompt.client_name()),
//!         escape(prompt.redirect_host()),
//!         prompt.ticket()
//!     )
//! }
//!
//! async fn decide(
//!     session: Session,
//!     decision: ConsentDecision,
//! ) -> Result<AuthorizationResponse, AuthorizationError> {
//!     decision.by(authentication(&session)).await
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
//! fn routes(users: Users, server: &AuthorizationServer) -> impl FnOnce(&mut ServiceConfig) + use<> {
//!     let (users, server) = (Data::new(users), server.clone());
//!     move |config| {
//!         config
//!             .app_data(users)
//!             .app_data(Data::new(server.clone()))
//!             .route("/login", post().to(sign_in))
//!             .service(resource("/authorize").to(authorize))
//!             .route("/consent", post().to(decide))
//!             .route("/api/profile", get().to(profile))
//!             .configure(oauth_actix::routes(&server))
//!             .configure(oauth_actix::well_known(&server));
//!     }
//! }
//!
//! fn sessions(key: Key) -> SessionMiddleware<CookieSessionStore> {
//!     SessionMiddleware::builder(CookieSessionStore::default(), key)
//!         .cookie_same_site(SameSite::Lax)
//!         .build()
//! }
//!
//! // Nobody may put these pages into a frame, keep them, or learn their address.
//!
//! fn page(mut response: actix_web::HttpResponseBuilder, html: String) -> HttpResponse {
//!     response
//!         .insert_header((CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
//!         .insert_header((CACHE_CONTROL, "no-store"))
//!         .insert_header((REFERRER_POLICY, "same-origin"))
//!         .content_type("text/html; charset=utf-8")
//!         .body(html)
//! }
//!
//! fn escape(text: &str) -> String {
//!     text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
//! }
//! # use actix_web::dev::ServiceResponse;
//! # use actix_web::http::header::{AUTHORIZATION, COOKIE};
//! # use actix_web::test::{TestRequest, call_service, init_service, read_body};
//! #
//! # async fn text(response: ServiceResponse) -> String {
//! #     String::from_utf8(read_body(response).await.to_vec()).unwrap()
//! # }
//! #
//! # fn header(response: &ServiceResponse, name: &str) -> String {
//! #     response.headers().get(name).unwrap().to_str().unwrap().to_owned()
//! # }
//! #
//! # fn form(url: &str, cookie: &str, body: String) -> TestRequest {
//! #     TestRequest::post()
//! #         .uri(url)
//! #         .insert_header(("content-type", "application/x-www-form-urlencoded"))
//! #         .insert_header((COOKIE, cookie))
//! #         .set_payload(body)
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
//! # let users = Users(vec![(7, "alice", "wonderland")]);
//! # let server = server(vec![client])?;
//! # let app = App::new().wrap(sessions(Key::generate())).configure(routes(users, &server));
//! # let app = init_service(app).await;
//! # let authorize = "/authorize?response_type=code&client_id=printer&state=x\
//! #     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
//! # let request = TestRequest::get().uri(authorize).to_request();
//! # let login = text(call_service(&app, request).await).await;
//! # let return_to = between(&login, "name=return_to value=\"", "\"");
//! # assert_eq!(return_to, authorize.replace('&', "&amp;"));
//! # let place = authorize.replace('&', "%26");
//! # let wrong = format!("username=alice&password=x&return_to={place}");
//! # let answer = call_service(&app, form("/login", "a=b", wrong).to_request()).await;
//! # assert_eq!(answer.status(), 401);
//! # let right = format!("username=alice&password=wonderland&return_to={place}");
//! # let answer = call_service(&app, form("/login", "a=b", right).to_request()).await;
//! # assert_eq!((answer.status().as_u16(), header(&answer, "location").as_str()), (303, authorize));
//! # let cookie = header(&answer, "set-cookie");
//! # assert!(cookie.contains("SameSite=Lax"), "{cookie}");
//! # let cookie = cookie.split_once(';').unwrap().0;
//! # let request = TestRequest::get().uri(authorize).insert_header((COOKIE, cookie));
//! # let consent = text(call_service(&app, request.to_request()).await).await;
//! # assert!(consent.contains("Read your name"), "{consent}");
//! # let ticket = between(&consent, "name=ticket value=\"", "\"");
//! # let allow = format!("decision=allow&ticket={ticket}");
//! # let answer = call_service(&app, form("/consent", cookie, allow).to_request()).await;
//! # assert_eq!(answer.status(), 303);
//! # let location = header(&answer, "location");
//! # let code = between(&location, "https://printer.example/callback?code=", "&");
//! # let redeem = format!(
//! #     "grant_type=authorization_code&code={code}&client_id=printer&client_secret=\
//! #      a+secret+made+by+a+machine&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
//! # );
//! # let answer = call_service(&app, form("/token", "a=b", redeem).to_request()).await;
//! # assert_eq!(answer.status(), 200);
//! # let tokens = text(answer).await;
//! # let bearer = format!("Bearer {}", between(&tokens, "\"access_token\":\"", "\""));
//! # let request = TestRequest::get().uri("/api/profile").insert_header((AUTHORIZATION, bearer));
//! # let answer = call_service(&app, request.to_request()).await;
//! # assert_eq!(answer.status(), 200);
//! # assert_eq!(text(answer).await, "\"7\"");
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
