//! What the handlers share, and the routes of the whole service.

use std::ops::Deref;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use host::Service;
use host::forms::LONGEST_FORM;
use oauth_core::AuthorizationServer;

use crate::{api, oauth, pages};

#[derive(Clone)]
pub(crate) struct App {
    service: Service,
    pub(crate) session_key: Key,
}

impl App {
    pub(crate) fn new(service: Service) -> Self {
        let session_key = Key::from(service.session_key.as_bytes());
        Self {
            service,
            session_key,
        }
    }
}

impl Deref for App {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl FromRef<App> for AuthorizationServer {
    fn from_ref(app: &App) -> Self {
        app.server.clone()
    }
}

pub(crate) fn router(app: App) -> Router {
    let service = oauth::routes(&app.server)
        .route("/", get(pages::home))
        .route("/api/email", get(api::email))
        .route("/login", get(pages::login_form).post(pages::login))
        .route("/logout", post(pages::logout))
        .route("/account", get(pages::account).post(pages::disconnect))
        .route("/account/grants", get(pages::grants).post(pages::end_grant))
        .route("/style.css", get(pages::stylesheet))
        .route("/healthz", get(pages::healthz))
        .route("/metrics", get(pages::metrics));
    let root = match app.base() {
        "" => service,
        base => Router::new()
            .nest(base, service)
            .route(&format!("{base}/"), get(pages::home)),
    };
    root.merge(oauth_axum::well_known(&app.server))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(app)
}
