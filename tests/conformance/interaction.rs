//! `prompt`, `max_age` and `login_hint`, as OpenID Connect Core section 3.1.2.1 means them.

use std::time::Duration;

use crate::harness::{AuthorizationRequest, Browser, Client, Target};

tests! {
    interaction:
    prompt_none_without_a_login_is_login_required,
    prompt_none_without_consent_is_consent_required,
    prompt_none_with_consent_gives_a_code,
    prompt_none_for_a_wider_scope_is_consent_required,
    prompt_none_for_a_loopback_public_client_is_consent_required,
    prompt_none_for_a_first_party_client_gives_a_code,
    prompt_none_with_another_is_invalid_request,
    prompt_login_asks_once,
    prompt_login_is_not_answered_by_the_old_session,
    prompt_consent_asks_again,
    prompt_consent_asks_for_first_party_clients_too,
    prompt_login_and_consent_ask_for_both,
    unknown_prompt_is_invalid_request,
    max_age_zero_asks_once,
    max_age_zero_and_prompt_none_is_login_required,
    large_max_age_asks_nobody,
    old_login_is_renewed,
    malformed_max_age_is_invalid_request,
    login_hint_fills_the_form_in,
}

async fn invalid(target: &'static Target, name: &str, value: &str) {
    let request = AuthorizationRequest::new(&Client::web()).with(name, value);
    let answer = Browser::new(target.server()).start(&request).await;
    answer.expect_redirected(&request, "invalid_request");
}

fn silent(client: &Client) -> AuthorizationRequest {
    AuthorizationRequest::new(client).with("prompt", "none")
}

pub async fn prompt_none_without_a_login_is_login_required(target: &'static Target) {
    for client in [Client::web(), Client::first()] {
        let request = silent(&client);
        let answer = Browser::new(target.server()).start(&request).await;
        answer.expect_redirected(&request, "login_required");
    }
}

pub async fn prompt_none_without_consent_is_consent_required(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = silent(&Client::web());
    browser
        .start(&request)
        .await
        .expect_redirected(&request, "consent_required");
}

pub async fn prompt_none_with_consent_gives_a_code(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::web());
    let browser = Browser::new(server);
    browser.tokens(user, &client).await;
    let request = silent(&client);
    let code = browser.start(&request).await.expect_code(&request);
    server.redeem(&client, &code).await.expect_tokens();
}

pub async fn prompt_none_for_a_wider_scope_is_consent_required(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::web());
    let browser = Browser::new(server);
    let narrow = AuthorizationRequest::new(&client).with("scope", "profile");
    browser.grant(user, &narrow).await;
    let request = silent(&client);
    browser
        .start(&request)
        .await
        .expect_redirected(&request, "consent_required");
}

/// Any program could have sent this request and could receive the code.
pub async fn prompt_none_for_a_loopback_public_client_is_consent_required(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    for client in [Client::public(), Client::first_public(), Client::native()] {
        browser.tokens(user, &client).await;
        let request = silent(&client);
        browser
            .start(&request)
            .await
            .expect_redirected(&request, "consent_required");
    }
}

pub async fn prompt_none_for_a_first_party_client_gives_a_code(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = silent(&Client::first());
    browser.start(&request).await.expect_code(&request);
}

pub async fn prompt_none_with_another_is_invalid_request(target: &'static Target) {
    for prompt in ["none login", "consent none", "none login consent"] {
        invalid(target, "prompt", prompt).await;
    }
}

/// A login is demanded of a signed-in user, and the login ends the demand.
pub async fn prompt_login_asks_once(target: &'static Target) {
    let server = target.server();
    let user = server.anyone();
    let browser = Browser::of(server, user).await;
    let request = AuthorizationRequest::new(&Client::first()).with("prompt", "login");
    let login = browser.start(&request).await;
    login.expect_login();
    browser.log_in(&login, user).await.expect_code(&request);
    // And for somebody who was not signed in, once is enough, too.
    let elsewhere = Browser::new(server);
    let login = elsewhere.start(&request).await;
    elsewhere.log_in(&login, user).await.expect_code(&request);
}

/// Coming back from the login page without a new login does not count as one.
pub async fn prompt_login_is_not_answered_by_the_old_session(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    // The moment demanded has whole seconds, and a login in the same second would count.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let request = AuthorizationRequest::new(&Client::first()).with("prompt", "login");
    for _ in 0..2 {
        let login = browser.start(&request).await;
        login.expect_login();
        // The return URL, wherever the login page keeps it.
        let form = login.login_form().expect("a login form");
        let mut candidates: Vec<String> = form.fields.into_iter().map(|field| field.1).collect();
        candidates.extend(login.url.query_pairs().map(|pair| pair.1.into_owned()));
        for back in candidates
            .iter()
            .filter(|value| value.contains("authorize?"))
        {
            let back = reqwest::Url::parse(&server.origin)
                .unwrap()
                .join(back)
                .unwrap();
            browser.open(back.as_str()).await.expect_login();
        }
    }
}

pub async fn prompt_consent_asks_again(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::web());
    let browser = Browser::new(server);
    browser.tokens(user, &client).await;
    let request = AuthorizationRequest::new(&client).with("prompt", "consent");
    let page = browser.start(&request).await;
    page.expect_consent();
    browser.decide(&page, "allow").await.expect_code(&request);
}

pub async fn prompt_consent_asks_for_first_party_clients_too(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first()).with("prompt", "consent");
    let page = browser.start(&request).await;
    browser
        .decide(&page, "deny")
        .await
        .expect_redirected(&request, "access_denied");
}

pub async fn prompt_login_and_consent_ask_for_both(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::web());
    let browser = Browser::new(server);
    browser.tokens(user, &client).await;
    for prompt in ["login consent", "consent login"] {
        let request = AuthorizationRequest::new(&client).with("prompt", prompt);
        let login = browser.start(&request).await;
        login.expect_login();
        let consent = browser.log_in(&login, user).await;
        consent.expect_consent();
        browser
            .decide(&consent, "allow")
            .await
            .expect_code(&request);
    }
}

pub async fn unknown_prompt_is_invalid_request(target: &'static Target) {
    for prompt in ["unheard-of", "Login", "login,consent", "login unheard-of"] {
        invalid(target, "prompt", prompt).await;
    }
}

pub async fn max_age_zero_asks_once(target: &'static Target) {
    let server = target.server();
    let user = server.anyone();
    let browser = Browser::of(server, user).await;
    let request = AuthorizationRequest::new(&Client::first()).with("max_age", "0");
    let login = browser.start(&request).await;
    login.expect_login();
    browser.log_in(&login, user).await.expect_code(&request);
}

pub async fn max_age_zero_and_prompt_none_is_login_required(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = silent(&Client::first()).with("max_age", "0");
    browser
        .start(&request)
        .await
        .expect_redirected(&request, "login_required");
}

pub async fn large_max_age_asks_nobody(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    for max_age in ["3600", "4294967295"] {
        let request = AuthorizationRequest::new(&Client::first()).with("max_age", max_age);
        browser.start(&request).await.expect_code(&request);
    }
}

pub async fn old_login_is_renewed(target: &'static Target) {
    let server = target.server();
    let user = server.anyone();
    let browser = Browser::of(server, user).await;
    // Compared in whole seconds, so two of them have to pass.
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let silent = silent(&Client::first()).with("max_age", "1");
    browser
        .start(&silent)
        .await
        .expect_redirected(&silent, "login_required");
    let request = AuthorizationRequest::new(&Client::first()).with("max_age", "1");
    let login = browser.start(&request).await;
    login.expect_login();
    browser.log_in(&login, user).await.expect_code(&request);
}

pub async fn malformed_max_age_is_invalid_request(target: &'static Target) {
    for max_age in ["-1", "soon", "1.5", "0x10", "1e3", " 1"] {
        invalid(target, "max_age", max_age).await;
    }
}

pub async fn login_hint_fills_the_form_in(target: &'static Target) {
    let server = target.server();
    let browser = Browser::new(server);
    let hint = "\"><script>alert(1)</script>";
    let request = AuthorizationRequest::new(&Client::first()).with("login_hint", hint);
    let login = browser.start(&request).await;
    login.expect_login();
    assert!(!login.body.contains("<script>alert"), "{login:?}");
    let form = login.login_form().expect("a login form");
    assert_eq!(form.value("username"), Some(hint));
    browser
        .log_in(&login, server.anyone())
        .await
        .expect_code(&request);
}
