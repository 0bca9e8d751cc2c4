//! Cross-origin requests: pages of any origin may call the endpoints that need no cookie.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

/// Lets scripts of any origin read the response; without credentials, as `*` implies.
pub(crate) fn allow_any_origin(mut response: Response<Bytes>) -> Response<Bytes> {
    let (name, value) = any_origin();
    response.headers_mut().insert(name, value);
    response
}

/// The header by which [`allow_any_origin`] does, for responses whose headers are made beforehand.
pub(super) fn any_origin() -> (HeaderName, HeaderValue) {
    let everybody = HeaderValue::from_static("*");
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, everybody)
}

/// The answer to a browser that asks before it sends the request.
pub(crate) fn preflight(methods: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    allow_any_origin(response)
}
