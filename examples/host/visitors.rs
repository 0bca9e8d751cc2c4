//! The service as a [`ResourceOwner`], for the servers that write no handler of the protocol: who is
//! signed in, where one signs in, and how the question looks. It knows no web framework.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http::header::COOKIE;
use http::request::Parts;
use oauth_core::{
    Authentication, AuthorizationServer, ConsentPrompt, LoginPage, LoginPrompt, ResourceOwner,
    StoreError,
};

use crate::forms::LoginForm;
use crate::pages::{MessagePage, Page, WRONG_PASSWORD};
use crate::session::{
    COOKIE_PATH, COOKIE_SAME_SITE, MAX_AGE_SECONDS, cookie_is_secure, cookie_name, now,
};
use crate::{Origin, Service, Session};

/// The sessions of everybody who is signed in, in the process. A clone shares them.
#[derive(Clone)]
pub struct Visitors {
    service: Service,
    login_page: LoginPage,
    sessions: Arc<Mutex<HashMap<String, Session>>>,
}

/// What the browser is sent after signing in.
pub struct SignedIn {
    /// The value of `Set-Cookie`.
    pub cookie: String,
    /// Where it goes on.
    pub location: String,
}

/// A sign-in that was refused.
pub struct Refused {
    /// The status of the answer.
    pub status: u16,
    /// The page.
    pub html: String,
}

impl Visitors {
    /// The visitors of this service, whose login page is `/login`.
    ///
    /// # Errors
    ///
    /// For an issuer with a path: to stay small, these servers have their pages at the root.
    pub fn new(service: Service) -> Result<Self, String> {
        if !service.base().is_empty() {
            return Err("--issuer: this server takes no issuer with a path".to_owned());
        }
        // The login page always shows its form, so it need not know of a fresh login.
        let login_page = LoginPage::at("/login", "return_to").map_err(|error| error.to_string())?;
        Ok(Self {
            service,
            login_page,
            sessions: Arc::default(),
        })
    }

    /// The authorization server of the service.
    pub fn server(&self) -> &AuthorizationServer {
        &self.service.server
    }

    /// The login page as HTML.
    pub fn login_form(&self, return_to: Option<&str>) -> String {
        self.service.login_page(return_to, "", None).html()
    }

    /// Checks what the login page posted, with the `Origin` it came from.
    ///
    /// # Errors
    ///
    /// [`Refused`] with a page: another site sent the form, the password is wrong, or too many sign in.
    pub async fn sign_in(
        &self,
        origin: Option<&str>,
        form: LoginForm,
    ) -> Result<SignedIn, Refused> {
        let service = &self.service;
        if service.origin(origin) == Origin::Foreign {
            return Err(refused(403, &service.foreign_origin()));
        }
        let return_to = form.return_to.as_deref();
        let username = form.username.clone();
        match service.users.sign_in(form.username, form.password).await {
            Ok(Some(username)) => Ok(SignedIn {
                cookie: self.open_session(username),
                location: service.return_to(return_to),
            }),
            Ok(None) => {
                let page = service.login_page(return_to, &username, Some(WRONG_PASSWORD));
                Err(refused(401, &page))
            }
            Err(_) => Err(refused(503, &MessagePage::unavailable(service.base()))),
        }
    }

    /// A session that nobody has known before; the value of its cookie.
    fn open_session(&self, username: String) -> String {
        let session = Session::start_now(username);
        let id = session.id().to_owned();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| !session.has_expired(now()));
        sessions.insert(id.clone(), session);
        let issuer = self.service.issuer();
        let secure = if cookie_is_secure(issuer) {
            "; Secure"
        } else {
            ""
        };
        format!(
            "{}={id}; Path={COOKIE_PATH}; Max-Age={MAX_AGE_SECONDS}; HttpOnly; \
             SameSite={COOKIE_SAME_SITE}{secure}",
            cookie_name(issuer)
        )
    }

    fn session(&self, request: &Parts) -> Option<Session> {
        let name = cookie_name(self.service.issuer());
        let cookies = request.headers.get_all(COOKIE).into_iter();
        let mut cookies = cookies
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        let id = cookies.find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))?;
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(id)?;
        (!session.has_expired(now())).then(|| session.clone())
    }
}

fn refused(status: u16, page: &impl Page) -> Refused {
    let html = page.html();
    Refused { status, html }
}

#[async_trait]
impl ResourceOwner for Visitors {
    async fn authentication(&self, request: &Parts) -> Result<Option<Authentication>, StoreError> {
        let session = self.session(request);
        Ok(session.as_ref().and_then(Session::authentication))
    }

    fn login_page(&self, _: &Parts, _: &LoginPrompt) -> &LoginPage {
        &self.login_page
    }

    async fn consent_page(&self, _: &Parts, prompt: &ConsentPrompt) -> Result<String, StoreError> {
        let username = prompt.user().as_str();
        Ok(self.service.consent_page(prompt, username).html())
    }
}
