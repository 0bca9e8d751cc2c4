//! Errors: what a store reports, why a request was refused, and what the client is told.

use std::fmt;

use http::StatusCode;

use crate::client::ClientId;
use crate::throttle::RetryAfter;

/// An error code of the OAuth specifications, as registered with IANA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `access_denied` (RFC 6749 section 4.1.2.1).
    AccessDenied,
    /// `consent_required` (OpenID Connect Core section 3.1.2.6).
    ConsentRequired,
    /// `insufficient_scope` (RFC 6750 section 3.1).
    InsufficientScope,
    /// `insufficient_user_authentication` (RFC 9470 section 3).
    InsufficientUserAuthentication,
    /// `invalid_client` (RFC 6749 section 5.2).
    InvalidClient,
    /// `invalid_grant` (RFC 6749 section 5.2).
    InvalidGrant,
    /// `invalid_request` (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidRequest,
    /// `invalid_scope` (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidScope,
    /// `invalid_target` (RFC 8707 section 2).
    InvalidTarget,
    /// `invalid_token` (RFC 6750 section 3.1).
    InvalidToken,
    /// `login_required` (OpenID Connect Core section 3.1.2.6).
    LoginRequired,
    /// `request_not_supported` (RFC 9101 section 6.3, OpenID Connect Core section 3.1.2.6).
    RequestNotSupported,
    /// `request_uri_not_supported` (RFC 9101 section 6.3, OpenID Connect Core section 3.1.2.6).
    RequestUriNotSupported,
    /// `server_error` (RFC 6749 section 4.1.2.1).
    ServerError,
    /// `temporarily_unavailable` (RFC 6749 section 4.1.2.1).
    TemporarilyUnavailable,
    /// `unauthorized_client` (RFC 6749 sections 4.1.2.1 and 5.2).
    UnauthorizedClient,
    /// `unmet_authentication_requirements` (RFC 9470 section 5).
    UnmetAuthenticationRequirements,
    /// `unsupported_grant_type` (RFC 6749 section 5.2).
    UnsupportedGrantType,
    /// `unsupported_response_type` (RFC 6749 section 4.1.2.1).
    UnsupportedResponseType,
}

impl ErrorCode {
    /// The registered name, as it stands in a response, and the HTTP status of a direct answer.
    const fn entry(self) -> (&'static str, StatusCode) {
        match self {
            Self::AccessDenied => ("access_denied", StatusCode::FORBIDDEN),
            Self::ConsentRequired => ("consent_required", StatusCode::BAD_REQUEST),
            Self::InsufficientScope => ("insufficient_scope", StatusCode::FORBIDDEN),
            Self::InsufficientUserAuthentication => {
                ("insufficient_user_authentication", StatusCode::UNAUTHORIZED)
            }
            Self::InvalidClient => ("invalid_client", StatusCode::UNAUTHORIZED),
            Self::InvalidGrant => ("invalid_grant", StatusCode::BAD_REQUEST),
            Self::InvalidRequest => ("invalid_request", StatusCode::BAD_REQUEST),
            Self::InvalidScope => ("invalid_scope", StatusCode::BAD_REQUEST),
            Self::InvalidTarget => ("invalid_target", StatusCode::BAD_REQUEST),
            Self::InvalidToken => ("invalid_token", StatusCode::UNAUTHORIZED),
            Self::LoginRequired => ("login_required", StatusCode::BAD_REQUEST),
            Self::RequestNotSupported => ("request_not_supported", StatusCode::BAD_REQUEST),
            Self::RequestUriNotSupported => ("request_uri_not_supported", StatusCode::BAD_REQUEST),
            Self::ServerError => ("server_error", StatusCode::INTERNAL_SERVER_ERROR),
            Self::TemporarilyUnavailable => {
                ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::UnauthorizedClient => ("unauthorized_client", StatusCode::BAD_REQUEST),
            Self::UnmetAuthenticationRequirements => {
                ("unmet_authentication_requirements", StatusCode::BAD_REQUEST)
            }
            Self::UnsupportedGrantType => ("unsupported_grant_type", StatusCode::BAD_REQUEST),
            Self::UnsupportedResponseType => ("unsupported_response_type", StatusCode::BAD_REQUEST),
        }
    }

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// The HTTP status of an answer that carries this code directly, not in a redirect.
    pub const fn status(self) -> StatusCode {
        self.entry().1
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A store could not do its work: the database is away, a row cannot be read.
///
/// Only infrastructure; that something is absent, spent or expired is a value of the verb, never an
/// error. The client is told 503 `temporarily_unavailable` or 500 `server_error` and nothing else.
#[derive(Debug, thiserror::Error)]
#[error("the store failed{}", if *.transient { " for the moment" } else { "" })]
pub struct StoreError {
    transient: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// A failure that may be over when the request comes again: no connection, a timeout. 503.
    pub fn transient(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            transient: true,
            source: source.into(),
        }
    }

    /// A failure that will stay: a schema that does not fit, a payload that cannot be read. 500.
    pub fn permanent(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            transient: false,
            source: source.into(),
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

/// A request was refused: what the client is told, and for the log the cause behind it.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {description}")]
pub struct Rejection {
    code: ErrorCode,
    description: &'static str,
    status: StatusCode,
    kind: RejectionKind,
    /// Who sent the request, as far as that is known: it need not have been proven.
    client_id: Option<ClientId>,
    #[source]
    source: Option<StoreError>,
}

/// What sort of refusal it is, for events and for the response.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RejectionKind {
    Refused,
    ClientAuthenticationFailed,
    Throttled { retry_after: RetryAfter },
}

impl Rejection {
    /// Refuses with a code and an `error_description`: printable ASCII without quote and backslash
    /// (RFC 6749 section 5.2), which never repeats input. A text with other characters is replaced by
    /// a general one.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        let description = if is_error_description(description) {
            description
        } else {
            "the request was refused"
        };
        Self {
            code,
            description,
            status: code.status(),
            kind: RejectionKind::Refused,
            client_id: None,
            source: None,
        }
    }

    /// Refuses with `invalid_request`.
    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// The same with another status than the code's own.
    pub(crate) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same as a refusal of this sort.
    pub(crate) const fn with_kind(mut self, kind: RejectionKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same of a request that says it comes from this client.
    pub(crate) fn of_client(mut self, client_id: &ClientId) -> Self {
        self.client_id = Some(client_id.clone());
        self
    }

    pub(crate) fn kind(&self) -> RejectionKind {
        self.kind
    }

    pub(crate) fn client_id(&self) -> Option<&ClientId> {
        self.client_id.as_ref()
    }

    /// The code the client is told.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence the client is told.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// The HTTP status of a direct answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Writes the refusal to the log: a failing store as an error, anything else at debug level.
    pub(crate) fn log(&self) {
        match &self.source {
            Some(source) => {
                let cause: &(dyn std::error::Error + 'static) = source.source.as_ref();
                tracing::error!(code = %self.code, error = cause, "{source}");
            }
            None => tracing::debug!(code = %self.code, "refused: {}", self.description),
        }
    }
}

const fn is_error_description(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        if !matches!(first, 0x20..=0x7e) || matches!(first, b'"' | b'\\') {
            return false;
        }
        rest = others;
    }
    true
}

impl From<StoreError> for Rejection {
    fn from(source: StoreError) -> Self {
        let rejection = if source.transient {
            Self::new(
                ErrorCode::TemporarilyUnavailable,
                "the server cannot answer at the moment",
            )
        } else {
            Self::new(ErrorCode::ServerError, "the server failed")
        };
        Self {
            source: Some(source),
            ..rejection
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_that_a_header_could_not_carry_is_replaced() {
        for description in [
            "a \"quoted\" word",
            "back\\slash",
            "caf\u{e9}",
            "two\nlines",
        ] {
            let rejection = Rejection::new(ErrorCode::InvalidGrant, description);
            assert_eq!(rejection.description(), "the request was refused");
        }
        let rejection = Rejection::new(ErrorCode::InvalidGrant, "it's fine: {1}");
        assert_eq!(rejection.description(), "it's fine: {1}");
    }

    #[test]
    fn a_failing_store_is_503_or_500_and_says_nothing_else() {
        let rejection = Rejection::from(StoreError::transient("connection to 10.0.0.1 refused"));
        assert_eq!(rejection.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(rejection.code().as_str(), "temporarily_unavailable");
        assert!(!rejection.to_string().contains("10.0.0.1"));
        let rejection = Rejection::from(StoreError::permanent("no such table"));
        assert_eq!(rejection.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!rejection.to_string().contains("table"));
    }
}
