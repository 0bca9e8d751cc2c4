//! `response_mode`, OAuth 2.0 Multiple Response Type Encoding Practices and Form Post Response Mode.

use crate::harness::{AuthorizationRequest, Browser, Client, Target};

tests! {
    response_mode:
    query_is_the_default_and_may_be_said,
    form_post_carries_the_code,
    form_post_carries_errors,
    form_post_escapes_the_state,
    form_post_after_consent,
    unknown_modes_are_invalid_request,
}

pub async fn query_is_the_default_and_may_be_said(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first()).with("response_mode", "query");
    let code = browser.start(&request).await.expect_code(&request);
    server.redeem(&Client::first(), &code).await.expect_tokens();
}

pub async fn form_post_carries_the_code(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&client).with("response_mode", "form_post");
    let response = browser.start(&request).await.expect_form_post(&request);
    let code = [
        ("grant_type", "authorization_code"),
        ("code", &response["code"]),
        ("redirect_uri", &request.redirect_uri),
        ("code_verifier", &request.verifier),
    ];
    server.token(&client, &code).await.expect_tokens();
}

pub async fn form_post_carries_errors(target: &'static Target) {
    let browser = Browser::new(target.server());
    let request = AuthorizationRequest::new(&Client::first()).with("response_mode", "form_post");
    let request = request.with("scope", "unheard-of");
    let response = browser.start(&request).await.expect_form_post(&request);
    assert_eq!(response["error"], "invalid_scope");
}

pub async fn form_post_escapes_the_state(target: &'static Target) {
    let browser = Browser::new(target.server());
    let state = "\"><script>alert(1)</script>&amp;'";
    let request = AuthorizationRequest::new(&Client::first()).with("response_mode", "form_post");
    let request = request.with("prompt", "none").with("state", state);
    let page = browser.start(&request).await;
    let response = page.expect_form_post(&request);
    assert_eq!(response["error"], "login_required");
    assert!(!page.body.contains("<script>alert"), "{page:?}");
}

pub async fn form_post_after_consent(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web()).with("response_mode", "form_post");
    for (decision, member) in [("deny", "error"), ("allow", "code")] {
        let page = browser.start(&request).await;
        let response = browser
            .decide(&page, decision)
            .await
            .expect_form_post(&request);
        assert!(response.contains_key(member), "{response:?}");
    }
}

/// A fragment would hand the code to scripts of the page, and is no mode of this server.
pub async fn unknown_modes_are_invalid_request(target: &'static Target) {
    for mode in [
        "fragment",
        "web_message",
        "query.jwt",
        "QUERY",
        "unheard-of",
    ] {
        let request = AuthorizationRequest::new(&Client::web()).with("response_mode", mode);
        let answer = Browser::new(target.server()).start(&request).await;
        answer.expect_redirected(&request, "invalid_request");
    }
}
