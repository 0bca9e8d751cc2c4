//! What the framework underneath would answer itself is answered by the server.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use futures_core::Stream;
use oauth_core::BODY_LIMIT;

use crate::host::{AUTHORIZE, Answer, FORM, host, post_form};

fn is_oauth_json(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["error"], "invalid_request");
    assert!(answer.json()["error_description"].is_string());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

fn is_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.text().contains("<h1>"));
    assert_eq!(answer.header("location"), "");
}

fn post(uri: &str, content_type: Option<&str>, body: impl Into<Bytes>) -> TestRequest {
    let request = TestRequest::post().uri(uri).set_payload(body);
    let request = request.insert_header(("x-user", "alice"));
    match content_type {
        Some(content_type) => request.insert_header(("content-type", content_type)),
        None => request,
    }
}

/// Ends with an error after some bytes, like a connection that is lost.
struct BrokenOff(Option<Bytes>);

impl Stream for BrokenOff {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let bytes = self.0.take();
        Poll::Ready(Some(bytes.ok_or(PayloadError::Incomplete(None))))
    }
}

fn broken_off() -> Payload {
    let bytes = Bytes::from_static(b"grant_type=client_credentials");
    let payload: Pin<Box<dyn Stream<Item = _>>> = Box::pin(BrokenOff(Some(bytes)));
    Payload::from(payload)
}

#[tokio::test]
async fn at_the_token_endpoint() {
    let host = host().await;
    for length in [BODY_LIMIT + 1, 5 * 1024 * 1024] {
        let request = post("/token", Some(FORM), vec![b'a'; length]);
        is_oauth_json(&host.send(request).await, 413);
    }
    let request = post("/token", Some(FORM), "");
    is_oauth_json(&host.send_with(request, broken_off()).await, 413);
    for content_type in [None, Some("application/json"), Some("multipart/form-data")] {
        let answer = host.send(post("/token", content_type, "grant_type=x"));
        is_oauth_json(&answer.await, 400);
    }
    for body in [&b"a=\xff"[..], b"a=%FF", b"%ff=a"] {
        is_oauth_json(&host.send(post("/token", Some(FORM), body)).await, 400);
    }
    let own = Method::from_bytes(b"PURGE").unwrap();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, own] {
        let request = post("/token", Some(FORM), "grant_type=client_credentials");
        let answer = host.send(request.method(method)).await;
        is_oauth_json(&answer, 405);
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
    }
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read() {
    let host = host().await;
    let mut form = "grant_type=client_credentials&padding=".to_owned();
    form.push_str(&"a".repeat(BODY_LIMIT - form.len()));
    let answer = host.token("/token", "job", form.clone()).await;
    assert_eq!(answer.status, 200);
    form.push('a');
    is_oauth_json(&host.token("/token", "job", form).await, 413);
}

#[tokio::test]
async fn at_the_metadata() {
    let host = host().await;
    let metadata = "/.well-known/oauth-authorization-server";
    let answer = host.send(post_form(metadata, "a=b")).await;
    is_oauth_json(&answer, 405);
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn at_the_authorization_endpoint() {
    let host = host().await;
    let (_, query) = AUTHORIZE.split_once('?').unwrap();
    let large = format!("{query}&x={}", "a".repeat(BODY_LIMIT));
    for (request, status) in [
        (post_form("/authorize", large), 413),
        (post("/authorize", Some("application/json"), "{}"), 400),
        (post("/authorize", None, query), 400),
        (post("/authorize", Some(FORM), &b"client_id=\xff"[..]), 400),
        (post("/authorize", Some(FORM), ""), 400),
    ] {
        is_page(&host.send(request).await, status);
    }
    let request = post("/authorize", Some(FORM), "");
    is_page(&host.send_with(request, broken_off()).await, 413);
    let uri = format!("{AUTHORIZE}&x={}", "a".repeat(17 * 1024));
    is_page(&host.visit(&uri, "alice").await, 414);
    let uri = format!("{AUTHORIZE}&x=%FF");
    is_page(&host.visit(&uri, "alice").await, 400);
}

#[tokio::test]
async fn at_the_consent_handler() {
    let host = host().await;
    let form = format!("decision=allow&ticket={}", host.ticket().await);
    let large = format!("{form}&x={}", "a".repeat(BODY_LIMIT));
    for (request, status) in [
        (post("/consent", Some(FORM), large), 413),
        (post("/consent", Some("text/plain"), form.clone()), 400),
        (post("/consent", Some(FORM), &b"ticket=\xff"[..]), 400),
        (post("/consent", Some(FORM), "decision=allow"), 400),
    ] {
        is_page(&host.send(request).await, status);
    }
    let request = post("/consent", Some(FORM), "");
    is_page(&host.send_with(request, broken_off()).await, 413);
    let answer = host.send(post("/consent", Some(FORM), form)).await;
    assert_eq!(answer.status, 303, "the ticket is still good");
}
