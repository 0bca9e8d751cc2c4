//! A server that answers as each test wants, and a browser in front of the app.

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
pub(super) struct Script {
    issuer: Mutex<String>,
    /// `expires_in` of the tokens.
    pub(super) lifetime: AtomicU32,
    /// Access tokens up to this number are not taken.
    pub(super) ended: AtomicU32,
    pub(super) refuses_refresh: AtomicU32,
    pub(super) issued: AtomicU32,
    pub(super) refreshes: AtomicU32,
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
pub(super) struct Browser {
    app: Router,
    pub(super) cookie: Mutex<String>,
    pub(super) script: Arc<Script>,
}

pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) text: String,
}

impl Browser {
    pub(super) async fn new() -> Self {
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

    pub(super) async fn walk(&self, method: &str, path: &str) -> Page {
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

    /// Somebody else begins a connection.
    pub(super) async fn passer_by(&self) {
        let request = Request::get("/connect").body(Body::empty()).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }

    /// Presses Connect and gives `state`.
    pub(super) async fn start(&self) -> String {
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

    pub(super) async fn come_back(&self, state: &str, rest: &str) -> Page {
        let issuer = self.script.issuer.lock().unwrap().clone();
        self.walk(
            "GET",
            &format!("/callback?state={state}&iss={issuer}&{rest}"),
        )
        .await
    }

    pub(super) async fn connect(&self) {
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
