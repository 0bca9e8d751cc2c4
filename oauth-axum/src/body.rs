//! Requests and responses as the core has them.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use oauth_core::{BODY_LIMIT, UnreadableBody};

/// The request with its whole body, or marked as one whose body cannot be read.
pub(crate) async fn read(request: Request) -> http::Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            parts.extensions.insert(UnreadableBody);
            Bytes::new()
        }
    };
    http::Request::from_parts(parts, body)
}

/// The core's response as one of axum.
pub(crate) fn response(response: http::Response<Bytes>) -> Response {
    response.map(Body::from)
}
