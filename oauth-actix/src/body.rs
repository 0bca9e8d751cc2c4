//! Requests and responses as the core has them.
//!
//! actix-web has the types of `http` 0.2, the core those of `http` 1: methods, URIs and headers are
//! carried over byte by byte.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::error::{HttpError, PayloadError};
use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::request::Parts;
use http::{Method, Uri};
use oauth_core::{BODY_LIMIT, DRAIN_LIMIT, RequestOrigin, UnreadableBody};

use crate::app_data::Unserved;
use crate::headers;

/// What an extractor comes to.
pub(crate) type Extraction<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

/// The request with its whole body, or marked as one whose body cannot be read.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<http::Request<Bytes>, Unserved> {
    let mut parts = head(request)?;
    let body = match whole(&mut payload).await {
        Some(body) => body,
        None => {
            drain(&mut payload).await;
            parts.extensions.insert(UnreadableBody);
            Bytes::new()
        }
    };
    Ok(http::Request::from_parts(parts, body))
}

/// The body, unless it is too long or breaks off. Nearly every one comes in one piece and is kept as
/// it is; actix-web's own function makes room for 32 kilobytes each time.
async fn whole(payload: &mut Payload) -> Option<Bytes> {
    let mut body = Bytes::new();
    while let Some(piece) = next(payload).await {
        let piece = piece.ok()?;
        if body.len() + piece.len() > BODY_LIMIT {
            return None;
        }
        body = if body.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::from(body);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
    }
    Some(body)
}

async fn drain(payload: &mut Payload) {
    let mut seen = 0;
    while let Some(Ok(piece)) = next(payload).await {
        seen += piece.len();
        if seen > DRAIN_LIMIT {
            break;
        }
    }
}

async fn next(payload: &mut Payload) -> Option<Result<Bytes, PayloadError>> {
    poll_fn(|context| Pin::new(&mut *payload).poll_next(context)).await
}

/// The request without its body.
pub(crate) fn head(request: &HttpRequest) -> Result<Parts, Unserved> {
    // Both versions of `http` accept the same today, so nothing gets here.
    convert(request).map_err(|error| {
        tracing::error!("a request cannot be carried over: {error}");
        Unserved
    })
}

fn convert(request: &HttpRequest) -> Result<Parts, http::Error> {
    let mut converted = http::Request::new(());
    *converted.method_mut() = Method::from_bytes(request.method().as_str().as_bytes())?;
    *converted.uri_mut() = match (request.uri().authority(), request.uri().path_and_query()) {
        // What nearly every client sends, without a detour through its parts.
        (None, Some(path_and_query)) => Uri::try_from(path_and_query.as_str())?,
        _ => Uri::try_from(request.uri().to_string())?,
    };
    headers::of_request(request.headers(), converted.headers_mut())?;
    if let Some(origin) = origin(request) {
        converted.extensions_mut().insert(origin);
    }
    Ok(converted.into_parts().0)
}

/// Where the request came from: what a middleware of the host has said, or else the other end of the
/// connection.
fn origin(request: &HttpRequest) -> Option<RequestOrigin> {
    let stated = request.extensions().get::<RequestOrigin>().cloned();
    let connected = || Some(RequestOrigin::new().with_peer(request.peer_addr()?.ip()));
    stated.or_else(connected)
}

/// The core's response as one of actix-web.
pub(crate) fn response(response: http::Response<Bytes>) -> HttpResponse {
    convert_back(response).unwrap_or_else(|error| {
        tracing::error!("a response cannot be carried over: {error}");
        HttpResponse::InternalServerError().finish()
    })
}

fn convert_back(response: http::Response<Bytes>) -> Result<HttpResponse, HttpError> {
    let (parts, body) = response.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16())?;
    let mut converted = HttpResponse::with_body(status, BoxBody::new(body));
    headers::of_response(&parts.headers, converted.headers_mut())?;
    Ok(converted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;
    use actix_web::test::TestRequest;

    #[test]
    fn a_request_keeps_its_method_its_uri_and_every_header() {
        let request = TestRequest::with_uri("/a%20b?c=%FF&d")
            .method("PURGE".parse().unwrap())
            .append_header(("x-note", "first"))
            .append_header(("x-note", &b"second \xff"[..]))
            .to_http_request();
        let parts = head(&request).unwrap();
        assert_eq!(parts.method, "PURGE");
        assert_eq!(parts.uri, "/a%20b?c=%FF&d");
        let notes: Vec<_> = parts.headers.get_all("x-note").iter().collect();
        assert_eq!(notes, [&b"first"[..], b"second \xff"]);
    }

    #[test]
    fn methods_are_carried_over_as_they_are() {
        let own = [
            "DELETE", "GET", "HEAD", "M-SEARCH", "OPTIONS", "POST", "get",
        ];
        for method in own {
            let request = TestRequest::with_uri("/").method(method.parse().unwrap());
            assert_eq!(head(&request.to_http_request()).unwrap().method, method);
        }
    }

    #[test]
    fn the_origin_is_the_hosts_or_else_the_connection() {
        let connection = || TestRequest::default().peer_addr("192.0.2.7:4711".parse().unwrap());
        let origin = |request: &HttpRequest| head(request).unwrap().extensions.remove();
        let expected = RequestOrigin::new().with_peer("192.0.2.7".parse().unwrap());
        assert_eq!(origin(&connection().to_http_request()), Some(expected));

        let behind_a_proxy = connection().to_http_request();
        let stated = RequestOrigin::new().with_request_id("r-1");
        behind_a_proxy.extensions_mut().insert(stated.clone());
        assert_eq!(origin(&behind_a_proxy), Some(stated));

        let nowhere = TestRequest::default().to_http_request();
        assert_eq!(origin(&nowhere), None::<RequestOrigin>);
    }

    #[test]
    fn a_response_keeps_its_status_and_every_header() {
        let answer = http::Response::builder()
            .status(429)
            .header("www-authenticate", "Basic")
            .header("www-authenticate", "Bearer")
            .body(Bytes::from_static(b"body"))
            .unwrap();
        let answer = response(answer);
        assert_eq!(answer.status(), 429);
        let schemes: Vec<_> = answer.headers().get_all("www-authenticate").collect();
        assert_eq!(schemes, ["Basic", "Bearer"]);
        let body = answer.into_body().try_into_bytes().unwrap();
        assert_eq!(body, "body");
    }
}
