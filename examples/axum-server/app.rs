//! What the handlers share, and the routes of the whole service.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use host::Service;
use host::forms::LONGEST_FORM;
use oauth_core::AuthorizationServer;

use crate::{api, oauth, pages};

/// axum clones it for each request.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

struct Shared {
    service: Service,
    session_key: Key,
}

impl App {
    pub(crate) fn new(service: Service) -> Self {
        let session_key = Key::from(service.session_key.as_bytes());
        Self(Arc::new(Shared {
            service,
            session_key,
        }))
    }

    /// Encrypts the session cookies.
    pub(crate) fn session_key(&self) -> &Key {
        &self.0.session_key
    }
}

impl Deref for App {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.0.service
    }
}

impl FromRef<App> for AuthorizationServer {
    fn from_ref(app: &App) -> Self {
        app.server.clone()
    }
}

pub(crate) fn router(app: App) -> Router {
    let service = pages()
        .route("/api/email", get(api::email))
        .route("/style.css", get(pages::stylesheet))
        .route("/healthz", get(pages::healthz))
        .route("/metrics", get(pages::metrics))
        .merge(oauth::routes(&app.server));
    let root = match app.base() {
        "" => service,
        base => Router::new()
            .nest(base, service)
            .route(&format!("{base}/"), get(pages::home)),
    };
    root.merge(oauth_axum::well_known(&app.server))
        .fallback(pages::not_found)
        .with_state(app)
}

fn pages() -> Router<App> {
    Router::new()
        .route("/", get(pages::home))
        .route("/login", get(pages::login_form).post(pages::login))
        .route("/logout", post(pages::logout))
        .route("/account", get(pages::account).post(pages::disconnect))
        .route("/account/grants", get(pages::grants).post(pages::end_grant))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
}
