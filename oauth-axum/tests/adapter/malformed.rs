//! What the framework underneath would answer itself is answered by the server.

use axum::body::{Body, Bytes};
use http::{Method, Request, header};
use http_body_util::{Full, Limited};
use oauth_core::BODY_LIMIT;

use crate::host::{AUTHORIZE, Answer, FORM, host, post_form, send, ticket, token, visit};

fn is_oauth_json(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["error"], "invalid_request");
    assert!(answer.json()["error_description"].is_string());
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

fn is_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let content_type = &answer.headers[header::CONTENT_TYPE];
    assert_eq!(content_type, "text/html; charset=utf-8");
    assert!(answer.text().contains("<h1>"));
    assert!(!answer.headers.contains_key(header::LOCATION));
}

fn post(uri: &str, content_type: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(uri).header("x-user", "alice");
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    request.body(body.into()).unwrap()
}

/// Ends with an error after some bytes, like a connection that is lost.
fn broken_off() -> Body {
    let bytes = Bytes::from_static(b"grant_type=client_credentials");
    Body::new(Limited::new(Full::new(bytes), 5))
}

#[tokio::test]
async fn at_the_token_endpoint() {
    let host = host();
    let large = vec![b'a'; BODY_LIMIT + 1];
    is_oauth_json(&send(&host, post("/token", Some(FORM), large)).await, 413);
    let huge = vec![b'a'; 5 * 1024 * 1024];
    is_oauth_json(&send(&host, post("/token", Some(FORM), huge)).await, 413);
    is_oauth_json(
        &send(&host, post("/token", Some(FORM), broken_off())).await,
        413,
    );
    for content_type in [None, Some("application/json"), Some("multipart/form-data")] {
        let answer = send(&host, post("/token", content_type, "grant_type=x")).await;
        is_oauth_json(&answer, 400);
    }
    for body in [&b"a=\xff"[..], b"a=%FF", b"%ff=a"] {
        let answer = send(&host, post("/token", Some(FORM), body)).await;
        is_oauth_json(&answer, 400);
    }
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let mut request = post("/token", Some(FORM), "grant_type=client_credentials");
        *request.method_mut() = method;
        let answer = send(&host, request).await;
        is_oauth_json(&answer, 405);
        assert_eq!(answer.headers[header::ALLOW], "POST, OPTIONS");
    }
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read() {
    let host = host();
    let mut form = "grant_type=client_credentials&padding=".to_owned();
    form.push_str(&"a".repeat(BODY_LIMIT - form.len()));
    let answer = token(&host, "/token", "job", form.clone()).await;
    assert_eq!(answer.status, 200);
    form.push('a');
    let answer = token(&host, "/token", "job", form).await;
    is_oauth_json(&answer, 413);
}

#[tokio::test]
async fn at_the_metadata() {
    let host = host();
    let metadata = "/.well-known/oauth-authorization-server";
    let answer = send(&host, post_form(metadata, "a=b".to_owned())).await;
    is_oauth_json(&answer, 405);
    assert_eq!(answer.headers[header::ALLOW], "GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn at_the_authorization_endpoint() {
    let host = host();
    let (_, query) = AUTHORIZE.split_once('?').unwrap();
    let large = format!("{query}&x={}", "a".repeat(BODY_LIMIT));
    for (request, status) in [
        (post_form("/authorize", large), 413),
        (post("/authorize", Some(FORM), broken_off()), 413),
        (post("/authorize", Some("application/json"), "{}"), 400),
        (post("/authorize", None, query.to_owned()), 400),
        (post("/authorize", Some(FORM), &b"client_id=\xff"[..]), 400),
        (post("/authorize", Some(FORM), ""), 400),
    ] {
        is_page(&send(&host, request).await, status);
    }
    let uri = format!("{AUTHORIZE}&x={}", "a".repeat(17 * 1024));
    is_page(&visit(&host, &uri, "alice").await, 414);
    let uri = format!("{AUTHORIZE}&x=%FF");
    is_page(&visit(&host, &uri, "alice").await, 400);
}

#[tokio::test]
async fn at_the_consent_handler() {
    let host = host();
    let form = format!("decision=allow&ticket={}", ticket(&host).await);
    let large = format!("{form}&x={}", "a".repeat(BODY_LIMIT));
    for (request, status) in [
        (post("/consent", Some(FORM), large), 413),
        (post("/consent", Some(FORM), broken_off()), 413),
        (post("/consent", Some("text/plain"), form.clone()), 400),
        (post("/consent", Some(FORM), &b"ticket=\xff"[..]), 400),
        (post("/consent", Some(FORM), "decision=allow"), 400),
    ] {
        is_page(&send(&host, request).await, status);
    }
    let answer = send(&host, post("/consent", Some(FORM), form)).await;
    assert_eq!(answer.status, 303, "the ticket is still good");
}
