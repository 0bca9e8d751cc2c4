//! The hand-off between protocol and host: return URLs before the login, tickets at the consent page.
//! A ticket is for one page view, one user and one session; whatever else comes with it gets a page.

use std::time::Duration;

use reqwest::Method;

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Configuration, Target};

tests! {
    handoff:
    two_tabs_get_their_own_answers,
    two_tabs_that_began_signed_out,
    wrong_password_keeps_the_request,
    login_finished_by_another_user,
    login_of_another_user_under_an_open_consent_page,
    sign_out_under_an_open_consent_page,
    ticket_of_another_session_of_the_user,
    ticket_of_another_user,
    ticket_without_a_session,
    forged_ticket,
    decision_without_a_ticket,
    repeated_decision,
    decision_by_get,
    decision_cannot_change_the_request,
    expired_ticket,
}

/// Presses "allow" on a page, wherever that page came from.
async fn allow(browser: &Browser<'_>, page: &Answer) -> Answer {
    browser.decide(page, "allow").await
}

/// Neither a consent nor a grant has come of it.
async fn expect_nothing_granted(browser: &Browser<'_>, client: &Client) {
    let silent = AuthorizationRequest::new(client).with("prompt", "none");
    browser
        .start(&silent)
        .await
        .expect_redirected(&silent, "consent_required");
    assert!(
        browser.connection(client).await.is_none(),
        "connected on the account page"
    );
}

pub async fn two_tabs_get_their_own_answers(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let requests = [Client::web(), Client::other()].map(|c| AuthorizationRequest::new(&c));
    let mut pages = Vec::new();
    for request in &requests {
        pages.push(browser.start(request).await);
    }
    // In the other order than they were opened.
    let second = allow(&browser, &pages[1]).await.expect_code(&requests[1]);
    let first = allow(&browser, &pages[0]).await.expect_code(&requests[0]);
    server.redeem(&Client::web(), &first).await.expect_tokens();
    server
        .redeem(&Client::other(), &second)
        .await
        .expect_tokens();

    // The same request twice.
    let request = AuthorizationRequest::new(&Client::web()).with("prompt", "consent");
    let (one, other) = (browser.start(&request).await, browser.start(&request).await);
    browser
        .decide(&one, "deny")
        .await
        .expect_redirected(&request, "access_denied");
    allow(&browser, &other).await.expect_code(&request);
}

pub async fn two_tabs_that_began_signed_out(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    let requests = [Client::web(), Client::other()].map(|c| AuthorizationRequest::new(&c));
    let logins = [
        browser.start(&requests[0]).await,
        browser.start(&requests[1]).await,
    ];
    for (login, request) in logins.iter().zip(&requests) {
        let consent = browser.log_in(login, user).await;
        allow(&browser, &consent).await.expect_code(request);
    }
}

pub async fn wrong_password_keeps_the_request(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    let request = AuthorizationRequest::new(&Client::web());
    let mut login = browser.start(&request).await;
    for _ in 0..2 {
        let mut mistaken = user.clone();
        mistaken.password.push('x');
        login = browser.log_in(&login, &mistaken).await;
        login.expect_local_page([401]);
    }
    let consent = browser.log_in(&login, user).await;
    allow(&browser, &consent).await.expect_code(&request);
}

/// Whoever signs in decides, and for nobody but themselves.
pub async fn login_finished_by_another_user(target: &'static Target) {
    let server = target.server();
    let (began, finished) = (server.newcomer(), server.newcomer());
    let client = Client::web();
    let browser = Browser::of(server, began).await;
    // The consent of the one who began is no consent of the one who finished.
    browser.tokens(began, &client).await;
    let request = AuthorizationRequest::new(&client).with("prompt", "login");
    let login = browser.start(&request).await;
    let consent = browser.log_in(&login, finished).await;
    consent.expect_consent();
    let code = allow(&browser, &consent).await.expect_code(&request);
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let profile = server.resource("/api/profile", &tokens.access_token).await;
    assert_eq!(profile.json()["username"], finished.name.as_str());
}

pub async fn login_of_another_user_under_an_open_consent_page(target: &'static Target) {
    let server = target.server();
    let (owner, other) = (server.newcomer(), server.newcomer());
    let client = Client::web();
    let browser = Browser::of(server, owner).await;
    let consent = browser.start(&AuthorizationRequest::new(&client)).await;
    browser.sign_in(other).await;
    allow(&browser, &consent).await.expect_refusal_page();
    expect_nothing_granted(&browser, &client).await;
    browser.sign_in(owner).await;
    expect_nothing_granted(&browser, &client).await;
}

pub async fn sign_out_under_an_open_consent_page(target: &'static Target) {
    let server = target.server();
    let owner = server.newcomer();
    let client = Client::web();
    let browser = Browser::of(server, owner).await;
    let consent = browser.start(&AuthorizationRequest::new(&client)).await;
    browser.sign_out().await;
    let answer = allow(&browser, &consent).await;
    assert!(
        answer.location().is_none(),
        "leads to the client: {answer:?}"
    );
    browser.sign_in(owner).await;
    expect_nothing_granted(&browser, &client).await;
}

/// Refused to somebody else, and the owner can still decide.
async fn foreign(target: &'static Target, owner: Browser<'_>, thief: Browser<'_>) {
    let client = Client::web();
    let request = AuthorizationRequest::new(&client);
    let consent = owner.start(&request).await;
    for decision in ["allow", "deny"] {
        thief.decide(&consent, decision).await.expect_refusal_page();
    }
    expect_nothing_granted(&owner, &client).await;
    let code = allow(&owner, &consent).await.expect_code(&request);
    target.server().redeem(&client, &code).await.expect_tokens();
}

pub async fn ticket_of_another_session_of_the_user(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    foreign(
        target,
        Browser::of(server, user).await,
        Browser::of(server, user).await,
    )
    .await;
}

pub async fn ticket_of_another_user(target: &'static Target) {
    let server = target.server();
    let (owner, thief) = (server.newcomer(), server.newcomer());
    let thief = Browser::of(server, thief).await;
    foreign(target, Browser::of(server, owner).await, thief.clone()).await;
    expect_nothing_granted(&thief, &Client::web()).await;
}

pub async fn ticket_without_a_session(target: &'static Target) {
    let server = target.server();
    let owner = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web());
    let consent = owner.start(&request).await;
    let stranger = Browser::new(server);
    let answer = allow(&stranger, &consent).await;
    assert!(
        answer.location().is_none(),
        "leads to the client: {answer:?}"
    );
    allow(&owner, &consent).await.expect_code(&request);
}

pub async fn forged_ticket(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&client);
    let consent = browser.start(&request).await;
    let form = consent.consent_form().unwrap();
    assert!(!form.hidden.is_empty(), "a consent page without a ticket");
    for name in &form.hidden {
        let value = form.value(name).unwrap();
        let shorter = value.get(..value.len().saturating_sub(1)).unwrap_or("");
        let made_up = "A".repeat(value.len());
        for forged in ["", "x", shorter, &made_up, &format!("{value}A"), "\u{2603}"] {
            let form = form.clone().with(name, forged);
            let answer = browser
                .submit(&consent, form, &[], Some(("decision", "allow")))
                .await;
            answer.expect_refusal_page();
        }
    }
    expect_nothing_granted(&browser, &client).await;
    // None of this has used the real one up.
    allow(&browser, &consent).await.expect_code(&request);
}

pub async fn decision_without_a_ticket(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let consent = browser.start(&AuthorizationRequest::new(&client)).await;
    let mut form = consent.consent_form().unwrap();
    form.fields.clear();
    let answer = browser
        .submit(&consent, form, &[], Some(("decision", "allow")))
        .await;
    answer.expect_refusal_page();
    expect_nothing_granted(&browser, &client).await;
}

/// Each of the orders: the first press counts, the second one gets a page.
pub async fn repeated_decision(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&client);

    let denied = browser.start(&request).await;
    browser
        .decide(&denied, "deny")
        .await
        .expect_redirected(&request, "access_denied");
    allow(&browser, &denied).await.expect_refusal_page();
    expect_nothing_granted(&browser, &client).await;

    let allowed = browser.start(&request).await;
    let code = allow(&browser, &allowed).await.expect_code(&request);
    allow(&browser, &allowed).await.expect_refusal_page();
    browser.decide(&allowed, "deny").await.expect_refusal_page();
    server.redeem(&client, &code).await.expect_tokens();
}

/// A link must not be able to decide.
pub async fn decision_by_get(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&client);
    let consent = browser.start(&request).await;
    let mut form = consent.consent_form().unwrap();
    assert_eq!(form.method, Method::POST);
    form.method = Method::GET;
    let answer = browser
        .submit(&consent, form, &[], Some(("decision", "allow")))
        .await;
    assert!(
        answer.location().is_none() && answer.status >= 400,
        "{answer:?}"
    );
    expect_nothing_granted(&browser, &client).await;
}

pub async fn decision_cannot_change_the_request(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&client).with("scope", "email");
    let consent = browser.start(&request).await;
    let mut form = consent.consent_form().unwrap();
    for (name, value) in [
        ("scope", "profile email"),
        ("redirect_uri", "https://attacker.example/"),
        ("client_id", "other"),
        ("state", "another"),
    ] {
        if !form.has(name) {
            form.fields.push((name.to_owned(), value.to_owned()));
        }
    }
    let answer = browser
        .submit(&consent, form, &[], Some(("decision", "allow")))
        .await;
    let code = answer.expect_code(&request);
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    let profile = server.resource("/api/profile", &tokens.access_token).await;
    profile.expect_bearer_error(403, "insufficient_scope");
}

pub async fn expired_ticket(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("parked_request", 1));
    let client = Client::web();
    let browser = Browser::of(&server, server.anyone()).await;
    let request = AuthorizationRequest::new(&client);
    let consent = browser.start(&request).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for decision in ["allow", "deny"] {
        browser
            .decide(&consent, decision)
            .await
            .expect_refusal_page();
    }
    expect_nothing_granted(&browser, &client).await;
}
