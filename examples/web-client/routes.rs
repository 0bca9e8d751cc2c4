//! What the browser sees: start, connect, callback, profile, disconnect.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::pages::{self, HomePage, ProfilePage};
use crate::provider::Provider;
use crate::settings::Settings;
use crate::visits::{Started, Visits};

/// Cookies do not tell ports apart, so the name must differ from the server's beside this app.
const COOKIE: &str = "web_client_visit";

/// The whole app, mounted at the root of its own origin.
///
/// Nothing is asked of the server before somebody presses Connect, so the app may start first.
pub fn router(settings: Settings) -> Router {
    let app = App(Arc::new(Parts {
        settings,
        provider: OnceCell::new(),
        visits: Visits::default(),
    }));
    Router::new()
        .route("/", get(home))
        .route("/connect", get(connect))
        .route("/callback", get(callback))
        .route("/profile", get(profile))
        .route("/disconnect", post(disconnect))
        .route("/style.css", get(pages::style))
        .with_state(app)
}

#[derive(Clone)]
struct App(Arc<Parts>);

struct Parts {
    settings: Settings,
    provider: OnceCell<Arc<Provider>>,
    visits: Visits,
}

impl App {
    /// The server, asked for its endpoints the first time and remembered.
    async fn provider(&self) -> Result<Arc<Provider>, Failure> {
        let discover = || async {
            Provider::discover(self.0.settings.clone())
                .await
                .map(Arc::new)
        };
        self.0.provider.get_or_try_init(discover).await.cloned()
    }

    fn cookie(&self, value: String) -> Cookie<'static> {
        Cookie::build((COOKIE, value))
            .http_only(true)
            // Lax: the browser comes back from the server by a redirect, which Strict would not count.
            .same_site(SameSite::Lax)
            .secure(self.0.settings.redirect_uri.url().scheme() == "https")
            .path("/")
            .build()
    }
}

async fn home(State(app): State<App>, jar: CookieJar) -> Response {
    let connected = jar
        .get(COOKIE)
        .is_some_and(|cookie| app.0.visits.connection(cookie.value()).is_some());
    HomePage {
        issuer: &app.0.settings.issuer,
        connected,
    }
    .into_response()
}

async fn connect(State(app): State<App>, jar: CookieJar) -> Result<Response, Failure> {
    let (url, state, verifier) = app.provider().await?.authorization();
    let started = Started {
        state,
        verifier,
        at: Instant::now(),
    };
    let id = app
        .0
        .visits
        .start(jar.get(COOKIE).map(Cookie::value), started);
    Ok((jar.add(app.cookie(id)), Redirect::to(url.as_str())).into_response())
}

/// The parameters of an authorization response (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(
    State(app): State<App>,
    jar: CookieJar,
    response: Result<Query<Callback>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(response) = response.map_err(|_| Failure::Incomplete)?;
    // `state` first: an answer to a question that this browser never asked is not even looked at.
    let id = jar
        .get(COOKIE)
        .map(Cookie::value)
        .ok_or(Failure::UnknownState)?
        .to_owned();
    let state = response.state.ok_or(Failure::UnknownState)?;
    let started = app
        .0
        .visits
        .take_started(&id, &state)
        .ok_or(Failure::UnknownState)?;
    let provider = app.provider().await?;
    if !provider.sent(response.iss.as_deref()) {
        return Err(Failure::WrongIssuer);
    }
    match response.error.as_deref() {
        None => {}
        Some("access_denied") => return Err(Failure::Declined),
        Some(code) => {
            return Err(Failure::Refused {
                code: code.to_owned(),
                description: response.error_description.unwrap_or_default(),
            });
        }
    }
    let code = response.code.ok_or(Failure::Incomplete)?;
    let now = Instant::now();
    let tokens = provider.exchange(code, started.verifier).await?;
    let connection = Connection::new(&tokens, &provider.settings().scope, now);
    let id = app.0.visits.connect(&id, connection);
    // A page of its own, so that reloading it does not send the code again.
    Ok((jar.add(app.cookie(id)), Redirect::to("/profile")).into_response())
}

async fn profile(State(app): State<App>, jar: CookieJar) -> Result<Response, Failure> {
    let id = jar
        .get(COOKIE)
        .map(Cookie::value)
        .ok_or(Failure::NotConnected)?;
    let connection = app.0.visits.connection(id).ok_or(Failure::NotConnected)?;
    let provider = app.provider().await?;
    let (held, reader) = (Arc::clone(&connection), Arc::clone(&provider));
    // In a task of its own: were the request dropped because the browser left, the refresh token
    // would be spent and its successor lost.
    let reading = tokio::spawn(async move { held.lock_owned().await.read(&reader).await })
        .await
        .map_err(|_| Failure::Unexpected("reading it was broken off"))?;
    match reading {
        Ok(reading) => {
            let issuer = &provider.settings().issuer;
            Ok(ProfilePage {
                issuer,
                reading: &reading,
            }
            .into_response())
        }
        Err(failure) => {
            if matches!(failure, Failure::Ended) {
                app.0.visits.forget(id, &connection);
            }
            Err(failure)
        }
    }
}

async fn disconnect(State(app): State<App>, jar: CookieJar) -> Redirect {
    if let Some(cookie) = jar.get(COOKIE) {
        app.0.visits.disconnect(cookie.value());
    }
    Redirect::to("/")
}
