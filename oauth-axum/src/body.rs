//! Requests and responses as the core has them.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use oauth_core::{BODY_LIMIT, DRAIN_LIMIT, UnreadableBody};

/// The request with its whole body, or marked as one whose body cannot be read.
pub(crate) async fn read(request: Request) -> http::Request<Bytes> {
    let (mut parts, mut body) = request.into_parts();
    let collected = Limited::new(&mut body, BODY_LIMIT).collect().await;
    let collected = match collected {
        Ok(collected) => collected.to_bytes(),
        Err(_) => {
            drain(body).await;
            parts.extensions.insert(UnreadableBody);
            Bytes::new()
        }
    };
    http::Request::from_parts(parts, collected)
}

async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > DRAIN_LIMIT {
            break;
        }
    }
}

/// The core's response as one of axum.
pub(crate) fn response(response: http::Response<Bytes>) -> Response {
    response.map(Body::from)
}
