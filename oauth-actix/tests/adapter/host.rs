//! The host: what a service has before it becomes an authorization server.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::to_bytes;
use actix_web::dev::{Payload, Service};
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Bytes, Data, Json, ServiceConfig, get, post, resource, to};
use actix_web::{App, Error, FromRequest, HttpRequest, HttpResponse};
use oauth_actix::{
    AuthorizationError, AuthorizationRequest, AuthorizationResponse, ConsentDecision, Interaction,
    UserToken,
};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    Authentication, AuthorizationServer, AuthorizationServerBuilder, Client, GrantType,
    RequiredScope, UserId,
};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU";
// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const AUTHORIZE: &str = "/authorize?response_type=code&client_id=web&state=x%2By\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The host's session: a header in place of a cookie.
pub(crate) struct Session(Option<String>);

impl FromRequest for Session {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.headers().get("x-user");
        ready(Ok(Self(user.map(|user| user.to_str().unwrap().to_owned()))))
    }
}

impl Session {
    fn authentication(&self) -> Option<Authentication> {
        let user = self.0.as_deref()?;
        Some(Authentication::new(UserId::new(user), user))
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
) -> Result<HttpResponse, AuthorizationError> {
    Ok(match request.evaluate(session.authentication()).await? {
        Interaction::Login(login) => {
            HttpResponse::Ok().body(format!("login, then {}", login.return_to()))
        }
        Interaction::Consent(prompt) => {
            HttpResponse::Ok().body(format!("ticket {}", prompt.ticket()))
        }
        Interaction::Done(response) => response.into_response(),
    })
}

pub(crate) async fn decide(
    session: Session,
    decision: ConsentDecision,
) -> Result<AuthorizationResponse, AuthorizationError> {
    decision.by(session.authentication()).await
}

async fn profile(user: UserToken<Profile>) -> Json<Value> {
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

/// The host's routes and the server's.
pub(crate) fn routes(config: &mut ServiceConfig, server: &AuthorizationServer) {
    config
        .app_data(server.clone())
        .service(resource(server.authorization_path()).to(authorize))
        .route("/consent", post().to(decide))
        .route("/api/profile", get().to(profile))
        .configure(oauth_actix::routes(server));
}

/// What the host had before: a route that needs its data, and a default service.
pub(crate) fn own_routes(config: &mut ServiceConfig) {
    async fn name(name: Data<&'static str>) -> &'static str {
        **name
    }
    async fn nothing_here() -> HttpResponse {
        HttpResponse::NotFound().body("nothing here, says the host")
    }
    config
        .app_data(Data::new("the host"))
        .route("/", get().to(name))
        .default_service(to(nothing_here));
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// A host that runs.
pub(crate) struct Host(Box<dyn Fn(TestRequest, Option<Payload>) -> Answering>);

impl Host {
    pub(crate) async fn start(configure: impl FnOnce(&mut ServiceConfig)) -> Self {
        let service = Rc::new(init_service(App::new().configure(configure)).await);
        Self(Box::new(move |request, body| {
            let service = service.clone();
            let mut request = request.to_request();
            if let Some(body) = body {
                *request.payload() = body;
            }
            Box::pin(async move {
                let answer = match service.call(request).await {
                    Ok(answer) => HttpResponse::from(answer),
                    Err(error) => error.error_response(),
                };
                let (head, body) = answer.into_parts();
                Answer {
                    status: head.status().as_u16(),
                    headers: head.headers().clone(),
                    body: to_bytes(body).await.unwrap(),
                }
            })
        }))
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        (self.0)(request, None).await
    }

    pub(crate) async fn send_with(&self, request: TestRequest, body: Payload) -> Answer {
        (self.0)(request, Some(body)).await
    }

    /// A GET by this user, or by somebody who is not signed in.
    pub(crate) async fn visit(&self, uri: &str, user: &str) -> Answer {
        let request = TestRequest::get().uri(uri);
        self.send(match user {
            "" => request,
            user => request.insert_header(("x-user", user)),
        })
        .await
    }

    pub(crate) async fn press(&self, ticket: &str, user: &str) -> Answer {
        let form = format!("decision=allow&ticket={ticket}");
        let request = post_form("/consent", form);
        self.send(request.insert_header(("x-user", user))).await
    }

    /// A token request of `web` or `job`, which authenticate with Basic.
    pub(crate) async fn token(&self, uri: &str, client: &str, form: String) -> Answer {
        let request = post_form(uri, form);
        self.send(request.insert_header((header::AUTHORIZATION, basic(client))))
            .await
    }

    pub(crate) async fn ticket(&self) -> String {
        let page = self.visit(AUTHORIZE, "alice").await;
        page.text().strip_prefix("ticket ").unwrap().to_owned()
    }

    /// The access token that alice gave `web`.
    pub(crate) async fn access_token(&self) -> String {
        let answer = self.press(&self.ticket().await, "alice").await;
        let form = redeeming(answer.parameter("code"));
        let answer = self.token("/token", "web", form).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn host() -> Host {
    let server = server();
    Host::start(|config| {
        own_routes(config);
        routes(config, &server);
        config.configure(oauth_actix::well_known(&server));
    })
    .await
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The parameter of the redirect, still encoded.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let (_, query) = self.header("location").split_once('?').unwrap();
        let named = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        named.unwrap_or_else(|| panic!("no {name} in {query}"))
    }
}

pub(crate) fn post_form(uri: &str, form: impl Into<Bytes>) -> TestRequest {
    let request = TestRequest::post().uri(uri).set_payload(form);
    request.insert_header((header::CONTENT_TYPE, FORM))
}

pub(crate) fn basic(client: &str) -> &'static str {
    match client {
        "web" => "Basic d2ViOld6M21KOXZZYjJxTHI4c1RuNXhIazFjRGY3Z1BhNGVV",
        _ => "Basic am9iOld6M21KOXZZYjJxTHI4c1RuNXhIazFjRGY3Z1BhNGVV",
    }
}

pub(crate) fn redeeming(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}")
}
