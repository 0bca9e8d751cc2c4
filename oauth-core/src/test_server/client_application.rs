//! The token endpoint as a client sees it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde_json::Value;

use super::browser::VERIFIER;
use super::{Form, TestServer};

/// The secret of the client of this name.
pub(crate) fn secret_of(client: &str) -> String {
    format!("secret%+ of {client}")
}

/// An answer of the token endpoint.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn of(response: Response<Bytes>) -> Self {
        let (parts, bytes) = response.into_parts();
        assert_eq!(parts.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store");
        Self {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let json = self.json();
        let text = json[name].as_str();
        text.unwrap_or_else(|| panic!("no {name}: {json}"))
            .to_owned()
    }

    /// Status and error code, to compare both at once.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.text("error"))
    }

    pub(crate) fn issued(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.json());
        self
    }

    pub(crate) fn access_token(&self) -> String {
        self.text("access_token")
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.text("refresh_token")
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, error: &str) {
        assert_eq!(self.error(), (status, error.to_owned()));
        assert!(self.json().get("access_token").is_none());
    }
}

impl Form {
    /// The code of a token request that lacks nothing.
    pub(crate) fn redeeming(code: &str) -> Self {
        Self::of([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
        ])
    }

    pub(crate) fn refreshing(token: &str) -> Self {
        Self::of([("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// The form with the credentials of the client, in the way it has registered.
    pub(crate) fn sent_by(&self, client: &str) -> Request<Bytes> {
        match client {
            "spa" | "cli" | "own-cli" => self.clone().with("client_id", client).post(),
            "post" => {
                let secret = secret_of(client);
                let form = self.clone().with("client_id", client);
                form.with("client_secret", &secret).post()
            }
            _ => self.with_basic(client, &secret_of(client)),
        }
    }

    pub(crate) fn with_basic(&self, client: &str, secret: &str) -> Request<Bytes> {
        let mut request = self.post();
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, basic(client, secret));
        request
    }
}

/// RFC 6749 section 2.3.1: both are form-encoded first.
fn basic(client: &str, secret: &str) -> HeaderValue {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = STANDARD.encode(format!("{}:{}", encode(client), encode(secret)));
    HeaderValue::try_from(format!("Basic {pair}")).unwrap()
}

impl TestServer {
    pub(crate) async fn token(&self, request: &Request<Bytes>) -> Answer {
        Answer::of(self.server.token(request).await)
    }

    pub(crate) async fn send(&self, client: &str, form: &Form) -> Answer {
        self.token(&form.sent_by(client)).await
    }

    pub(crate) async fn redeem(&self, client: &str, code: &str) -> Answer {
        self.send(client, &Form::redeeming(code)).await
    }

    pub(crate) async fn refresh(&self, client: &str, token: &str) -> Answer {
        self.send(client, &Form::refreshing(token)).await
    }

    /// From the request to the first tokens.
    pub(crate) async fn tokens(&self, client: &str) -> Answer {
        let code = self.code(client).await;
        self.redeem(client, &code).await.issued()
    }

    /// The scope of an access token, if it counts.
    pub(crate) async fn scope_of(&self, access_token: &str) -> Option<String> {
        let verified = self.server.verify_access_token(access_token).await;
        Some(verified.unwrap()?.scope().as_str().to_owned())
    }

    pub(crate) async fn is_live(&self, access_token: &str) -> bool {
        self.scope_of(access_token).await.is_some()
    }
}
