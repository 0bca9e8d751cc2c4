//! Refresh tokens: RFC 6749 section 6, RFC 9700 section 4.14. They rotate, and reuse ends the grant.

use std::time::Duration;

use crate::harness::{
    Answer, AuthorizationRequest, Browser, Client, Configuration, Server, Target,
};

tests! {
    refresh_token:
    each_refresh_gives_another_token,
    reuse_ends_the_grant,
    reuse_of_an_older_token_ends_the_grant,
    reuse_leaves_other_grants_alive,
    scope_too_wide_burns_nothing,
    narrowing_narrows_the_access_token_only,
    scope_can_be_repeated_in_any_order,
    wrong_client_burns_nothing,
    reuse_by_another_client_ends_nothing,
    access_token_is_no_refresh_token,
    refresh_token_is_no_access_token,
    grant_ends_however_often_it_is_refreshed,
    expires_in_is_clamped_to_the_grant,
}

async fn refresh_for(server: &Server, client: &Client, token: &str, scope: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", scope),
    ];
    server.token(client, &form).await
}

pub async fn each_refresh_gives_another_token(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::spa()] {
        let mut tokens = server.tokens(&client).await;
        for _ in 0..4 {
            let next = server
                .refresh(&client, tokens.refresh_token())
                .await
                .expect_tokens();
            assert_ne!(next.access_token, tokens.access_token);
            assert_ne!(next.refresh_token(), tokens.refresh_token());
            assert!(server.accepts(&next.access_token).await);
            tokens = next;
        }
    }
}

pub async fn reuse_ends_the_grant(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::spa()] {
        let first = server.tokens(&client).await;
        let second = server
            .refresh(&client, first.refresh_token())
            .await
            .expect_tokens();
        assert!(server.accepts(&second.access_token).await);
        let again = server.refresh(&client, first.refresh_token()).await;
        again.expect_error(400, "invalid_grant");
        server.expect_dead(&client, &second).await;
        assert!(!server.accepts(&first.access_token).await);
    }
}

/// Not only the immediate predecessor is remembered.
pub async fn reuse_of_an_older_token_ends_the_grant(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let mut last = first.clone();
    for _ in 0..3 {
        last = server
            .refresh(&client, last.refresh_token())
            .await
            .expect_tokens();
    }
    let again = server.refresh(&client, first.refresh_token()).await;
    again.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &last).await;
}

pub async fn reuse_leaves_other_grants_alive(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let (one, other) = (server.tokens(&client).await, server.tokens(&client).await);
    server
        .refresh(&client, one.refresh_token())
        .await
        .expect_tokens();
    server
        .refresh(&client, one.refresh_token())
        .await
        .expect_error(400, "invalid_grant");
    assert!(server.accepts(&other.access_token).await);
    server
        .refresh(&client, other.refresh_token())
        .await
        .expect_tokens();
}

/// Wider than the grant, although the client could have asked for it.
pub async fn scope_too_wide_burns_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).with("scope", "profile");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    for scope in ["profile email", "email", "unheard-of", "pro\"file"] {
        let answer = refresh_for(server, &client, tokens.refresh_token(), scope).await;
        answer.expect_error(400, "invalid_scope");
    }
    assert!(server.accepts(&tokens.access_token).await);
    server
        .refresh(&client, tokens.refresh_token())
        .await
        .expect_tokens();
}

pub async fn narrowing_narrows_the_access_token_only(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let narrow = refresh_for(server, &client, tokens.refresh_token(), "email").await;
    let narrow = narrow.expect_tokens();
    assert_eq!(narrow.scope(), ["email"]);
    assert_eq!(
        server
            .resource("/api/email", &narrow.access_token)
            .await
            .status,
        200
    );
    let profile = server.resource("/api/profile", &narrow.access_token).await;
    profile.expect_bearer_error(403, "insufficient_scope");

    // The new refresh token has the scope of the grant, RFC 6749 section 6.
    let whole = server
        .refresh(&client, narrow.refresh_token())
        .await
        .expect_tokens();
    assert_eq!(
        server
            .resource("/api/email", &whole.access_token)
            .await
            .status,
        200
    );
    assert!(server.accepts(&whole.access_token).await);
}

pub async fn scope_can_be_repeated_in_any_order(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let same = refresh_for(server, &client, tokens.refresh_token(), "email profile").await;
    assert!(server.accepts(&same.expect_tokens().access_token).await);
}

pub async fn wrong_client_burns_nothing(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::spa()] {
        let tokens = server.tokens(&client).await;
        for other in [Client::other(), Client::public()] {
            let answer = server.refresh(&other, tokens.refresh_token()).await;
            answer.expect_error(400, "invalid_grant");
        }
        assert!(server.accepts(&tokens.access_token).await);
        server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
    }
}

pub async fn reuse_by_another_client_ends_nothing(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let stolen = server
        .refresh(&Client::other(), first.refresh_token())
        .await;
    stolen.expect_error(400, "invalid_grant");
    assert!(server.accepts(&second.access_token).await);
    server
        .refresh(&client, second.refresh_token())
        .await
        .expect_tokens();
}

pub async fn access_token_is_no_refresh_token(target: &'static Target) {
    let server = target.server();
    let client = Client::web();
    let tokens = server.tokens(&client).await;
    let answer = server.refresh(&client, &tokens.access_token).await;
    answer.expect_error(400, "invalid_grant");
}

pub async fn refresh_token_is_no_access_token(target: &'static Target) {
    let server = target.server();
    let tokens = server.tokens(&Client::web()).await;
    let answer = server
        .resource("/api/profile", tokens.refresh_token())
        .await;
    answer.expect_bearer_error(401, "invalid_token");
    // And presenting it there has spent nothing.
    server
        .refresh(&Client::web(), tokens.refresh_token())
        .await
        .expect_tokens();
}

/// The end of the grant is fixed at the approval; a refresh does not move it.
pub async fn grant_ends_however_often_it_is_refreshed(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("refresh_token", 3));
    let client = Client::first();
    let first = server.tokens(&client).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    server.expect_dead(&client, &second).await;
}

/// The access token would live an hour, its grant lives for 100 seconds.
pub async fn expires_in_is_clamped_to_the_grant(target: &'static Target) {
    let server = target.start(&Configuration::with_lifetime("refresh_token", 100));
    let client = Client::first();
    let first = server.tokens(&client).await;
    assert!((1..=100).contains(&first.expires_in), "{first:?}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    assert!(
        second.expires_in < first.expires_in,
        "{} then {}",
        first.expires_in,
        second.expires_in
    );
}
