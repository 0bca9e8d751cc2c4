//! The conversation with the introspection endpoint.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use url::{Url, form_urlencoded};

use crate::response::Malformed;

/// Longer responses are a failure, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// The endpoint, and how this client authenticates there.
pub(crate) struct Endpoint {
    http: Client,
    url: Url,
    client_id: String,
    authorization: HeaderValue,
}

/// Why the endpoint could not tell. None of it shows the token or the secret.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the introspection endpoint could not be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    #[error("the introspection endpoint refuses the credentials of its client")]
    Unauthorized,
    #[error("the introspection endpoint answered with status {0}")]
    Status(StatusCode),
    #[error("the introspection response is longer than {MAX_RESPONSE} bytes")]
    TooLong,
    #[error("the introspection response is malformed")]
    Malformed(#[source] Malformed),
}

impl Failure {
    /// Whether it may be over when the request comes again.
    pub(crate) fn is_transient(&self) -> bool {
        !matches!(self, Self::Unauthorized)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(Arc::new(error))
    }
}

impl Endpoint {
    /// `None` when the header could not carry the credentials.
    pub(crate) fn new(http: Client, url: Url, client_id: String, secret: &str) -> Option<Self> {
        let mut authorization = HeaderValue::try_from(basic(&client_id, secret)).ok()?;
        authorization.set_sensitive(true);
        Some(Self {
            http,
            url,
            client_id,
            authorization,
        })
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The body of the endpoint's answer about the token (RFC 7662 section 2).
    pub(crate) async fn ask(&self, token: &str) -> Result<Vec<u8>, Failure> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = self
            .http
            .post(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form);
        let response = request.send().await?;
        match response.status() {
            StatusCode::OK => bounded(response).await,
            StatusCode::UNAUTHORIZED => {
                tracing::error!(
                    endpoint = self.url(),
                    client_id = self.client_id,
                    "the introspection endpoint refuses the credentials of this client"
                );
                Err(Failure::Unauthorized)
            }
            status => Err(Failure::Status(status)),
        }
    }
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_RESPONSE {
            return Err(Failure::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// RFC 6749 section 2.3.1: identifier and secret are form-encoded first.
fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(client_id), encode(secret));
    format!("Basic {}", STANDARD.encode(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_form_encoded_before_they_become_basic() {
        let header = basic("an api:1", "a b+c%25");
        let encoded = header.strip_prefix("Basic ").unwrap();
        let decoded = STANDARD.decode(encoded).unwrap();
        assert_eq!(decoded, b"an+api%3A1:a+b%2Bc%2525");
    }
}
