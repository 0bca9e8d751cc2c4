//! An introspection endpoint that says what a test wants, and counts the questions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use oauth_core::{AccessTokenVerifier, Clock, StoreError, VerifiedToken};
use oauth_introspection::{RemoteVerifier, RemoteVerifierBuilder};
use oauth_testkit::TestClock;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// What the endpoint says.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Json(Value),
    Text(&'static str),
    Status(StatusCode),
    RedirectTo(String),
    Long(usize),
    /// The head of a response, and of its body never more than the beginning.
    Half,
    Nothing,
}

/// One that runs as long as the test's runtime.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) clock: TestClock,
    played: Arc<Played>,
}

struct Played {
    says: Mutex<Says>,
    asked: AtomicUsize,
    heard: Mutex<Option<(HeaderMap, String)>>,
    /// Answers wait for it where a test wants that.
    gate: Semaphore,
}

impl Endpoint {
    pub(crate) async fn start(says: Says) -> Self {
        let played = Arc::new(Played {
            says: Mutex::new(says),
            asked: AtomicUsize::new(0),
            heard: Mutex::new(None),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let app = Router::new()
            .route("/introspect", any(answer))
            .with_state(Arc::clone(&played));
        Self {
            url: format!("http://{}/introspect", serve(app).await),
            clock: TestClock::default(),
            played,
        }
    }

    pub(crate) fn builder(&self) -> RemoteVerifierBuilder {
        RemoteVerifier::builder(&self.url, "api", "secret of the api")
            .issuer("https://auth.example")
            // Far more than a busy machine needs.
            .timeout(60 * SECOND)
            .clock(self.clock.clone())
    }

    pub(crate) fn verifier(&self) -> RemoteVerifier {
        self.builder().build().unwrap()
    }

    pub(crate) fn says(&self, says: Says) {
        *self.played.says.lock().unwrap() = says;
    }

    pub(crate) fn asked(&self) -> usize {
        self.played.asked.load(Ordering::SeqCst)
    }

    /// The headers and the body of the last question.
    pub(crate) fn heard(&self) -> (HeaderMap, String) {
        self.played.heard.lock().unwrap().clone().unwrap()
    }

    /// Answers wait from now on.
    pub(crate) fn hold(&self) {
        self.played.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release(&self) {
        self.played.gate.add_permits(1_000);
    }

    /// An active token that expires so many seconds from now.
    pub(crate) fn active_for(&self, seconds: i64) -> Says {
        Says::Json(json!({
            "active": true,
            "client_id": "web",
            "token_type": "Bearer",
            "sub": "alice",
            "scope": "profile",
            "iss": "https://auth.example",
            "exp": self.clock.now().unix_timestamp() + seconds,
        }))
    }
}

/// Where it listens.
pub(crate) async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

pub(crate) fn inactive() -> Says {
    Says::Json(json!({ "active": false }))
}

async fn answer(State(played): State<Arc<Played>>, headers: HeaderMap, body: String) -> Response {
    played.asked.fetch_add(1, Ordering::SeqCst);
    *played.heard.lock().unwrap() = Some((headers, body));
    played.gate.acquire().await.unwrap().forget();
    let says = played.says.lock().unwrap().clone();
    match says {
        Says::Json(value) => axum::Json(value).into_response(),
        Says::Text(text) => text.into_response(),
        Says::Status(status) => status.into_response(),
        Says::RedirectTo(url) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response()
        }
        Says::Long(length) => {
            let filling = "a".repeat(length);
            axum::Json(json!({ "active": false, "filling": filling })).into_response()
        }
        Says::Half => {
            // Fewer bytes than announced: the connection is closed after them.
            let headers = [(header::CONTENT_LENGTH, "1000")];
            (headers, axum::body::Body::from_stream(half())).into_response()
        }
        Says::Nothing => std::future::pending().await,
    }
}

fn half() -> impl futures_util::Stream<Item = Result<&'static str, std::io::Error>> + Send {
    let broken = std::io::Error::other("the connection breaks here");
    futures_util::stream::iter([Ok("{\"active\":"), Err(broken)])
}

pub(crate) async fn verify(verifier: &RemoteVerifier, token: &str) -> Option<VerifiedToken> {
    verifier.verify(token).await.unwrap()
}

pub(crate) async fn failure(verifier: &RemoteVerifier, token: &str) -> StoreError {
    verifier.verify(token).await.unwrap_err()
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
