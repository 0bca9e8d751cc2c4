//! The service's own sessions: an encrypted cookie, no store.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use host::Session;
use host::pages::{ConsentPage, LoginPage, ScopeLine};
use host::session::{COOKIE_PATH, MAX_AGE_SECONDS, cookie_is_secure, cookie_name};
use oauth_core::{Authentication, ConsentPrompt, LoginPrompt, UserId};
use time::OffsetDateTime;

use crate::app::App;
use crate::pages::{demo_hint, page};

/// Whoever is at the browser.
pub(crate) struct Visitor {
    pub(crate) app: App,
    pub(crate) session: Option<Session>,
    jar: PrivateCookieJar,
}

impl Visitor {
    /// What the authorization server is told.
    pub(crate) fn authentication(&self) -> Option<Authentication> {
        let session = self.session.as_ref()?;
        let signed_in_at = OffsetDateTime::from_unix_timestamp(session.signed_in_at()).ok()?;
        let user = UserId::new(session.username());
        Some(Authentication::new(user, session.id()).auth_time(signed_in_at))
    }

    pub(crate) fn username(&self) -> Option<&str> {
        self.session.as_ref().map(Session::username)
    }

    /// Signs a user in, in a session that nobody has known before.
    pub(crate) fn sign_in(self, username: String) -> PrivateCookieJar {
        let issuer = self.app.issuer();
        let session = Session::start(username, now().unix_timestamp());
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
        page(
            StatusCode::OK,
            &LoginPage {
                base: self.app.base().to_owned(),
                return_to: login.return_to().to_owned(),
                username: login.login_hint().unwrap_or_default().to_owned(),
                error: None,
                client_name: Some(login.client_name().to_owned()),
                demo_hint: demo_hint(&self.app),
            },
        )
    }

    pub(crate) fn consent_page(&self, prompt: &ConsentPrompt) -> Response {
        let base = self.app.base().to_owned();
        let scopes = prompt.scopes().iter().map(|scope| ScopeLine {
            name: scope.name().to_owned(),
            description: scope.description().to_owned(),
            already_granted: scope.granted_before(),
        });
        page(
            StatusCode::OK,
            &ConsentPage {
                action: format!("{base}/consent"),
                base,
                ticket: prompt.ticket().to_owned(),
                client_name: prompt.client_name().to_owned(),
                redirect_host: prompt.redirect_host().to_owned(),
                username: self.username().unwrap_or_default().to_owned(),
                scopes: scopes.collect(),
            },
        )
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let jar = PrivateCookieJar::from_headers(&parts.headers, app.session_key.clone());
        let session = jar
            .get(cookie_name(app.issuer()))
            .and_then(|cookie| Session::decode(cookie.value(), now().unix_timestamp()))
            .filter(|session| app.users.contains(session.username()));
        Ok(Self {
            app: app.clone(),
            session,
            jar,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the host's own sessions need the time"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
