//! The flow as it should go, by kinds of clients: RFC 6749 sections 4.1 and 6, RFC 7636, RFC 9207.

use std::time::Duration;

use crate::harness::{AuthorizationRequest, Browser, Client, Configuration, Target};

tests! {
    flow:
    web_application_reads_the_profile,
    post_client_gets_tokens,
    public_client_gets_tokens,
    native_application_gets_tokens,
    application_in_the_browser_gets_tokens,
    first_party_client_gets_a_code_at_once,
    expired_access_token_is_refreshed,
    scope_left_out_is_that_of_the_client,
    narrow_scope_is_granted_narrowly,
    client_without_refresh_grant_gets_no_refresh_token,
    token_response_says_how_long_it_lasts,
    signed_in_user_is_not_asked_to_sign_in_again,
    each_code_and_token_is_another,
}

/// Login, consent, code, tokens, and the protected resource with them.
pub async fn web_application_reads_the_profile(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::web());
    let browser = Browser::new(server);
    let request = AuthorizationRequest::new(&client);

    let login = browser.start(&request).await;
    login.expect_login();
    let consent = browser.log_in(&login, user).await;
    consent.expect_consent();
    let code = browser
        .decide(&consent, "allow")
        .await
        .expect_code(&request);
    let tokens = server.redeem(&client, &code).await.expect_tokens();

    let profile = server.resource("/api/profile", &tokens.access_token).await;
    assert_eq!(profile.status, 200, "{profile:?}");
    assert_eq!(profile.json()["username"], user.name.as_str());
    assert!(
        profile.json()["sub"]
            .as_str()
            .is_some_and(|sub| !sub.is_empty()),
        "{profile:?}"
    );
    let email = server.resource("/api/email", &tokens.access_token).await;
    assert_eq!(email.status, 200, "{email:?}");
    assert_eq!(email.json()["email"], format!("{}@example.com", user.name));

    let refreshed = server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
    let again = server
        .resource("/api/profile", &refreshed.access_token)
        .await;
    assert_eq!(again.json(), profile.json());
}

async fn gets_tokens(target: &'static Target, client: Client) {
    let server = target.server();
    let tokens = server.tokens(&client).await;
    assert!(server.accepts(&tokens.access_token).await);
    let refreshed = server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
    assert!(server.accepts(&refreshed.access_token).await);
}

pub async fn post_client_gets_tokens(target: &'static Target) {
    gets_tokens(target, Client::post()).await;
}

pub async fn public_client_gets_tokens(target: &'static Target) {
    gets_tokens(target, Client::public()).await;
}

pub async fn native_application_gets_tokens(target: &'static Target) {
    gets_tokens(target, Client::native()).await;
}

pub async fn application_in_the_browser_gets_tokens(target: &'static Target) {
    gets_tokens(target, Client::spa()).await;
}

pub async fn first_party_client_gets_a_code_at_once(target: &'static Target) {
    let server = target.server();
    let (user, client) = (server.newcomer(), Client::first());
    let browser = Browser::of(server, user).await;
    let request = AuthorizationRequest::new(&client);
    let code = browser.start(&request).await.expect_code(&request);
    server.redeem(&client, &code).await.expect_tokens();
}

/// The point of a refresh token: the profile is readable after the access token has expired.
pub async fn expired_access_token_is_refreshed(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("access_token", 3));
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    assert!(tokens.expires_in <= 3, "{tokens:?}");
    assert!(server.accepts(&tokens.access_token).await);

    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let answer = server.resource("/api/profile", &tokens.access_token).await;
    answer.expect_bearer_error(401, "invalid_token");

    let refreshed = server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
    assert!(server.accepts(&refreshed.access_token).await);
}

/// DESIGN: scope defaults to the client's own list; RFC 6749 section 5.1 then asks for it in the answer.
pub async fn scope_left_out_is_that_of_the_client(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).without("scope");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    assert_eq!(tokens.scope(), ["email", "profile"]);
}

pub async fn narrow_scope_is_granted_narrowly(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).with("scope", "email");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    if tokens.scope.is_some() {
        assert_eq!(tokens.scope(), ["email"]);
    }
    assert_eq!(
        server
            .resource("/api/email", &tokens.access_token)
            .await
            .status,
        200
    );
    let profile = server.resource("/api/profile", &tokens.access_token).await;
    profile.expect_bearer_error(403, "insufficient_scope");
}

pub async fn client_without_refresh_grant_gets_no_refresh_token(target: &'static Target) {
    let server = target.server();
    let tokens = server.tokens(&Client::code_only()).await;
    assert_eq!(tokens.refresh_token, None);
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn token_response_says_how_long_it_lasts(target: &'static Target) {
    let tokens = target.server().tokens(&Client::first()).await;
    assert!((3590..=3600).contains(&tokens.expires_in), "{tokens:?}");
}

pub async fn signed_in_user_is_not_asked_to_sign_in_again(target: &'static Target) {
    let server = target.server();
    let browser = Browser::of(server, server.newcomer()).await;
    let request = AuthorizationRequest::new(&Client::web());
    browser.start(&request).await.expect_consent();
}

pub async fn each_code_and_token_is_another(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let browser = Browser::new(server);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let request = AuthorizationRequest::new(&client);
        let code = browser.grant(server.anyone(), &request).await;
        let tokens = server.redeem(&client, &code).await.expect_tokens();
        let refreshed = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        seen.push(code.value);
        for tokens in [tokens, refreshed] {
            seen.extend([
                tokens.access_token.clone(),
                tokens.refresh_token().to_owned(),
            ]);
        }
    }
    // RFC 6749 section 10.10 wants 128 bits at least; base64 carries 6 in a character.
    assert!(seen.iter().all(|secret| secret.len() >= 22), "{seen:?}");
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}
