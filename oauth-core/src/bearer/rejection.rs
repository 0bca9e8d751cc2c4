use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::guard::Guard;
use crate::client::ClientId;
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::event::{Endpoint, EventKind};
use crate::scope::Scope;

/// Why a request to a protected resource was refused, with its response.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {description}")]
pub struct BearerRejection {
    status: StatusCode,
    code: Option<ErrorCode>,
    description: &'static str,
    challenge: Option<String>,
    client_id: Option<ClientId>,
}

#[derive(Debug)]
pub(super) enum Reason {
    NoToken,
    InQuery,
    Ambiguous,
    InvalidToken,
    OtherResource,
    InsufficientScope,
    InsufficientUserAuthentication,
    NoUser,
    Store(StoreError),
}

impl Reason {
    fn said(&self) -> (Option<ErrorCode>, &'static str) {
        match self {
            // RFC 6750 section 3.1: no error code for a request without a token.
            Self::NoToken => (None, "an access token is needed"),
            Self::InQuery => (None, "an access token in the query is not accepted"),
            Self::Ambiguous => (
                Some(ErrorCode::InvalidRequest),
                "the access token is given more than once",
            ),
            Self::InvalidToken => (
                Some(ErrorCode::InvalidToken),
                "the access token is invalid or has expired",
            ),
            Self::OtherResource => (
                Some(ErrorCode::InvalidToken),
                "the access token is for another resource",
            ),
            Self::InsufficientScope => (
                Some(ErrorCode::InsufficientScope),
                "the access token has another scope",
            ),
            Self::InsufficientUserAuthentication => (
                Some(ErrorCode::InsufficientUserAuthentication),
                "the user has to sign in again, or in another way",
            ),
            Self::NoUser => (
                Some(ErrorCode::InsufficientScope),
                "the access token does not act for a user",
            ),
            Self::Store(_) => (Some(ErrorCode::ServerError), "the server failed"),
        }
    }
}

impl BearerRejection {
    pub(super) fn new(guard: &Guard<'_>, reason: Reason) -> Self {
        let (code, description) = reason.said();
        if let Reason::Store(error) = reason {
            let rejection = Rejection::from(error);
            rejection.log();
            return Self {
                status: rejection.status(),
                code: Some(rejection.code()),
                description: rejection.description(),
                challenge: None,
                client_id: None,
            };
        }
        let told = code.map(ErrorCode::as_str);
        tracing::debug!(code = told, "refused: {description}");
        Self {
            status: code.map_or(StatusCode::UNAUTHORIZED, ErrorCode::status),
            code,
            description,
            challenge: Some(challenge(guard, code, description)),
            client_id: None,
        }
    }

    /// The same for the token of this client.
    pub(super) fn of_client(mut self, client_id: &ClientId) -> Self {
        self.client_id = Some(client_id.clone());
        self
    }

    /// What sinks are told of it.
    pub(super) fn event(&self) -> EventKind<'_> {
        EventKind::Refused {
            endpoint: Endpoint::ProtectedResource,
            client_id: self.client_id.as_ref(),
            code: self.code,
            description: self.description,
        }
    }

    /// For an adapter that could not ask: 500, without a challenge.
    pub fn server_error() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Some(ErrorCode::ServerError),
            description: "the server failed",
            challenge: None,
            client_id: None,
        }
    }

    /// The status of the response: 400, 401, 403, or 503 and 500 where nobody can tell.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error code; none when there was no token.
    pub fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// The response: no body, and a challenge where RFC 6750 section 3 asks for one.
    pub fn into_http(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(Ok(challenge)) = self.challenge.map(HeaderValue::try_from) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// RFC 6750 section 3, RFC 9728 section 5.1 and RFC 9470 section 3.
fn challenge(guard: &Guard<'_>, code: Option<ErrorCode>, description: &str) -> String {
    let required = guard.required;
    let mut challenge = format!("Bearer realm=\"{}\"", guard.realm);
    let mut add = |name: &str, value: &str| {
        // Writing to a `String` does not fail.
        let _ = write!(challenge, ", {name}=\"{value}\"");
    };
    if let Some(published) = guard.published {
        add("resource_metadata", &published.url);
    }
    if is_list(required.scope) {
        add("scope", required.scope);
    }
    if let Some(code) = code {
        add("error", code.as_str());
        add("error_description", description);
    }
    if code == Some(ErrorCode::InsufficientUserAuthentication) {
        if is_list(required.acr_values) {
            add("acr_values", required.acr_values);
        }
        if let Some(max_age) = required.max_age {
            add("max_age", &max_age.as_secs().to_string());
        }
    }
    challenge
}

/// A host's text that is no list of values would break the header.
fn is_list(values: &str) -> bool {
    !values.is_empty() && Scope::parse(values).is_ok()
}
