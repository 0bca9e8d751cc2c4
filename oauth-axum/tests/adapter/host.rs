//! The host: what a service has before it becomes an authorization server.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRef, FromRequestParts};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode, header};
use oauth_axum::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
    UserToken,
};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    Authentication, AuthorizationServer, AuthorizationServerBuilder, Client, GrantType,
    LoginPrompt, RequiredScope, UserId,
};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";
// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const AUTHORIZE: &str = "/authorize?response_type=code&client_id=web&state=x%2By\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The host's state, of which the server is a part.
#[derive(Clone)]
pub(crate) struct App {
    server: AuthorizationServer,
    name: &'static str,
}

impl FromRef<App> for AuthorizationServer {
    fn from_ref(app: &App) -> Self {
        app.server.clone()
    }
}

/// The host's session: a header in place of a cookie.
pub(crate) struct Session(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        let user = parts.headers.get("x-user").map(|user| user.to_str());
        let user = user.transpose().map_err(|_| StatusCode::BAD_REQUEST)?;
        Ok(Self(user.map(str::to_owned)))
    }
}

impl Session {
    fn authentication(&self) -> Option<Authentication> {
        let user = self.0.as_deref()?;
        Some(Authentication::new(UserId::new(user), user))
    }

    fn login_page(&self, login: LoginPrompt) -> Response {
        Html(format!("login, then {}", login.return_to())).into_response()
    }
}

pub(crate) struct Profile;

impl RequiredScope for Profile {
    const SCOPE: &'static str = "profile";
}

/// As the documentation shows it.
pub(crate) async fn authorize(
    session: Session,
    request: AuthorizationRequest,
) -> Result<Response, AuthorizationError> {
    Ok(match request.evaluate(session.authentication()).await? {
        Interaction::Login(login) => session.login_page(login),
        Interaction::Consent(prompt) => Html(format!("ticket {}", prompt.ticket())).into_response(),
        Interaction::Done(response) => response.into_response(),
    })
}

pub(crate) async fn decide(
    session: Session,
    decision: ConsentDecision,
) -> Result<AuthorizationResponse, AuthorizationError> {
    decision.by(session.authentication()).await
}

pub(crate) async fn profile(user: UserToken<Profile>) -> Json<Value> {
    Json(json!({
        "user": user.subject().as_str(),
        "client": user.client_id().as_str(),
        "scope": user.scope().as_str(),
    }))
}

pub(crate) fn builder(issuer: &str) -> AuthorizationServerBuilder {
    let web = Client::builder("web")
        .secret(SECRET)
        .redirect_uri("https://web.example/callback")
        .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
        .scope("profile email");
    let job = Client::builder("job")
        .secret(SECRET)
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .scope("profile");
    let clients = [web, job].map(|client| client.build().unwrap());
    AuthorizationServer::builder(issuer).store(MemoryStore::new(clients))
}

pub(crate) fn server() -> AuthorizationServer {
    builder("https://auth.example").build().unwrap()
}

/// The host's routes and the server's, in one router.
pub(crate) fn routes(server: &AuthorizationServer) -> Router<App> {
    Router::new()
        .route(server.authorization_path(), get(authorize).post(authorize))
        .route("/consent", post(decide))
        .route("/api/profile", get(profile))
        .merge(oauth_axum::routes(server))
}

pub(crate) fn with_state(server: &AuthorizationServer, router: Router<App>) -> Router {
    router.with_state(App {
        server: server.clone(),
        name: "the host",
    })
}

/// What the host had before: a route that needs its state, and a fallback.
pub(crate) fn own_routes() -> Router<App> {
    async fn name(axum::extract::State(app): axum::extract::State<App>) -> &'static str {
        app.name
    }
    async fn nothing_here() -> (StatusCode, &'static str) {
        (StatusCode::NOT_FOUND, "nothing here, says the host")
    }
    Router::new().route("/", get(name)).fallback(nothing_here)
}

pub(crate) fn host() -> Router {
    let server = server();
    let router = own_routes()
        .merge(routes(&server))
        .merge(oauth_axum::well_known(&server));
    with_state(&server, router)
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The parameter of the redirect, still encoded.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let (_, query) = self.location().split_once('?').unwrap();
        let named = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        named.unwrap_or_else(|| panic!("no {name} in {query}"))
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap(),
    }
}

/// A GET by this user, or by somebody who is not signed in.
pub(crate) async fn visit(router: &Router, uri: &str, user: &str) -> Answer {
    let mut request = Request::get(uri);
    if !user.is_empty() {
        request = request.header("x-user", user);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

pub(crate) fn post_form(uri: &str, form: String) -> Request<Body> {
    let request = Request::post(uri).header(header::CONTENT_TYPE, FORM);
    request.body(Body::from(form)).unwrap()
}

pub(crate) async fn press(router: &Router, ticket: &str, user: &str) -> Answer {
    let form = format!("decision=allow&ticket={ticket}");
    let mut request = post_form("/consent", form);
    request
        .headers_mut()
        .insert("x-user", user.parse().unwrap());
    send(router, request).await
}

/// A token request of `web` or `job`, which authenticate with Basic.
pub(crate) async fn token(router: &Router, uri: &str, client: &str, form: String) -> Answer {
    let pair = match client {
        "web" => "d2ViOld6M21KOXZZYjJxTHI4c1RuNXhIazFjRGY3Z1BhNGVV",
        _ => "am9iOld6M21KOXZZYjJxTHI4c1RuNXhIazFjRGY3Z1BhNGVV",
    };
    let mut request = post_form(uri, form);
    let value = format!("Basic {pair}").parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, value);
    send(router, request).await
}

pub(crate) async fn ticket(router: &Router) -> String {
    let page = visit(router, AUTHORIZE, "alice").await;
    page.text().strip_prefix("ticket ").unwrap().to_owned()
}

pub(crate) fn redeeming(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}")
}

/// The access token that alice gave `web`.
pub(crate) async fn access_token(router: &Router) -> String {
    let answer = press(router, &ticket(router).await, "alice").await;
    let form = redeeming(answer.parameter("code"));
    let answer = token(router, "/token", "web", form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}
