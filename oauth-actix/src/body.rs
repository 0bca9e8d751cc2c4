//! Requests and responses as the core has them.
//!
//! actix-web has the types of `http` 0.2, the core those of `http` 1: methods, URIs and headers are
//! carried over byte by byte.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::{BodyStream, to_bytes_limited};
use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{Error, HttpRequest, HttpResponse};
use bytes::Bytes;
use http::request::Parts;
use oauth_core::{BODY_LIMIT, UnreadableBody};

/// What an extractor comes to. The host's errors go through [`Error`], so these do too.
pub(crate) type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The request with its whole body, or marked as one whose body cannot be read.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
) -> Result<http::Request<Bytes>, Error> {
    let mut parts = head(request)?;
    let body = match to_bytes_limited(BodyStream::new(payload), BODY_LIMIT).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) | Err(_) => {
            parts.extensions.insert(UnreadableBody);
            Bytes::new()
        }
    };
    Ok(http::Request::from_parts(parts, body))
}

/// The request without its body.
pub(crate) fn head(request: &HttpRequest) -> Result<Parts, Error> {
    // The one parser may know what the other does not; no request of a browser or client gets here.
    convert(request).map_err(|error| {
        tracing::warn!("a request that cannot be carried over: {error}");
        ErrorBadRequest("the request is malformed")
    })
}

fn convert(request: &HttpRequest) -> Result<Parts, http::Error> {
    let mut converted = http::Request::builder()
        .method(request.method().as_str())
        .uri(request.uri().to_string());
    for (name, value) in request.headers() {
        converted = converted.header(name.as_str(), value.as_bytes());
    }
    Ok(converted.body(())?.into_parts().0)
}

/// The core's response as one of actix-web.
pub(crate) fn response(response: http::Response<Bytes>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let Ok(status) = actix_web::http::StatusCode::from_u16(parts.status.as_u16()) else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut converted = HttpResponse::build(status);
    for (name, value) in &parts.headers {
        converted.append_header((name.as_str(), value.as_bytes()));
    }
    converted.body(body)
}
