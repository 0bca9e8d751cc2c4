//! What the revocation and the introspection endpoint take for a request.

use reqwest::Method;

use crate::harness::{Answer, Client, FORM, Target};

tests! {
    token_status_request:
    missing_token_is_invalid_request,
    repeated_parameters_are_invalid_request,
    unknown_parameters_are_ignored,
    other_content_types_are_refused,
    body_that_is_too_large_is_refused,
    nothing_is_read_from_the_query,
}

const PATHS: [&str; 2] = ["/introspect", "/revoke"];

/// The endpoint did what it is for.
#[track_caller]
fn expect_done(answer: &Answer, path: &str) {
    match path {
        "/introspect" => {
            answer.expect_active();
        }
        _ => answer.expect_revoked(),
    }
}

/// RFC 7009 section 2.1, RFC 7662 section 2.1.
pub async fn missing_token_is_invalid_request(target: &'static Target) {
    let server = target.server();
    for path in PATHS {
        for form in [
            &[][..],
            &[("token", "")],
            &[("token_type_hint", "access_token")],
        ] {
            let answer = server.form(&Client::web(), path, form).await;
            answer.expect_error(400, "invalid_request");
        }
    }
}

/// RFC 6749 section 3.2.
pub async fn repeated_parameters_are_invalid_request(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let token = ("token", tokens.access_token.as_str());
    for path in PATHS {
        for form in [
            vec![token, token],
            vec![token, ("token", "another")],
            vec![token, ("token_type_hint", "a"), ("token_type_hint", "a")],
            vec![token, ("client_id", "web"), ("client_id", "web")],
        ] {
            let answer = server.form(&client, path, &form).await;
            answer.expect_error(400, "invalid_request");
        }
    }
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn unknown_parameters_are_ignored(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let form = [
        ("token", tokens.access_token.as_str()),
        ("flavour", "sweet"),
        ("flavour", "sour"),
    ];
    for path in PATHS {
        let answer = server.form(&client, path, &form).await;
        expect_done(&answer, path);
    }
    assert!(!server.accepts(&tokens.access_token).await);
}

pub async fn other_content_types_are_refused(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let authorization = client.basic();
    let authorization = ("authorization", authorization.as_str());
    let form = format!("token={}", tokens.access_token);
    let json = format!("{{\"token\":\"{}\"}}", tokens.access_token);
    for path in PATHS {
        for (content_type, body) in [
            (Some("application/json"), json.as_str()),
            (Some("text/plain"), &form),
            (Some("multipart/form-data; boundary=x"), &form),
            (None, &form),
            (Some(FORM.1), "token=%ff"),
        ] {
            let mut headers = vec![authorization];
            headers.extend(content_type.map(|value| ("content-type", value)));
            let answer = server.send(Method::POST, path, &headers, body).await;
            answer.expect_error(400, "invalid_request");
        }
    }
    assert!(server.accepts(&tokens.access_token).await);
    for path in PATHS {
        for content_type in [
            "application/x-www-form-urlencoded; charset=UTF-8",
            "Application/X-WWW-Form-Urlencoded",
        ] {
            let headers = [authorization, ("content-type", content_type)];
            let answer = server
                .send(Method::POST, path, &headers, form.as_str())
                .await;
            expect_done(&answer, path);
        }
    }
    assert!(!server.accepts(&tokens.access_token).await);
}

pub async fn body_that_is_too_large_is_refused(target: &'static Target) {
    let server = target.server();
    let authorization = Client::web().basic();
    let headers = [("authorization", authorization.as_str()), FORM];
    let body = format!("token={}", "x".repeat(100 * 1024));
    for path in PATHS {
        let answer = server
            .send(Method::POST, path, &headers, body.as_str())
            .await;
        answer.expect_error(413, "invalid_request");
    }
}

/// Addresses are logged.
pub async fn nothing_is_read_from_the_query(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let authorization = client.basic();
    let headers = [("authorization", authorization.as_str())];
    for path in PATHS {
        let path = format!("{path}?token={}", tokens.access_token);
        let answer = server.form(&client, &path, &[]).await;
        answer.expect_error(400, "invalid_request");
        let answer = server.send(Method::GET, &path, &headers, "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
    }
    assert!(server.accepts(&tokens.access_token).await);
}
