//! Errors of the authorization endpoint: RFC 6749 section 4.1.2.1.

use crate::harness::{AuthorizationRequest, Browser, Client, Target, fresh};

tests! {
    authorization:
    unknown_client_is_a_page,
    missing_client_is_a_page,
    unregistered_redirect_uri_is_a_page,
    response_type_missing_is_invalid_request,
    other_response_types_are_unsupported,
    client_without_the_grant_is_unauthorized,
    declined_consent_is_access_denied,
    unknown_scope_is_invalid_scope,
    scope_beyond_the_client_is_invalid_scope,
    malformed_scope_is_invalid_scope,
    scope_is_matched_exactly,
    request_object_is_not_supported,
    request_uri_is_not_supported,
    errors_do_not_wait_for_a_login,
    first_error_page_shows_nothing_unescaped,
    hostile_scope_does_not_reach_the_description,
    error_keeps_the_query_of_the_redirect_uri,
}

/// What anybody gets who is not signed in.
async fn refused(target: &'static Target, request: &AuthorizationRequest, error: &str) {
    Browser::new(target.server())
        .start(request)
        .await
        .expect_redirected(request, error);
}

pub async fn unknown_client_is_a_page(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web()).with("client_id", &fresh("nobody"));
    Browser::new(target.server())
        .start(&request)
        .await
        .expect_refusal_page();
}

pub async fn missing_client_is_a_page(target: &'static Target) {
    let browser = Browser::new(target.server());
    let request = AuthorizationRequest::new(&Client::web());
    browser
        .start(&request.clone().without("client_id"))
        .await
        .expect_refusal_page();
    browser
        .start(&request.with("client_id", ""))
        .await
        .expect_refusal_page();
    browser.page("/authorize").await.expect_refusal_page();
}

/// Also when something else is wrong for which a redirect would be the answer.
pub async fn unregistered_redirect_uri_is_a_page(target: &'static Target) {
    let browser = Browser::new(target.server());
    let request = AuthorizationRequest::new(&Client::web());
    let request = request.with("redirect_uri", "https://attacker.example/callback");
    browser.start(&request).await.expect_refusal_page();
    browser
        .start(&request.clone().with("scope", "unheard-of"))
        .await
        .expect_refusal_page();
    browser
        .start(&request.clone().without("response_type"))
        .await
        .expect_refusal_page();
    browser
        .start(&request.with("prompt", "none"))
        .await
        .expect_refusal_page();
}

pub async fn response_type_missing_is_invalid_request(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web());
    refused(
        target,
        &request.clone().without("response_type"),
        "invalid_request",
    )
    .await;
    refused(
        target,
        &request.with("response_type", ""),
        "invalid_request",
    )
    .await;
}

pub async fn other_response_types_are_unsupported(target: &'static Target) {
    for response_type in [
        "token",
        "id_token",
        "code token",
        "none",
        "CODE",
        "code code",
    ] {
        let request = AuthorizationRequest::new(&Client::web());
        let request = request.with("response_type", response_type);
        refused(target, &request, "unsupported_response_type").await;
    }
}

pub async fn client_without_the_grant_is_unauthorized(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::stranded());
    refused(target, &request, "unauthorized_client").await;
}

pub async fn declined_consent_is_access_denied(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web());
    let page = browser.start(&request).await;
    browser
        .decide(&page, "deny")
        .await
        .expect_redirected(&request, "access_denied");
}

pub async fn unknown_scope_is_invalid_scope(target: &'static Target) {
    for scope in ["unheard-of", "profile unheard-of"] {
        let request = AuthorizationRequest::new(&Client::web()).with("scope", scope);
        refused(target, &request, "invalid_scope").await;
    }
}

/// `email` exists, but this client has not registered it.
pub async fn scope_beyond_the_client_is_invalid_scope(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::code_only());
    refused(
        target,
        &request.with("scope", "profile email"),
        "invalid_scope",
    )
    .await;
}

/// Characters outside RFC 6749 appendix A.4.
pub async fn malformed_scope_is_invalid_scope(target: &'static Target) {
    for scope in [
        "pro\"file",
        "pro\\file",
        "profile\temail",
        "profile\nemail",
        "prof\u{ef}le",
    ] {
        let request = AuthorizationRequest::new(&Client::web()).with("scope", scope);
        refused(target, &request, "invalid_scope").await;
    }
}

pub async fn scope_is_matched_exactly(target: &'static Target) {
    for scope in ["Profile", "profile:read", "prof", "profile,email", "*"] {
        let request = AuthorizationRequest::new(&Client::web()).with("scope", scope);
        refused(target, &request, "invalid_scope").await;
    }
}

/// OpenID Connect Core section 6.1: a server that does not read it must not act as if it were absent.
pub async fn request_object_is_not_supported(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web()).with("request", "e30.e30.");
    refused(target, &request, "request_not_supported").await;
}

pub async fn request_uri_is_not_supported(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web());
    let request = request.with("request_uri", "https://attacker.example/request.jwt");
    refused(target, &request, "request_uri_not_supported").await;
}

/// A signed-in user is not shown a consent page for a request that cannot be granted.
pub async fn errors_do_not_wait_for_a_login(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::web()).with("scope", "unheard-of");
    browser
        .start(&request)
        .await
        .expect_redirected(&request, "invalid_scope");
}

pub async fn first_error_page_shows_nothing_unescaped(target: &'static Target) {
    let hostile = "<script>alert(1)</script>\"'>";
    let browser = Browser::new(target.server());
    let request = AuthorizationRequest::new(&Client::web());
    for name in ["client_id", "redirect_uri"] {
        let page = browser.start(&request.clone().with(name, hostile)).await;
        page.expect_refusal_page();
        assert!(!page.body.contains("<script>alert"), "{page:?}");
    }
}

pub async fn hostile_scope_does_not_reach_the_description(target: &'static Target) {
    let request = AuthorizationRequest::new(&Client::web()).with("scope", "unheard-of-marker");
    let answer = Browser::new(target.server()).start(&request).await;
    answer.expect_redirected(&request, "invalid_scope");
    assert!(!answer.header("location").contains("marker"), "{answer:?}");
}

pub async fn error_keeps_the_query_of_the_redirect_uri(target: &'static Target) {
    let client = Client::addresses();
    let request = AuthorizationRequest::new(&client)
        .with(
            "redirect_uri",
            "https://client.example/cb?tenant=a%20b&tenant=2",
        )
        .with("scope", "unheard-of");
    refused(target, &request, "invalid_scope").await;
}
