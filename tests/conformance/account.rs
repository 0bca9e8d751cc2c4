//! The account page: which applications are connected, and disconnecting them at once.

use crate::harness::{AuthorizationRequest, Browser, Client, Target, Tokens};

tests! {
    account:
    connected_applications_are_listed,
    first_party_applications_are_listed,
    nobody_is_listed_without_a_login,
    disconnect_ends_tokens_at_once,
    disconnect_ends_a_code_that_was_not_redeemed,
    disconnect_ends_every_grant_of_the_application,
    disconnect_withdraws_the_consent,
    disconnect_leaves_other_applications_alone,
    disconnect_leaves_other_users_alone,
    disconnect_of_somebody_elses_application_does_nothing,
    remembered_consent_without_a_grant_is_listed,
    reconnecting_works,
}

/// Presses the button beside the only application.
async fn disconnect(browser: &Browser<'_>, client: &Client) {
    let connection = browser.connection(client).await;
    let (page, form) = connection.unwrap_or_else(|| panic!("{} is not connected", client.id));
    assert_eq!(form.buttons.len(), 1, "{form:?}");
    let button = form.buttons[0].clone();
    let button = Some((button.0.as_str(), button.1.as_str())).filter(|(name, _)| !name.is_empty());
    let answer = browser.submit(&page, form, &[], button).await;
    answer.expect_local_page([200]);
}

pub async fn connected_applications_are_listed(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    assert!(browser.connection(&Client::web()).await.is_none());
    for (count, client) in [(1, Client::web()), (2, Client::other())] {
        browser.tokens(user, &client).await;
        let (page, _) = browser.connection(&client).await.expect("a connection");
        page.expect_page_headers();
        let connected = |form: &crate::harness::Form| {
            form.hidden
                .iter()
                .any(|name| name == "grant" || name == "client_id")
        };
        assert_eq!(
            page.forms().iter().filter(|form| connected(form)).count(),
            count
        );
        assert!(!page.body.contains("<b>application</b>"), "{page:?}");
    }
}

/// Nothing was remembered for them, but their grant is alive.
pub async fn first_party_applications_are_listed(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::of(server, user).await;
    let tokens = browser.tokens(user, &Client::first()).await;
    disconnect(&browser, &Client::first()).await;
    server.expect_dead(&Client::first(), &tokens).await;
}

pub async fn nobody_is_listed_without_a_login(target: &'static Target) {
    let server = target.server();
    Browser::new(server)
        .tokens(server.anyone(), &Client::web())
        .await;
    let page = Browser::new(server).page("/account").await;
    assert!(!page.text().contains(Client::web().name), "{page:?}");
    assert!(
        page.login_form().is_some() || page.status == 401,
        "{page:?}"
    );
}

pub async fn disconnect_ends_tokens_at_once(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    for client in [Client::web(), Client::public()] {
        let browser = Browser::new(server);
        let first = browser.tokens(user, &client).await;
        let second = server
            .refresh(&client, first.refresh_token())
            .await
            .expect_tokens();
        assert!(server.accepts(&first.access_token).await);
        assert!(server.accepts(&second.access_token).await);
        disconnect(&browser, &client).await;
        assert!(browser.connection(&client).await.is_none());
        assert!(!server.accepts(&first.access_token).await);
        server.expect_dead(&client, &second).await;
    }
}

pub async fn disconnect_ends_a_code_that_was_not_redeemed(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let client = Client::web();
    let browser = Browser::new(server);
    let code = browser
        .grant(user, &AuthorizationRequest::new(&client))
        .await;
    disconnect(&browser, &client).await;
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
}

pub async fn disconnect_ends_every_grant_of_the_application(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let client = Client::web();
    let browser = Browser::new(server);
    let mut grants: Vec<Tokens> = Vec::new();
    for _ in 0..3 {
        grants.push(browser.tokens(user, &client).await);
    }
    // One button per grant or one for all of them, whichever form the page has.
    for _ in &grants {
        if browser.connection(&client).await.is_some() {
            disconnect(&browser, &client).await;
        }
    }
    assert!(browser.connection(&client).await.is_none());
    for tokens in &grants {
        server.expect_dead(&client, tokens).await;
    }
}

pub async fn disconnect_withdraws_the_consent(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let client = Client::web();
    let browser = Browser::new(server);
    browser.tokens(user, &client).await;
    disconnect(&browser, &client).await;
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    browser
        .start(&silent)
        .await
        .expect_redirected(&silent, "consent_required");
    browser
        .start(&AuthorizationRequest::new(&client))
        .await
        .expect_consent();
}

pub async fn disconnect_leaves_other_applications_alone(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let browser = Browser::new(server);
    let web = browser.tokens(user, &Client::web()).await;
    let (page, form) = browser
        .connection(&Client::web())
        .await
        .expect("a connection");
    let other = browser.tokens(user, &Client::other()).await;
    // The form of the page on which only one was listed.
    browser.submit(&page, form, &[], None).await;
    server.expect_dead(&Client::web(), &web).await;
    assert!(server.accepts(&other.access_token).await);
    assert!(browser.connection(&Client::other()).await.is_some());
    server
        .refresh(&Client::other(), other.refresh_token())
        .await
        .expect_tokens();
}

pub async fn disconnect_leaves_other_users_alone(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let (one, other) = (server.newcomer(), server.newcomer());
    let browser = Browser::new(server);
    browser.tokens(one, &client).await;
    let elsewhere = Browser::new(server);
    let tokens = elsewhere.tokens(other, &client).await;
    disconnect(&browser, &client).await;
    assert!(server.accepts(&tokens.access_token).await);
    assert!(elsewhere.connection(&client).await.is_some());
}

pub async fn disconnect_of_somebody_elses_application_does_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let owner = Browser::new(server);
    let tokens = owner.tokens(server.newcomer(), &client).await;
    let (page, form) = owner.connection(&client).await.expect("a connection");
    let thief = Browser::of(server, server.newcomer()).await;
    thief.submit(&page, form.clone(), &[], None).await;
    Browser::new(server).submit(&page, form, &[], None).await;
    assert!(server.accepts(&tokens.access_token).await);
    assert!(owner.connection(&client).await.is_some());
}

pub async fn remembered_consent_without_a_grant_is_listed(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let client = Client::web();
    let browser = Browser::new(server);
    let code = browser
        .grant(user, &AuthorizationRequest::new(&client))
        .await;
    server.redeem(&client, &code).await.expect_tokens();
    // A replay ends the grant, not the consent.
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
    let silent = AuthorizationRequest::new(&client).with("prompt", "none");
    disconnect(&browser, &client).await;
    browser
        .start(&silent)
        .await
        .expect_redirected(&silent, "consent_required");
}

pub async fn reconnecting_works(target: &'static Target) {
    let server = target.server();
    let user = server.newcomer();
    let client = Client::web();
    let browser = Browser::new(server);
    let before = browser.tokens(user, &client).await;
    disconnect(&browser, &client).await;
    let after = browser.tokens(user, &client).await;
    assert!(server.accepts(&after.access_token).await);
    assert!(!server.accepts(&before.access_token).await);
}
