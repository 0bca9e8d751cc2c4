//! The authorization endpoint as a browser sees it.

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};

use super::TestServer;
use crate::authorization::{Authentication, AuthorizationError, AuthorizationResponse};
use crate::encoding::encode_pairs;
use crate::{ConsentPrompt, Interaction, LoginPrompt, UserId};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Parameters of a query or of a form, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(pairs.into_iter().map(own).collect())
    }

    /// Sets a parameter.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// Adds a parameter, whether or not it is there.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(own, _)| own != name);
        self
    }

    pub(crate) fn encoded(&self) -> String {
        encode_pairs(
            self.0
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    pub(crate) fn get(&self) -> Request<Bytes> {
        get(&format!("/authorize?{}", self.encoded()))
    }

    pub(crate) fn post(&self) -> Request<Bytes> {
        Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.encoded().into())
            .unwrap()
    }
}

pub(crate) fn get(uri: &str) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).unwrap()
}

/// Alice, who signed in when the test began.
pub(crate) fn alice() -> Authentication {
    Authentication::new(UserId::new("alice"), "session of alice").auth_time(super::START)
}

pub(crate) fn bob() -> Authentication {
    Authentication::new(UserId::new("bob"), "session of bob").auth_time(super::START)
}

/// A response that reached the client.
#[derive(Debug)]
pub(crate) struct Callback {
    /// Without the query.
    pub(crate) uri: String,
    /// As they stand in the query, decoded.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Callback {
    pub(crate) fn of(response: AuthorizationResponse) -> Self {
        let response = response.into_http();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let location = location(&response);
        let (uri, query) = location.split_once('?').unwrap();
        Self {
            uri: uri.to_owned(),
            parameters: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// The only value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut values = self.parameters.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} occurs twice");
        value
    }

    pub(crate) fn code(&self) -> &str {
        self.parameter("code")
            .unwrap_or_else(|| panic!("no code: {self:?}"))
    }

    pub(crate) fn error(&self) -> &str {
        self.parameter("error")
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }
}

pub(crate) fn location<T>(response: &Response<T>) -> String {
    let location = response.headers().get(header::LOCATION).unwrap();
    location.to_str().unwrap().to_owned()
}

impl TestServer {
    /// A request of this client that lacks nothing.
    pub(crate) fn request_of(client: &str) -> Form {
        let redirect_uri = match client {
            "cli" | "own-cli" => "http://127.0.0.1:4711/callback".to_owned(),
            other => format!("https://{other}.example/callback"),
        };
        Form::of([
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", &redirect_uri),
            ("scope", "profile email"),
            ("state", "xyz"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    }

    pub(crate) async fn interact(
        &self,
        form: &Form,
        user: Option<&Authentication>,
    ) -> Result<Interaction, AuthorizationError> {
        self.server.interact(&form.get(), user).await
    }

    /// The client is answered at once.
    pub(crate) async fn done(&self, form: &Form, user: Option<&Authentication>) -> Callback {
        match self.interact(form, user).await.unwrap() {
            Interaction::Done(response) => Callback::of(response),
            other => panic!("not done: {other:?}"),
        }
    }

    pub(crate) async fn login(&self, form: &Form, user: Option<&Authentication>) -> LoginPrompt {
        match self.interact(form, user).await.unwrap() {
            Interaction::Login(login) => login,
            other => panic!("no login: {other:?}"),
        }
    }

    pub(crate) async fn consent(&self, form: &Form, user: &Authentication) -> ConsentPrompt {
        match self.interact(form, Some(user)).await.unwrap() {
            Interaction::Consent(prompt) => prompt,
            other => panic!("no consent: {other:?}"),
        }
    }

    /// The human sees a page, and no browser is sent anywhere.
    pub(crate) async fn refused_locally(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let error = self.server.interact(request, Some(&alice())).await;
        local_page(error.map(|_| ()).unwrap_err())
    }

    pub(crate) async fn decide(
        &self,
        ticket: &str,
        decision: &str,
        user: &Authentication,
    ) -> Result<Callback, AuthorizationError> {
        let form = Form::of([("ticket", ticket), ("decision", decision)]);
        let response = self.server.decide(&form.post(), Some(user)).await?;
        Ok(Callback::of(response))
    }

    /// The way through login and consent; the code.
    pub(crate) async fn code_for(&self, form: &Form) -> String {
        let user = alice();
        let callback = match self.interact(form, Some(&user)).await.unwrap() {
            Interaction::Done(response) => Callback::of(response),
            Interaction::Consent(prompt) => {
                self.decide(prompt.ticket(), "allow", &user).await.unwrap()
            }
            Interaction::Login(login) => panic!("a login: {login:?}"),
        };
        callback.code().to_owned()
    }

    pub(crate) async fn code(&self, client: &str) -> String {
        self.code_for(&Self::request_of(client)).await
    }
}

/// What every local page has in common.
pub(crate) fn local_page(error: AuthorizationError) -> Response<Bytes> {
    let page = error.into_http();
    let headers = page.headers();
    assert!(page.status().is_client_error() || page.status().is_server_error());
    assert!(!headers.contains_key(header::LOCATION));
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    page
}
