//! What every page of the server has in common.

use reqwest::Method;

use crate::harness::{AuthorizationRequest, Browser, Client, FORM, Target};

tests! {
    pages:
    pages_carry_their_headers,
    refusals_carry_their_headers,
    redirects_to_clients_are_not_stored,
    get_routes_answer_head,
    session_cookie_is_out_of_reach,
    health_is_known,
    a_form_that_is_too_long_is_refused,
    redirects_after_forms_are_303,
}

pub async fn pages_carry_their_headers(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    let login = browser.page("/login").await;
    login.expect_login();
    let consent = browser
        .arrive(user, &AuthorizationRequest::new(&Client::web()))
        .await;
    consent.expect_consent();
    let account = browser.page("/account").await;
    account.expect_local_page([200]);
    for page in [login, consent] {
        assert_eq!(page.forms().len(), 1, "{page:?}");
        assert!(!page.body.contains("<script"), "{page:?}");
    }
}

pub async fn refusals_carry_their_headers(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    browser
        .page("/authorize?client_id=nobody")
        .await
        .expect_refusal_page();
    let consent = browser
        .start(&AuthorizationRequest::new(&Client::web()))
        .await;
    let form = consent.consent_form().unwrap();
    let form = form
        .hidden
        .clone()
        .iter()
        .fold(form, |form, name| form.with(name, "forged"));
    let answer = browser
        .submit(&consent, form, &[], Some(("decision", "allow")))
        .await;
    answer.expect_refusal_page();
}

/// Nor does the address of the server with all its parameters go to the client.
pub async fn redirects_to_clients_are_not_stored(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.anyone()).await;
    let request = AuthorizationRequest::new(&Client::first());
    let answer = browser.start(&request).await;
    answer.expect_code(&request);
    let policy = answer.header("referrer-policy");
    assert!(
        matches!(policy.as_str(), "no-referrer" | "same-origin"),
        "{answer:?}"
    );
}

/// RFC 9110 section 9.3.2: HEAD is GET without the content.
pub async fn get_routes_answer_head(target: &'static Target) {
    let server = target.server();
    let query = AuthorizationRequest::new(&Client::web()).query();
    let authorize = format!("/authorize?{query}");
    for path in [
        "/login",
        "/account",
        "/account/grants",
        "/healthz",
        "/api/profile",
        "/authorize",
        &authorize,
    ] {
        let get = server.send(Method::GET, path, &[], "").await;
        let head = server.send(Method::HEAD, path, &[], "").await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        assert_eq!(head.body, "", "{path}");
    }
    // Not even for somebody who is signed in does it take a step.
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let head = browser.step(Method::HEAD, &authorize, &[]).await;
    assert_eq!(head.status, 200, "{head:?}");
}

pub async fn session_cookie_is_out_of_reach(target: &'static Target) {
    let server = target.server();
    let user = server.anyone();
    let login = server.get("/login").await;
    let form = login.login_form().expect("a login form");
    let form = form
        .with("username", &user.name)
        .with("password", &user.password);
    let request = crate::harness::http().post(form.action.clone());
    let request = request.header("origin", &server.origin).form(&form.fields);
    let answer = crate::harness::Answer::to(request).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(!cookies.is_empty(), "{answer:?}");
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap().to_ascii_lowercase();
        assert!(cookie.contains("httponly"), "{cookie}");
        assert!(
            cookie.contains("samesite=lax") || cookie.contains("samesite=strict"),
            "{cookie}"
        );
        assert!(!cookie.contains(&user.name), "{cookie}");
    }
}

/// The limit is the service's own, far below that of the web framework.
pub async fn a_form_that_is_too_long_is_refused(target: &'static Target) {
    let server = target.server();
    for (length, is_read) in [(10_000, true), (100_000, false)] {
        let return_to = "x".repeat(length);
        let form = format!("username=nobody-at-all&password=x&return_to={return_to}");
        let page = server.send(Method::POST, "/login", &[FORM], &form).await;
        let expected = if is_read { 401 } else { 400 };
        assert_eq!(page.status, expected, "{length}");
    }
}

pub async fn health_is_known(target: &'static Target) {
    assert_eq!(target.server().get("/healthz").await.status, 200);
}

/// RFC 9700 section 4.12: with 307 the browser would send the form, a password even, to the next place.
pub async fn redirects_after_forms_are_303(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let form = server.get("/login").await.login_form().expect("a form");
    let form = form
        .with("username", &user.name)
        .with("password", &user.password);
    let request = crate::harness::http().post(form.action.clone());
    let request = request.header("origin", &server.origin).form(&form.fields);
    let answer = crate::harness::Answer::to(request).await;
    assert_eq!(answer.status, 303, "{answer:?}");

    let browser = Browser::of(server, user).await;
    for decision in ["deny", "allow"] {
        let request = AuthorizationRequest::new(&Client::web());
        let consent = browser.start(&request).await;
        let answer = browser.decide(&consent, decision).await;
        answer.expect_response(&request);
        assert_eq!(answer.status, 303, "{answer:?}");
    }
    let request = AuthorizationRequest::new(&Client::first());
    let answer = browser.start(&request).await;
    answer.expect_code(&request);
    assert_eq!(answer.status, 303, "{answer:?}");
}
