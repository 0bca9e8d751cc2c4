//! What the server answers, as a client reads it.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use oauth_core::AuthorizationResponse;
use serde_json::Value;
use url::form_urlencoded;

/// A response that the browser brought to the client's redirect URI.
#[derive(Clone, Debug)]
pub struct AuthorizationAnswer {
    redirect_uri: String,
    parameters: Vec<(String, String)>,
}

impl AuthorizationAnswer {
    /// Reads a redirect.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn of(response: AuthorizationResponse) -> Self {
        let response = response.into_http();
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let location = location.unwrap_or_else(|| panic!("no redirect, {}", response.status()));
        let (redirect_uri, query) = location.split_once('?').unwrap_or((location, ""));
        Self {
            redirect_uri: redirect_uri.to_owned(),
            parameters: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// Where the browser was sent, without the query.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// A parameter of the query, decoded: `code`, `state`, `iss` or `error`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(own, _)| own == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// An answer of the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    status: StatusCode,
    body: Value,
}

impl TokenAnswer {
    /// Reads a response of the token endpoint.
    ///
    /// # Panics
    ///
    /// When it has no JSON.
    pub fn of(response: Response<Bytes>) -> Self {
        let body = serde_json::from_slice(response.body());
        Self {
            status: response.status(),
            body: body.unwrap_or_else(|error| panic!("no JSON: {error}")),
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The whole answer.
    pub fn json(&self) -> &Value {
        &self.body
    }

    /// A field that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// The error code, of a refusal.
    pub fn error(&self) -> Option<&str> {
        self.text("error")
    }

    /// The access token.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn access_token(&self) -> &str {
        let token = self.text("access_token");
        token.unwrap_or_else(|| panic!("no access token, {}: {}", self.status, self.body))
    }

    /// The refresh token.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn refresh_token(&self) -> &str {
        let token = self.text("refresh_token");
        token.unwrap_or_else(|| panic!("no refresh token, {}: {}", self.status, self.body))
    }
}
