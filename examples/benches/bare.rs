//! Handlers that do the unavoidable work and nothing else.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::floor::{Floor, FloorClient, sha256};
use super::process::{CHALLENGE, REDIRECT_URI, SECRET, VERIFIER, announce};

/// The headers of a token response (RFC 6749 section 5.1), and the one for pages of other origins.
const TOKEN_HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("access-control-allow-origin", "*"),
];

#[tokio::main]
pub(crate) async fn with_axum() {
    let (floor, listener, token) = prepare();
    listener.set_nonblocking(true).expect("an option");
    let listener = tokio::net::TcpListener::from_std(listener).expect("an address");
    let router = Router::new()
        .route("/token", post(token_with_axum))
        .route("/api/profile", get(profile_with_axum))
        .with_state(floor);
    announce(listener.local_addr().expect("an address"), &token);
    axum::serve(listener, router).await.expect("a server");
}

async fn token_with_axum(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    form: Bytes,
) -> Response {
    match floor.client_credentials(authorization(&headers), &form) {
        Some(body) => (TOKEN_HEADERS, body).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn profile_with_axum(State(floor): State<Arc<Floor>>, headers: HeaderMap) -> Response {
    match floor.verify(authorization(&headers)) {
        Some(token) => {
            let body = format!("{{\"sub\":\"{}\"}}", token.subject);
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn authorization(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION);
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

#[tokio::main]
pub(crate) async fn with_actix() {
    let (floor, listener, token) = prepare();
    let address = listener.local_addr().expect("an address");
    let floor = Data::from(floor);
    let app = move || {
        App::new()
            .app_data(floor.clone())
            .route("/token", web::post().to(token_with_actix))
            .route("/api/profile", web::get().to(profile_with_actix))
    };
    let server = HttpServer::new(app).listen(listener).expect("an address");
    announce(address, &token);
    server.run().await.expect("a server");
}

async fn token_with_actix(
    floor: Data<Floor>,
    request: HttpRequest,
    form: web::Bytes,
) -> HttpResponse {
    match floor.client_credentials(actix_authorization(&request), &form) {
        Some(body) => {
            let mut response = HttpResponse::Ok();
            for header in TOKEN_HEADERS {
                response.append_header(header);
            }
            response.body(body)
        }
        None => HttpResponse::Unauthorized().finish(),
    }
}

async fn profile_with_actix(floor: Data<Floor>, request: HttpRequest) -> HttpResponse {
    match floor.verify(actix_authorization(&request)) {
        Some(token) => HttpResponse::Ok()
            .content_type("application/json")
            .body(format!("{{\"sub\":\"{}\"}}", token.subject)),
        None => HttpResponse::Unauthorized().finish(),
    }
}

fn actix_authorization(request: &HttpRequest) -> &str {
    let value = request.headers().get("authorization");
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// The floor, where to listen, and an access token of a user.
fn prepare() -> (Arc<Floor>, TcpListener, String) {
    let client = |id: &str| FloorClient {
        id: id.into(),
        secret: sha256(SECRET.as_bytes()),
        redirect_uri: REDIRECT_URI.to_owned(),
        scope: "profile".into(),
    };
    let floor = Floor::new("http://127.0.0.1", [client("web"), client("job")]);
    let alice = Arc::from("alice");
    let session = [0; 32];
    let ticket = floor.park("web", &alice, session, "", CHALLENGE);
    let form = format!("ticket={}&decision=allow", ticket.expect("a ticket"));
    let location = floor.decide(form.as_bytes(), &alice, &session);
    let location = location.expect("a redirect");
    let code = location.split_once("code=").expect("a code").1;
    let code = code.split('&').next().unwrap_or_default();
    let form = format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}");
    let basic = format!("Basic {}", STANDARD.encode(format!("web:{SECRET}")));
    let body = floor.exchange(&basic, form.as_bytes());
    let body: serde_json::Value =
        serde_json::from_slice(&body.expect("a token response")).expect("JSON");
    let token = body["access_token"].as_str().expect("a token").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    (Arc::new(floor), listener, token)
}
