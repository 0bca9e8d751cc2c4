//! Cross-origin requests: any origin for what scripts of a client need, none for what people see.

use reqwest::Method;

use crate::harness::{Answer, AuthorizationRequest, Client, FORM, Target};

tests! {
    cors:
    metadata_may_be_read_by_any_origin,
    tokens_may_be_read_by_any_origin,
    token_errors_may_be_read_by_any_origin,
    token_preflight_is_answered,
    pages_may_be_read_by_no_other_origin,
    pages_answer_no_preflight,
}

const ORIGIN: (&str, &str) = ("origin", "https://spa.example");

#[track_caller]
fn expect_any_origin(answer: &Answer) {
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "*",
        "{answer:?}"
    );
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        "",
        "{answer:?}"
    );
}

#[track_caller]
fn expect_no_origin(answer: &Answer) {
    let strange = answer
        .headers
        .keys()
        .find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(strange, None, "{answer:?}");
}

pub async fn metadata_may_be_read_by_any_origin(target: &'static Target) {
    let path = "/.well-known/oauth-authorization-server";
    let answer = target.server().send(Method::GET, path, &[ORIGIN], "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    expect_any_origin(&answer);
}

pub async fn tokens_may_be_read_by_any_origin(target: &'static Target) {
    let server = target.server();
    let client = Client::spa();
    let code = server.code(&client).await;
    let mut form = code.parameters();
    form.extend(client.in_body());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let answer = server
        .send(Method::POST, "/token", &[FORM, ORIGIN], body)
        .await;
    answer.expect_tokens();
    expect_any_origin(&answer);
}

/// An error that a script may not read looks to it like a broken network.
pub async fn token_errors_may_be_read_by_any_origin(target: &'static Target) {
    let server = target.server();
    let json = ("content-type", "application/json");
    for (media_type, body) in [
        (FORM, "grant_type=unheard-of&client_id=spa"),
        (FORM, "grant_type=refresh_token&client_id=nobody"),
        (FORM, "%ff"),
        (json, "{}"),
    ] {
        let answer = server
            .send(Method::POST, "/token", &[media_type, ORIGIN], body)
            .await;
        assert!(matches!(answer.status, 400 | 401), "{answer:?}");
        expect_any_origin(&answer);
    }
    let answer = server.send(Method::GET, "/token", &[ORIGIN], "").await;
    assert_eq!(answer.status, 405, "{answer:?}");
    expect_any_origin(&answer);
}

async fn preflight(target: &'static Target, path: &str, method: &str) -> Answer {
    let headers = [
        ORIGIN,
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type"),
    ];
    target
        .server()
        .send(Method::OPTIONS, path, &headers, "")
        .await
}

pub async fn token_preflight_is_answered(target: &'static Target) {
    let cases = [
        ("/token", "POST"),
        ("/.well-known/oauth-authorization-server", "GET"),
    ];
    for (path, method) in cases {
        let answer = preflight(target, path, method).await;
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
        expect_any_origin(&answer);
        let methods = answer.header("access-control-allow-methods");
        assert!(methods.contains(method) || methods == "*", "{answer:?}");
        let headers = answer
            .header("access-control-allow-headers")
            .to_ascii_lowercase();
        assert!(
            headers.contains("content-type") || headers == "*",
            "{answer:?}"
        );
    }
}

pub async fn pages_may_be_read_by_no_other_origin(target: &'static Target) {
    let server = target.server();
    let query = AuthorizationRequest::new(&Client::spa()).query();
    let wrong = "/authorize?client_id=nobody".to_owned();
    let silent = format!("/authorize?{query}&prompt=none");
    for path in [
        format!("/authorize?{query}"),
        wrong,
        silent,
        "/login".into(),
        "/account".into(),
    ] {
        let answer = server.send(Method::GET, &path, &[ORIGIN], "").await;
        expect_no_origin(&answer);
    }
    for path in ["/authorize", "/consent", "/login", "/logout"] {
        let answer = server
            .send(Method::POST, path, &[FORM, ORIGIN], query.as_str())
            .await;
        expect_no_origin(&answer);
    }
}

pub async fn pages_answer_no_preflight(target: &'static Target) {
    for path in ["/authorize", "/login", "/consent", "/account", "/logout"] {
        expect_no_origin(&preflight(target, path, "POST").await);
    }
}
