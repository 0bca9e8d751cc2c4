//! What the handlers share, and the routes of the whole service.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use host::Users;
use oauth_core::AuthorizationServer;

use crate::{api, oauth, pages};

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) server: AuthorizationServer,
    pub(crate) users: Arc<Users>,
    pub(crate) session_key: Key,
    pub(crate) demo: Option<Arc<Demo>>,
}

/// Set when the built-in users are in use, so that the pages may say how to sign in.
pub(crate) struct Demo {
    /// Where the other app of the demonstration runs, if it does.
    pub(crate) client: Option<String>,
}

impl FromRef<App> for AuthorizationServer {
    fn from_ref(app: &App) -> Self {
        app.server.clone()
    }
}

impl App {
    /// The issuer's path, which begins every path of the service.
    pub(crate) fn base(&self) -> &str {
        self.server.issuer().path()
    }

    pub(crate) fn issuer(&self) -> &str {
        self.server.issuer().as_str()
    }
}

pub(crate) fn router(app: App) -> Router {
    let service = oauth::routes(&app.server)
        .route("/", get(pages::home))
        .route("/api/email", get(api::email))
        .route("/login", get(pages::login_form).post(pages::login))
        .route("/logout", post(pages::logout))
        .route("/account", get(pages::account).post(pages::disconnect))
        .route("/style.css", get(pages::stylesheet))
        .route("/healthz", get(pages::healthz));
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
