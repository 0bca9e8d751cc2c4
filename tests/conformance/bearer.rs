//! The protected resource: RFC 6750.

use reqwest::Method;

use crate::harness::{AuthorizationRequest, Browser, Client, Target};

tests! {
    bearer:
    no_token_is_a_challenge_without_an_error,
    unknown_token_is_invalid_token,
    malformed_credentials_are_refused,
    tampered_token_is_invalid_token,
    other_scheme_is_a_challenge_without_an_error,
    missing_scope_is_insufficient_scope,
    scheme_is_case_insensitive,
    token_in_the_query_is_refused,
    token_in_header_and_query_is_refused,
    token_in_the_body_is_refused,
    repeated_header_is_refused,
    unreadable_header_is_refused,
    challenges_are_well_formed,
}

const PROFILE: &str = "/api/profile";

/// RFC 6750 section 3.1: no error code for a request that lacks any authentication.
pub async fn no_token_is_a_challenge_without_an_error(target: &'static Target) {
    for path in [PROFILE, "/api/email"] {
        let challenge = target.server().get(path).await.expect_challenge(401);
        assert!(!challenge.contains_key("error"), "{challenge:?}");
        assert!(
            !challenge.contains_key("error_description"),
            "{challenge:?}"
        );
    }
}

pub async fn unknown_token_is_invalid_token(target: &'static Target) {
    for token in ["unheard-of", &"x".repeat(2000), "a.b.c", "abc==", "-._~+/"] {
        let answer = target.server().resource(PROFILE, token).await;
        answer.expect_bearer_error(401, "invalid_token");
    }
}

/// Not of the grammar of RFC 6750 section 2.1.
pub async fn malformed_credentials_are_refused(target: &'static Target) {
    for credentials in [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer \"abc\"",
    ] {
        let headers = [("authorization", credentials)];
        let answer = target
            .server()
            .send(Method::GET, PROFILE, &headers, "")
            .await;
        let status = if answer.status == 400 { 400 } else { 401 };
        let challenge = answer.expect_challenge(status);
        let errors = [None, Some("invalid_token"), Some("invalid_request")];
        let error = challenge.get("error").map(String::as_str);
        assert!(errors.contains(&error), "{challenge:?}");
    }
}

/// A checksum that fits or not: what was not issued is worth nothing.
pub async fn tampered_token_is_invalid_token(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    for place in [0, token.len() / 2, token.len() - 1] {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(bytes).unwrap();
        let answer = server.resource(PROFILE, &tampered).await;
        answer.expect_bearer_error(401, "invalid_token");
    }
    for tampered in [
        &token[..token.len() - 1],
        &format!("{token}A"),
        &token.to_uppercase(),
    ] {
        let answer = server.resource(PROFILE, tampered).await;
        answer.expect_bearer_error(401, "invalid_token");
    }
    assert!(server.accepts(&token).await);
}

pub async fn other_scheme_is_a_challenge_without_an_error(target: &'static Target) {
    let authorization = Client::web().basic();
    let headers = [("authorization", authorization.as_str())];
    let answer = target
        .server()
        .send(Method::GET, PROFILE, &headers, "")
        .await;
    let challenge = answer.expect_challenge(401);
    assert!(!challenge.contains_key("error"), "{challenge:?}");
}

pub async fn missing_scope_is_insufficient_scope(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    for (granted, missing) in [("email", "profile"), ("profile", "email")] {
        let request = AuthorizationRequest::new(&client).with("scope", granted);
        let code = Browser::new(server).grant(server.anyone(), &request).await;
        let tokens = server.redeem(&client, &code).await.expect_tokens();
        let answer = server
            .resource(&format!("/api/{missing}"), &tokens.access_token)
            .await;
        let challenge = answer.expect_bearer_error(403, "insufficient_scope");
        assert_eq!(challenge.get("scope").map(String::as_str), Some(missing));
    }
}

pub async fn scheme_is_case_insensitive(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let authorization = format!("{scheme} {token}");
        let headers = [("authorization", authorization.as_str())];
        let answer = server.send(Method::GET, PROFILE, &headers, "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// RFC 9700 section 4.3.2, against RFC 6750 section 2.3.
pub async fn token_in_the_query_is_refused(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    let answer = server.get(&format!("{PROFILE}?access_token={token}")).await;
    let status = if answer.status == 400 { 400 } else { 401 };
    answer.expect_challenge(status);
}

/// RFC 6750 section 3.1: more than one method is invalid_request.
pub async fn token_in_header_and_query_is_refused(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    let path = format!("{PROFILE}?access_token={token}");
    let answer = server.resource(&path, &token).await;
    answer.expect_bearer_error(400, "invalid_request");
}

pub async fn token_in_the_body_is_refused(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("access_token={token}");
    let answer = server.send(Method::GET, PROFILE, &headers, body).await;
    assert!(matches!(answer.status, 400 | 401), "{answer:?}");
}

pub async fn repeated_header_is_refused(target: &'static Target) {
    let server = target.server();
    let token = server.tokens(&Client::first()).await.access_token;
    let right = format!("Authorization: Bearer {token}");
    let wrong = b"Authorization: Bearer wrong".as_slice();
    for headers in [
        [right.as_bytes(), wrong],
        [wrong, right.as_bytes()],
        [right.as_bytes(); 2],
    ] {
        let answer = server.raw(Method::GET, PROFILE, &headers, b"");
        assert!(matches!(answer.status, 400 | 401), "{answer:?}");
        assert!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "{answer:?}"
        );
    }
}

pub async fn unreadable_header_is_refused(target: &'static Target) {
    let header: &[u8] = b"Authorization: Bearer \xff\xfe";
    let answer = target.server().raw(Method::GET, PROFILE, &[header], b"");
    assert!(matches!(answer.status, 400 | 401), "{answer:?}");
    assert!(
        answer.header("www-authenticate").starts_with("Bearer"),
        "{answer:?}"
    );
}

/// RFC 6750 section 3: an attribute at least, each of them once, and no characters but the allowed ones.
pub async fn challenges_are_well_formed(target: &'static Target) {
    let server = target.server();
    let request = AuthorizationRequest::new(&Client::first()).with("scope", "email");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&Client::first(), &code).await.expect_tokens();
    let token = tokens.access_token.as_str();
    let twice = format!("{PROFILE}?access_token={token}");
    let printable = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    for (answer, status) in [
        (server.get(PROFILE).await, 401),
        (server.resource(PROFILE, "unheard-of").await, 401),
        (server.resource(PROFILE, token).await, 403),
        (server.resource(&twice, token).await, 400),
    ] {
        let challenge = answer.expect_challenge(status);
        assert!(!challenge.is_empty(), "{answer:?}");
        for (name, value) in &challenge {
            let known = [
                "realm",
                "scope",
                "error",
                "error_description",
                // RFC 9728 section 5.1.
                "resource_metadata",
            ];
            assert!(known.contains(&name.as_str()), "{name}: {answer:?}");
            assert!(value.bytes().all(printable), "{name}: {answer:?}");
        }
    }
}
