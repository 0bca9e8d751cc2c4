//! The service's own sessions: an encrypted cookie, no store.

use std::future::{Ready, ready};

use actix_session::config::{CookieContentSecurity, PersistentSession};
use actix_session::storage::CookieSessionStore;
use actix_session::{SessionExt, SessionInsertError, SessionMiddleware};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use host::session::{COOKIE_PATH, MAX_AGE_SECONDS, cookie_is_secure, cookie_name};
use host::{Service, Session};
use oauth_core::{Authentication, ConsentPrompt, LoginPrompt};

use crate::pages::page;

/// The one entry of the cookie.
const SIGNED_IN: &str = "signed_in";

/// Keeps the session in its cookie.
pub(crate) fn cookies(service: &Service) -> SessionMiddleware<CookieSessionStore> {
    let (issuer, key) = (service.issuer(), &service.session_key);
    let lifetime = PersistentSession::default().session_ttl(Duration::seconds(MAX_AGE_SECONDS));
    SessionMiddleware::builder(CookieSessionStore::default(), Key::from(key.as_bytes()))
        .cookie_name(cookie_name(issuer).to_owned())
        .cookie_path(COOKIE_PATH.to_owned())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_secure(cookie_is_secure(issuer))
        .cookie_content_security(CookieContentSecurity::Private)
        .session_lifecycle(lifetime)
        .build()
}

/// Whoever is at the browser.
pub(crate) struct Visitor {
    pub(crate) service: Data<Service>,
    pub(crate) session: Option<Session>,
    cookie: actix_session::Session,
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
    pub(crate) fn sign_in(&self, username: String) -> Result<(), SessionInsertError> {
        self.cookie.renew();
        let session = Session::start_now(username);
        self.cookie.insert(SIGNED_IN, session.encode())
    }

    pub(crate) fn sign_out(&self) {
        self.cookie.purge();
    }

    pub(crate) fn login_page(&self, login: &LoginPrompt) -> HttpResponse {
        page(StatusCode::OK, &self.service.login_page_for(login))
    }

    pub(crate) fn consent_page(&self, prompt: &ConsentPrompt) -> HttpResponse {
        let username = self.username().unwrap_or_default();
        page(StatusCode::OK, &self.service.consent_page(prompt, username))
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(service) = request.app_data::<Data<Service>>().cloned() else {
            return ready(Err(ErrorInternalServerError("no service")));
        };
        let cookie = request.get_session();
        let signed_in = cookie.get::<String>(SIGNED_IN).ok().flatten();
        ready(Ok(Self {
            session: signed_in.and_then(|value| service.session(&value)),
            service,
            cookie,
        }))
    }
}
