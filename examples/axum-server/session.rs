//! The service's own sessions: an encrypted cookie, no store.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use host::Session;
use host::session::{COOKIE_PATH, MAX_AGE_SECONDS, cookie_is_secure, cookie_name};
use oauth_core::{Authentication, ConsentPrompt, LoginPrompt};

use crate::app::App;
use crate::pages::page;

/// Whoever is at the browser.
pub(crate) struct Visitor {
    pub(crate) app: App,
    pub(crate) session: Option<Session>,
    jar: PrivateCookieJar,
}

impl Visitor {
    /// What the authorization server is told.
    pub(crate) fn authentication(&self) -> Option<Authentication> {
        self.session.as_ref().and_then(Session::authentication)
    }

    pub(crate) fn username(&self) -> Option<&str> {
        self.session.as_ref().map(Session::username)
    }

    /// Signs a user in, in a session that nobody has known before.
    pub(crate) fn sign_in(self, username: String) -> PrivateCookieJar {
        let issuer = self.app.issuer();
        let session = Session::start_now(username);
        let cookie = Cookie::build((cookie_name(issuer), session.encode()))
            .path(COOKIE_PATH)
            .max_age(time::Duration::seconds(MAX_AGE_SECONDS))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(cookie_is_secure(issuer));
        self.jar.add(cookie)
    }

    pub(crate) fn sign_out(self) -> PrivateCookieJar {
        let issuer = self.app.issuer();
        let cookie = Cookie::build(cookie_name(issuer))
            .path(COOKIE_PATH)
            .secure(cookie_is_secure(issuer));
        self.jar.remove(cookie)
    }

    pub(crate) fn login_page(&self, login: &LoginPrompt) -> Response {
        page(StatusCode::OK, &self.app.login_page_for(login))
    }

    pub(crate) fn consent_page(&self, prompt: &ConsentPrompt) -> Response {
        let username = self.username().unwrap_or_default();
        page(StatusCode::OK, &self.app.consent_page(prompt, username))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let jar = PrivateCookieJar::from_headers(&parts.headers, app.session_key().clone());
        let session = jar
            .get(cookie_name(app.issuer()))
            .and_then(|cookie| app.session(cookie.value()));
        Ok(Self {
            app: app.clone(),
            session,
            jar,
        })
    }
}
