//! Requests and responses as the core has them.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http_body_util::{BodyExt, Limited};
use oauth_core::{BODY_LIMIT, DRAIN_LIMIT, UnreadableBody};

/// The request with its whole body, or marked as one whose body cannot be read.
pub(crate) async fn read(request: Request) -> http::Request<Bytes> {
    let (mut parts, mut body) = request.into_parts();
    note_origin(&mut parts);
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

/// Where the request came from, unless the host has said: at the other end of the connection, if axum was
/// told to find that out.
#[cfg(feature = "connect-info")]
pub(crate) fn note_origin(parts: &mut Parts) {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;
    use oauth_core::RequestOrigin;

    let extensions = &mut parts.extensions;
    if extensions.get::<RequestOrigin>().is_some() {
        return;
    }
    if let Some(ConnectInfo(address)) = extensions.get::<ConnectInfo<SocketAddr>>() {
        let origin = RequestOrigin::new().with_peer(address.ip());
        extensions.insert(origin);
    }
}

/// Where the request came from is what the host has said.
#[cfg(not(feature = "connect-info"))]
pub(crate) fn note_origin(_: &mut Parts) {}

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
