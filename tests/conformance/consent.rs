//! Consent: when it is asked for, what it shows, and how long it is remembered.

use crate::harness::{AuthorizationRequest, Browser, Client, Target};

tests! {
    consent:
    page_says_who_asks_for_what,
    page_says_only_what_is_asked_for,
    remembered_for_the_same_request,
    remembered_for_less,
    remembered_across_sessions,
    remembered_for_public_clients_that_own_their_address,
    asked_again_for_a_new_scope,
    granted_scopes_add_up,
    not_shared_between_clients,
    not_shared_between_users,
    always_asked_of_public_clients_on_loopback,
    always_asked_of_private_use_schemes,
    first_party_does_not_help_on_loopback,
    first_party_clients_are_never_asked_about,
    denial_is_an_answer_and_is_not_remembered,
    denial_does_not_withdraw,
    decision_must_be_one_of_the_two,
}

pub async fn page_says_who_asks_for_what(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let page = browser.start(&AuthorizationRequest::new(&client)).await;
    page.expect_consent();
    let text = page.text();
    for expected in [
        client.name,
        "127.0.0.1",
        "Read your profile",
        "Read your <e-mail> address",
    ] {
        assert!(text.contains(expected), "no {expected:?} in {text}");
    }
    assert!(!page.body.contains("<b>application</b>"), "{page:?}");
    assert_eq!(page.forms().len(), 1, "{page:?}");
    // Browsers apply form-action to the redirect after the form as well.
    let policy = page.header("content-security-policy");
    let targets = policy
        .split([';', ','])
        .find(|part| part.trim().starts_with("form-action"));
    assert!(
        targets.is_none_or(|targets| targets.contains("127.0.0.1:9999")),
        "{page:?}"
    );
}

pub async fn page_says_only_what_is_asked_for(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let client = Client::spa();
    let request = AuthorizationRequest::new(&client).with("scope", "email");
    let text = browser.start(&request).await.text();
    assert!(text.contains("Read your <e-mail> address"), "{text}");
    assert!(!text.contains("Read your profile"), "{text}");
    assert!(text.contains("spa.example"), "{text}");
}

/// Grants the first request and starts the second one.
async fn then(
    target: &'static Target,
    client: &Client,
    first: &str,
    second: &str,
) -> (AuthorizationRequest, crate::harness::Answer) {
    let server = target.server();
    let browser = Browser::new(server);
    let request = AuthorizationRequest::new(client).with("scope", first);
    browser.grant(server.newcomer(), &request).await;
    let request = AuthorizationRequest::new(client).with("scope", second);
    let answer = browser.start(&request).await;
    (request, answer)
}

pub async fn remembered_for_the_same_request(target: &'static Target) {
    let (request, answer) = then(target, &Client::web(), "profile email", "email profile").await;
    answer.expect_code(&request);
}

pub async fn remembered_for_less(target: &'static Target) {
    let (request, answer) = then(target, &Client::web(), "profile email", "email").await;
    let code = answer.expect_code(&request);
    // Less is granted, too.
    let tokens = target
        .server()
        .redeem(&Client::web(), &code)
        .await
        .expect_tokens();
    let profile = target
        .server()
        .resource("/api/profile", &tokens.access_token)
        .await;
    profile.expect_bearer_error(403, "insufficient_scope");
}

pub async fn remembered_across_sessions(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let request = AuthorizationRequest::new(&Client::web());
    Browser::new(server).grant(user, &request).await;
    let elsewhere = Browser::of(server, user).await;
    elsewhere.start(&request).await.expect_code(&request);
}

pub async fn remembered_for_public_clients_that_own_their_address(target: &'static Target) {
    let (request, answer) = then(target, &Client::spa(), "profile", "profile").await;
    answer.expect_code(&request);
}

pub async fn asked_again_for_a_new_scope(target: &'static Target) {
    let (_, answer) = then(target, &Client::web(), "profile", "profile email").await;
    answer.expect_consent();
    let (_, answer) = then(target, &Client::web(), "profile", "email").await;
    answer.expect_consent();
}

/// The second consent is added to the first, it does not replace it.
pub async fn granted_scopes_add_up(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    for scope in ["profile", "email"] {
        let request = AuthorizationRequest::new(&Client::web()).with("scope", scope);
        let page = browser.arrive(user, &request).await;
        browser.decide(&page, "allow").await.expect_code(&request);
    }
    let request = AuthorizationRequest::new(&Client::web());
    browser.start(&request).await.expect_code(&request);
}

pub async fn not_shared_between_clients(target: &'static Target) {
    let server = target.server();
    let browser = Browser::new(server);
    browser.tokens(server.newcomer(), &Client::web()).await;
    browser
        .start(&AuthorizationRequest::new(&Client::other()))
        .await
        .expect_consent();
}

pub async fn not_shared_between_users(target: &'static Target) {
    let server = target.server();
    Browser::new(server)
        .tokens(server.newcomer(), &Client::web())
        .await;
    let browser = Browser::of(server, server.newcomer()).await;
    browser
        .start(&AuthorizationRequest::new(&Client::web()))
        .await
        .expect_consent();
}

pub async fn always_asked_of_public_clients_on_loopback(target: &'static Target) {
    let (_, answer) = then(target, &Client::public(), "profile", "profile").await;
    answer.expect_consent();
}

pub async fn always_asked_of_private_use_schemes(target: &'static Target) {
    let (_, answer) = then(target, &Client::native(), "profile", "profile").await;
    answer.expect_consent();
}

pub async fn first_party_does_not_help_on_loopback(target: &'static Target) {
    let (_, answer) = then(target, &Client::first_public(), "profile", "profile").await;
    answer.expect_consent();
}

pub async fn first_party_clients_are_never_asked_about(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    for client in [Client::first(), Client::post()] {
        let request = AuthorizationRequest::new(&client);
        browser.start(&request).await.expect_code(&request);
    }
}

pub async fn denial_is_an_answer_and_is_not_remembered(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web());
    let page = browser.start(&request).await;
    browser
        .decide(&page, "deny")
        .await
        .expect_redirected(&request, "access_denied");
    assert!(browser.connection(&Client::web()).await.is_none());

    let page = browser.start(&request).await;
    browser.decide(&page, "allow").await.expect_code(&request);
}

/// Declining to give more takes nothing back.
pub async fn denial_does_not_withdraw(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    let narrow = AuthorizationRequest::new(&Client::web()).with("scope", "profile");
    browser.grant(user, &narrow).await;
    let wide = AuthorizationRequest::new(&Client::web());
    let page = browser.start(&wide).await;
    browser
        .decide(&page, "deny")
        .await
        .expect_redirected(&wide, "access_denied");
    browser.start(&narrow).await.expect_code(&narrow);
}

pub async fn decision_must_be_one_of_the_two(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web());
    for decision in [
        None,
        Some(("decision", "")),
        Some(("decision", "Allow")),
        Some(("x", "allow")),
    ] {
        let page = browser.start(&request).await;
        let form = page.consent_form().expect("a consent page");
        browser
            .submit(&page, form, &[], decision)
            .await
            .expect_refusal_page();
    }
    let silent = request.with("prompt", "none");
    browser
        .start(&silent)
        .await
        .expect_redirected(&silent, "consent_required");
}
