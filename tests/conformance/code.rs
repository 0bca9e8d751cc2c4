//! Redeeming authorization codes: RFC 6749 sections 4.1.2 and 4.1.3, RFC 7636 section 4.6.
//!
//! Wrong attempts burn nothing: whoever cannot prove to be the client must not be able to spend its
//! code. Each of these tests therefore ends with the code working.

use std::time::Duration;

use crate::harness::{AuthorizationRequest, Browser, Client, Code, Configuration, Target};

tests! {
    code:
    wrong_verifier_burns_nothing,
    missing_verifier_burns_nothing,
    malformed_verifier_burns_nothing,
    challenge_is_no_verifier,
    other_client_burns_nothing,
    other_public_client_burns_nothing,
    wrong_redirect_uri_burns_nothing,
    redirect_uri_may_be_left_out,
    loopback_port_of_the_request_counts,
    replay_ends_the_grant,
    replay_ends_what_was_refreshed,
    replay_with_a_wrong_verifier_ends_nothing,
    replay_by_another_client_ends_nothing,
    replay_of_one_code_leaves_other_grants_alive,
    scope_at_the_token_endpoint_does_not_widen,
    expired_code_is_invalid_grant,
    code_is_no_access_token,
}

/// The form with another value in one parameter, or without it.
fn changed<'a>(code: &'a Code, name: &str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut form = code.parameters();
    form.retain(|(known, _)| *known != name);
    form.extend(value.map(|value| {
        let parameters = code.parameters();
        let known = parameters
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        (known.0, value)
    }));
    form
}

/// Refused as they are, and the code works afterwards.
async fn refused(target: &'static Target, client: Client, name: &str, values: &[Option<&str>]) {
    let server = target.server();
    let code = server.code(&client).await;
    for value in values {
        let answer = server.token(&client, &changed(&code, name, *value)).await;
        answer.expect_error(400, "invalid_grant");
    }
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn wrong_verifier_burns_nothing(target: &'static Target) {
    let wrong = "w".repeat(64);
    for client in [Client::web(), Client::spa()] {
        refused(target, client, "code_verifier", &[Some(&wrong)]).await;
    }
}

pub async fn missing_verifier_burns_nothing(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::spa()] {
        let code = server.code(&client).await;
        for value in [None, Some("")] {
            let form = changed(&code, "code_verifier", value);
            let answer = server.token(&client, &form).await;
            answer.expect_error_of(400, &["invalid_grant", "invalid_request"]);
        }
        server.redeem(&client, &code).await.expect_tokens();
    }
}

pub async fn malformed_verifier_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let with_space = format!("{} ", code.verifier);
    for value in [
        "short",
        &"x".repeat(129),
        &with_space,
        "\u{2603}",
        &"!".repeat(43),
    ] {
        let form = changed(&code, "code_verifier", Some(value));
        let answer = server.token(&client, &form).await;
        answer.expect_error_of(400, &["invalid_grant", "invalid_request"]);
    }
    server.redeem(&client, &code).await.expect_tokens();
}

/// Whoever read the authorization request knows the challenge only.
pub async fn challenge_is_no_verifier(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client);
    let challenge = request
        .parameters
        .iter()
        .find(|(name, _)| name == "code_challenge")
        .unwrap();
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let form = changed(&code, "code_verifier", Some(&challenge.1));
    server
        .token(&client, &form)
        .await
        .expect_error(400, "invalid_grant");
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn other_client_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    for other in [Client::other(), Client::first(), Client::spa()] {
        server
            .redeem(&other, &code)
            .await
            .expect_error(400, "invalid_grant");
    }
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn other_public_client_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::public();
    let code = server.code(&client).await;
    for other in [Client::spa(), Client::web()] {
        server
            .redeem(&other, &code)
            .await
            .expect_error(400, "invalid_grant");
    }
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn wrong_redirect_uri_burns_nothing(target: &'static Target) {
    let uris = [
        "http://127.0.0.1:9999/callback/",
        "http://127.0.0.1:9999/",
        "http://localhost:9999/callback",
        "https://attacker.example/callback",
        "x",
    ];
    refused(target, Client::web(), "redirect_uri", &uris.map(Some)).await;
}

pub async fn redirect_uri_may_be_left_out(target: &'static Target) {
    let server = target.server();
    for value in [None, Some("")] {
        let client = Client::web();
        let code = server.code(&client).await;
        let form = changed(&code, "redirect_uri", value);
        server.token(&client, &form).await.expect_tokens();
    }
}

/// Equal to that of the request, byte for byte: the registered one with another port is not.
pub async fn loopback_port_of_the_request_counts(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let requested = "http://127.0.0.1:51004/callback";
    let request = AuthorizationRequest::new(&client).with("redirect_uri", requested);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    for other in [client.redirect_uris[0], "http://127.0.0.1:51005/callback"] {
        let form = changed(&code, "redirect_uri", Some(other));
        server
            .token(&client, &form)
            .await
            .expect_error(400, "invalid_grant");
    }
    let form = changed(&code, "redirect_uri", Some(requested));
    server.token(&client, &form).await.expect_tokens();
}

/// RFC 6749 section 4.1.2: revoke all tokens issued by a code that is used twice.
pub async fn replay_ends_the_grant(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::spa()] {
        let code = server.code(&client).await;
        let tokens = server.redeem(&client, &code).await.expect_tokens();
        assert!(server.accepts(&tokens.access_token).await);
        server
            .redeem(&client, &code)
            .await
            .expect_error(400, "invalid_grant");
        server.expect_dead(&client, &tokens).await;
        server
            .redeem(&client, &code)
            .await
            .expect_error(400, "invalid_grant");
    }
}

pub async fn replay_ends_what_was_refreshed(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let first = server.redeem(&client, &code).await.expect_tokens();
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
    server.expect_dead(&client, &second).await;
    assert!(!server.accepts(&first.access_token).await);
}

/// Whoever found a code in a log cannot end the grant with it.
pub async fn replay_with_a_wrong_verifier_ends_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::spa();
    let code = server.code(&client).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let wrong = "w".repeat(64);
    for (name, value) in [
        ("code_verifier", wrong.as_str()),
        ("redirect_uri", "https://x.example/"),
    ] {
        let form = changed(&code, name, Some(value));
        server
            .token(&client, &form)
            .await
            .expect_error(400, "invalid_grant");
    }
    assert!(server.accepts(&tokens.access_token).await);
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
}

pub async fn replay_by_another_client_ends_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    server
        .redeem(&Client::other(), &code)
        .await
        .expect_error(400, "invalid_grant");
    assert!(server.accepts(&tokens.access_token).await);
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
}

pub async fn replay_of_one_code_leaves_other_grants_alive(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let elsewhere = server.tokens(&client).await;
    let code = server.code(&client).await;
    server.redeem(&client, &code).await.expect_tokens();
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
    assert!(server.accepts(&elsewhere.access_token).await);
    server
        .refresh(&client, elsewhere.refresh_token())
        .await
        .expect_tokens();
}

/// `scope` is no parameter of this request, RFC 6749 section 4.1.3.
pub async fn scope_at_the_token_endpoint_does_not_widen(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).with("scope", "email");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let mut form = code.parameters();
    form.push(("scope", "profile email"));
    let answer = server.token(&client, &form).await;
    if answer.status == 200 {
        let token = answer.expect_tokens().access_token;
        let profile = server.resource("/api/profile", &token).await;
        profile.expect_bearer_error(403, "insufficient_scope");
    } else {
        answer.expect_error_of(400, &["invalid_scope", "invalid_request"]);
    }
}

pub async fn expired_code_is_invalid_grant(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("authorization_code", 1));
    let client = Client::first();
    let code = server.code(&client).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
}

pub async fn code_is_no_access_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let code = server.code(&client).await;
    let answer = server.resource("/api/profile", &code.value).await;
    answer.expect_bearer_error(401, "invalid_token");
    server.redeem(&client, &code).await.expect_tokens();
}
