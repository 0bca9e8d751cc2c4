//! The app against a server that answers as each test wants.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt;
use url::Url;

use crate::{Settings, router};

/// What the server does, and what it saw.
#[derive(Default)]
struct Script {
    issuer: Mutex<String>,
    /// `expires_in` of the tokens.
    lifetime: AtomicU32,
    /// Access tokens up to this number are not taken.
    ended: AtomicU32,
    refuses_refresh: AtomicU32,
    issued: AtomicU32,
    refreshes: AtomicU32,
}

type Shared = State<Arc<Script>>;

async fn metadata(State(script): Shared) -> Json<serde_json::Value> {
    let issuer = script.issuer.lock().unwrap().clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn token(State(script): Shared, Form(form): Form<Vec<(String, String)>>) -> Response {
    let has = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
    if has("grant_type", "refresh_token") {
        let spent = format!("refresh-{}", script.issued.load(Ordering::SeqCst));
        if script.refuses_refresh.load(Ordering::SeqCst) > 0 || !has("refresh_token", &spent) {
            return (
                StatusCode::BAD_REQUEST,
                Json(json!({"error": "invalid_grant"})),
            )
                .into_response();
        }
        script.refreshes.fetch_add(1, Ordering::SeqCst);
    } else {
        assert!(has("code", "the-code") && form.iter().any(|(n, _)| n == "code_verifier"));
    }
    let number = script.issued.fetch_add(1, Ordering::SeqCst) + 1;
    Json(json!({
        "access_token": format!("access-{number}"),
        "refresh_token": format!("refresh-{number}"),
        "token_type": "Bearer",
        "expires_in": script.lifetime.load(Ordering::SeqCst),
        "scope": "profile",
    }))
    .into_response()
}

async fn api(State(script): Shared, headers: HeaderMap) -> Response {
    let bearer = headers[header::AUTHORIZATION].to_str().unwrap();
    let number: u32 = bearer
        .strip_prefix("Bearer access-")
        .unwrap()
        .parse()
        .unwrap();
    if number <= script.ended.load(Ordering::SeqCst) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({"sub": "u-1", "username": "<b>alice</b>"})).into_response()
}

/// A browser with one cookie.
struct Browser {
    app: Router,
    cookie: Mutex<String>,
    script: Arc<Script>,
}

struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

impl Browser {
    async fn new() -> Self {
        let script = Arc::new(Script::default());
        script.lifetime.store(3600, Ordering::SeqCst);
        let server = Router::new()
            .route(
                "/.well-known/oauth-authorization-server/tenant",
                get(metadata),
            )
            .route("/tenant/token", post(token))
            .route("/tenant/api/profile", get(api))
            .with_state(Arc::clone(&script));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/tenant", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, server).await });
        let settings = Settings::new(&issuer, "http://127.0.0.1:9999/callback").unwrap();
        *script.issuer.lock().unwrap() = issuer;
        Self {
            app: router(settings),
            cookie: Mutex::default(),
            script,
        }
    }

    async fn walk(&self, method: &str, path: &str) -> Page {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::COOKIE, self.cookie.lock().unwrap().as_str());
        let answer = self
            .app
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let text = |name| {
            answer
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        if let Some((cookie, rest)) = text(header::SET_COOKIE).split_once(';') {
            assert!(
                rest.contains("HttpOnly") && rest.contains("SameSite=Lax"),
                "{rest}"
            );
            cookie.clone_into(&mut self.cookie.lock().unwrap());
        }
        let (status, location) = (answer.status(), text(header::LOCATION).to_owned());
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        Page {
            status,
            location,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Presses Connect and gives `state`.
    async fn start(&self) -> String {
        let page = self.walk("GET", "/connect").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        let url = Url::parse(&page.location).unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.into_owned())
                .unwrap()
        };
        assert_eq!(value("code_challenge_method"), "S256");
        assert_eq!(value("scope"), "profile email");
        value("state")
    }

    async fn come_back(&self, state: &str, rest: &str) -> Page {
        let issuer = self.script.issuer.lock().unwrap().clone();
        self.walk(
            "GET",
            &format!("/callback?state={state}&iss={issuer}&{rest}"),
        )
        .await
    }

    async fn connect(&self) {
        let state = self.start().await;
        let before = self.cookie.lock().unwrap().clone();
        let page = self.come_back(&state, "code=the-code").await;
        assert_eq!(
            (page.status, page.location.as_str()),
            (StatusCode::SEE_OTHER, "/profile")
        );
        assert_ne!(
            *self.cookie.lock().unwrap(),
            before,
            "a new cookie once tokens hang on it"
        );
    }
}

#[tokio::test]
async fn shows_what_it_read_and_escapes_it() {
    let browser = Browser::new().await;
    browser.connect().await;
    let page = browser.walk("GET", "/profile").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("alice") && !page.text.contains("<b>"),
        "{}",
        page.text
    );
    for token in ["access-1", "refresh-1"] {
        assert!(!page.text.contains(token));
    }
    browser.walk("POST", "/disconnect").await;
    assert!(
        browser
            .walk("GET", "/profile")
            .await
            .text
            .contains("not connected")
    );
}

#[tokio::test]
async fn a_decline_is_told_as_one() {
    let browser = Browser::new().await;
    let state = browser.start().await;
    let page = browser.come_back(&state, "error=access_denied").await;
    assert!(page.text.contains("You declined"), "{}", page.text);
}

#[tokio::test]
async fn another_error_is_shown_and_escaped() {
    let browser = Browser::new().await;
    let state = browser.start().await;
    let page = browser
        .come_back(&state, "error=invalid_scope&error_description=%3Ci%3E")
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text.contains("invalid_scope") && !page.text.contains("<i>"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn foreign_and_repeated_states_are_refused() {
    let (browser, other) = (Browser::new().await, Browser::new().await);
    let state = browser.start().await;
    other.start().await;
    let foreign = other.come_back(&state, "code=the-code").await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    browser.come_back(&state, "code=the-code").await;
    let again = browser.come_back(&state, "code=the-code").await;
    assert!(again.text.contains("does not belong"), "{}", again.text);
}

#[tokio::test]
async fn another_issuer_and_a_missing_one_are_refused() {
    let browser = Browser::new().await;
    for iss in ["", "&iss=http://127.0.0.1:1/tenant"] {
        let state = browser.start().await;
        let page = browser
            .walk(
                "GET",
                &format!("/callback?state={state}&code=the-code{iss}"),
            )
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text.contains("another service"), "{}", page.text);
    }
    assert_eq!(browser.script.issued.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn two_tabs_can_connect_at_once() {
    let browser = Browser::new().await;
    let (first, second) = (browser.start().await, browser.start().await);
    for state in [first, second] {
        let page = browser.come_back(&state, "code=the-code").await;
        assert_eq!(page.location, "/profile", "{}", page.text);
    }
}

#[tokio::test]
async fn an_access_token_that_is_not_taken_is_refreshed_once() {
    let browser = Browser::new().await;
    browser.connect().await;
    browser.script.ended.store(1, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(
        page.text.contains("alice") && page.text.contains("renewed"),
        "{}",
        page.text
    );
    browser.script.ended.store(100, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("no longer lets"), "{}", page.text);
    assert_eq!(browser.script.refreshes.load(Ordering::SeqCst), 2);
    assert!(
        browser
            .walk("GET", "/profile")
            .await
            .text
            .contains("not connected")
    );
}

#[tokio::test]
async fn tabs_that_read_at_once_do_not_spend_one_refresh_token_twice() {
    let browser = Browser::new().await;
    browser.connect().await;
    browser.script.ended.store(1, Ordering::SeqCst);
    let (first, second) = tokio::join!(
        browser.walk("GET", "/profile"),
        browser.walk("GET", "/profile")
    );
    assert!(first.text.contains("alice") && second.text.contains("alice"));
    assert_eq!(browser.script.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_expired_access_token_is_not_even_tried() {
    let browser = Browser::new().await;
    browser.script.lifetime.store(0, Ordering::SeqCst);
    browser.connect().await;
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("renewed"), "{}", page.text);
    browser.script.refuses_refresh.store(1, Ordering::SeqCst);
    let page = browser.walk("GET", "/profile").await;
    assert!(page.text.contains("Connect again"), "{}", page.text);
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_again_later() {
    let settings = Settings::new("http://127.0.0.1:1", "http://127.0.0.1:9999/callback").unwrap();
    let request = Request::builder()
        .uri("/connect")
        .body(Body::empty())
        .unwrap();
    let answer = router(settings).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
}
