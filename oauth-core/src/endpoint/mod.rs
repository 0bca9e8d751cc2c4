//! The endpoints: HTTP request in, HTTP response out.

mod authorization;
mod cross_origin;
mod introspection;
mod metadata;
mod program;
mod revocation;
mod token;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;
use time::OffsetDateTime;

pub(crate) use cross_origin::{allow_any_origin, preflight};
pub use introspection::IntrospectionClaims;
pub(crate) use metadata::metadata_document;
pub use program::ProgramEndpoint;

use crate::client::auth::{ClientRequest, identify, verify};
use crate::client::{Client, ClientId};
use crate::error::{ErrorCode, Rejection, RejectionKind, StoreError};
use crate::event::Endpoint;
use crate::parameters::Parameters;
use crate::request_origin::RequestOrigin;
use crate::server::AuthorizationServer;
use crate::throttle::{Attempt, Outcome, Purpose, RetryAfter};

/// The longest body that any endpoint takes, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// So much of a longer body an adapter reads and throws away, in bytes, before it answers: a client that
/// is still sending when the connection closes never sees the answer.
pub const DRAIN_LIMIT: usize = 4 * 1024 * 1024;

/// An extension that an adapter puts on a request whose body it could not read as a whole, because
/// it is longer than [`BODY_LIMIT`] or broke off. The endpoint then answers with an OAuth error.
#[derive(Clone, Copy, Debug)]
pub struct UnreadableBody;

/// The body of a form, or why it is none (RFC 6749 appendix B).
pub(crate) fn form_body(request: &Request<Bytes>) -> Result<&[u8], Rejection> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if !content_type.is_some_and(|value| is_form(value.as_bytes())) {
        return Err(Rejection::invalid_request(
            "the content type must be application/x-www-form-urlencoded",
        ));
    }
    let unreadable = request.extensions().get::<UnreadableBody>().is_some();
    if unreadable || request.body().len() > BODY_LIMIT {
        return Err(
            Rejection::invalid_request("the body is too large or incomplete")
                .with_status(StatusCode::PAYLOAD_TOO_LARGE),
        );
    }
    Ok(request.body())
}

/// Whether that is the content type of a form, whatever its parameters are.
fn is_form(content_type: &[u8]) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    let mut parts = content_type.split(|byte| *byte == b';');
    // What nearly every client sends, without a look for parameters.
    content_type == FORM
        || parts
            .next()
            .is_some_and(|media_type| media_type.trim_ascii().eq_ignore_ascii_case(FORM))
}

/// A failing store at an endpoint that answers nothing but the truth about tokens: 503 whatever the
/// cause, so that nobody takes silence for an answer (RFC 7009 section 2.2.1).
fn unavailable(error: StoreError) -> Rejection {
    Rejection::from(error).with_status(StatusCode::SERVICE_UNAVAILABLE)
}

/// Where the request came from, if the adapter or the host has said.
pub(crate) fn origin<T>(request: &Request<T>) -> Option<&RequestOrigin> {
    request.extensions().get()
}

impl AuthorizationServer {
    /// The client that sent the request, if it is who it says and has not guessed too often.
    async fn authenticate_client(
        &self,
        request: &Request<Bytes>,
        parameters: &Parameters<'_>,
        now: OffsetDateTime,
    ) -> Result<Arc<Client>, Rejection> {
        let inner = self.inner();
        let peer = origin(request).and_then(RequestOrigin::peer);
        let request = ClientRequest::new(request, parameters, &inner.issuer, now);
        let claim = identify(&inner.client_authentication, &request)?;
        let verification = verify(&claim, &*inner.clients, &inner.nobody, &request);
        // All who use a public client have one name: who fails under it must not lock out the others.
        let throttle = inner.throttle.as_ref();
        let Some(throttle) = throttle.filter(|_| !claim.proves_nothing()) else {
            return verification.await;
        };
        let identity = claim.presented.client_id();
        let attempt = Attempt::new(Purpose::ClientAuthentication, identity).from_peer(peer);
        let may_try = || {
            let answer = throttle.check(&attempt);
            answer.map_err(|retry_after| throttled(retry_after, identity))
        };
        may_try()?;
        let verified = verification.await;
        match &verified {
            Ok(_) => {
                may_try()?;
                throttle.outcome(&attempt, Outcome::Success);
            }
            Err(rejection) => {
                if let RejectionKind::ClientAuthenticationFailed = rejection.kind() {
                    throttle.outcome(&attempt, Outcome::Failure);
                }
            }
        }
        verified
    }

    /// Refuses a request of a program, and says so to the log and the sinks.
    fn refuse_program(
        &self,
        endpoint: Endpoint,
        request: &Request<Bytes>,
        rejection: &Rejection,
    ) -> Response<Bytes> {
        self.emit_refusal(origin(request), endpoint, rejection);
        error(rejection)
    }

    /// The answer of such an endpoint to a method that it does not take.
    fn refuse_method(
        &self,
        endpoint: Endpoint,
        request: &Request<Bytes>,
        allowed: &'static str,
    ) -> Response<Bytes> {
        self.emit_refusal(origin(request), endpoint, &METHOD_NOT_ALLOWED);
        method_not_allowed(allowed)
    }
}

fn throttled(retry_after: RetryAfter, claimed: &str) -> Rejection {
    let rejection = Rejection::new(
        ErrorCode::TemporarilyUnavailable,
        "too many attempts have failed",
    )
    .with_status(StatusCode::TOO_MANY_REQUESTS)
    .with_kind(RejectionKind::Throttled { retry_after });
    match ClientId::parse(claimed) {
        Ok(id) => rejection.of_client(&id),
        Err(_) => rejection,
    }
}

/// A JSON response that nobody stores.
fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    // Longer than an error.
    let mut text = Vec::with_capacity(256);
    if serde_json::to_writer(&mut text, body).is_err() {
        // Texts and numbers only: nothing that JSON cannot hold.
        text.clear();
    }
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response.headers_mut().clone_from(&HEADERS_OF_JSON);
    response
}

static HEADERS_OF_JSON: LazyLock<HeaderMap> = LazyLock::new(|| fixed_headers(&JSON));

const JSON: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "application/json"),
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
];

/// Headers that are the same for many responses: to copy them as a whole is less work than to insert each by its name.
pub(crate) fn fixed_headers(headers: &[(HeaderName, &'static str)]) -> HeaderMap {
    let headers = headers.iter().cloned();
    headers
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: &'static str,
}

/// An error response (RFC 6749 section 5.2).
fn error(rejection: &Rejection) -> Response<Bytes> {
    let body = ErrorBody {
        error: rejection.code().as_str(),
        error_description: rejection.description(),
    };
    let mut response = json(rejection.status(), &body);
    if rejection.status() == StatusCode::UNAUTHORIZED {
        // RFC 9110 section 11.6.1: a 401 names at least one scheme.
        let challenge = HeaderValue::from_static("Basic realm=\"client authentication\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let RejectionKind::Throttled { retry_after } = rejection.kind() {
        let seconds = HeaderValue::from(retry_after.seconds());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

const METHOD_NOT_ALLOWED: Rejection = Rejection::invalid_request("the method is not allowed here")
    .with_status(StatusCode::METHOD_NOT_ALLOWED);

/// The answer to a method that a document does not take.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Bytes> {
    let mut response = error(&METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
