use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::error::{ErrorCode, Rejection, StoreError};
use crate::scope::Scope;
use crate::server::Inner;

/// Why a request to a protected resource was refused, with its response.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {description}")]
pub struct BearerRejection {
    status: StatusCode,
    code: Option<ErrorCode>,
    description: &'static str,
    challenge: Option<String>,
}

#[derive(Debug)]
pub(super) enum Reason {
    NoToken,
    InQuery,
    Ambiguous,
    InvalidToken,
    InsufficientScope,
    NoUser,
    Store(StoreError),
}

impl BearerRejection {
    pub(super) fn new(inner: &Inner, required: &str, reason: Reason) -> Self {
        let (code, description) = match reason {
            // RFC 6750 section 3.1: no error code for a request without a token.
            Reason::NoToken => (None, "an access token is needed"),
            Reason::InQuery => (None, "an access token in the query is not accepted"),
            Reason::Ambiguous => (
                Some(ErrorCode::InvalidRequest),
                "the access token is given more than once",
            ),
            Reason::InvalidToken => (
                Some(ErrorCode::InvalidToken),
                "the access token is invalid or has expired",
            ),
            Reason::InsufficientScope => (
                Some(ErrorCode::InsufficientScope),
                "the access token has another scope",
            ),
            Reason::NoUser => (
                Some(ErrorCode::InsufficientScope),
                "the access token does not act for a user",
            ),
            Reason::Store(error) => {
                let rejection = Rejection::from(error);
                rejection.log();
                return Self {
                    status: rejection.status(),
                    code: Some(rejection.code()),
                    description: rejection.description(),
                    challenge: None,
                };
            }
        };
        let status = code.map_or(StatusCode::UNAUTHORIZED, ErrorCode::status);
        let mut challenge = format!("Bearer realm=\"{}\"", inner.issuer);
        // A host's scope that is no scope would break the header.
        if !required.is_empty() && Scope::parse(required).is_ok() {
            challenge.push_str(&format!(", scope=\"{required}\""));
        }
        if let Some(code) = code {
            challenge.push_str(&format!(
                ", error=\"{code}\", error_description=\"{description}\""
            ));
        }
        Self {
            status,
            code,
            description,
            challenge: Some(challenge),
        }
    }

    /// For an adapter that could not ask: 500, without a challenge.
    pub fn server_error() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Some(ErrorCode::ServerError),
            description: "the server failed",
            challenge: None,
        }
    }

    /// The status of the response: 400, 401, 403, or 503 and 500 for a failing store.
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
