//! The retry window: a client whose refresh response was lost gets the same successor again.
//! DESIGN section 4; without the window every repetition is reuse, which `refresh_token` tests.

use std::time::Duration;

use crate::harness::{AuthorizationRequest, Browser, Client, Configuration, Target};

tests! {
    retry_window:
    retry_gives_the_same_successor,
    every_access_token_of_a_retry_works,
    after_the_successor_was_used_it_is_reuse,
    only_the_immediate_predecessor_may_be_repeated,
    retry_by_another_client_is_refused,
    retry_of_a_chain_derives_each_successor_anew,
    retry_keeps_the_scope_within_the_grant,
    code_replay_is_no_retry,
    after_the_window_it_is_reuse,
    retries_do_not_prolong_the_window,
    concurrent_refreshes_agree_on_the_successor,
}

pub async fn retry_gives_the_same_successor(target: &'static Target) {
    let server = target.retrying();
    for client in [Client::web(), Client::spa()] {
        let first = server.tokens(&client).await;
        let lost = server
            .refresh(&client, first.refresh_token())
            .await
            .expect_tokens();
        for _ in 0..3 {
            let again = server
                .refresh(&client, first.refresh_token())
                .await
                .expect_tokens();
            assert_eq!(again.refresh_token(), lost.refresh_token());
            assert_ne!(again.access_token, lost.access_token);
        }
        server
            .refresh(&client, lost.refresh_token())
            .await
            .expect_tokens();
    }
}

pub async fn every_access_token_of_a_retry_works(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let one = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let two = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    assert!(server.accepts(&one.access_token).await);
    assert!(server.accepts(&two.access_token).await);
}

pub async fn after_the_successor_was_used_it_is_reuse(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let third = server
        .refresh(&client, second.refresh_token())
        .await
        .expect_tokens();
    let stolen = server.refresh(&client, first.refresh_token()).await;
    stolen.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &third).await;
    assert!(!server.accepts(&second.access_token).await);
}

pub async fn only_the_immediate_predecessor_may_be_repeated(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let third = server
        .refresh(&client, second.refresh_token())
        .await
        .expect_tokens();
    // The predecessor of the last one may, and nothing is ended by it.
    let again = server
        .refresh(&client, second.refresh_token())
        .await
        .expect_tokens();
    assert_eq!(again.refresh_token(), third.refresh_token());
    let older = server.refresh(&client, first.refresh_token()).await;
    older.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &third).await;
}

pub async fn retry_by_another_client_is_refused(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let other = server
        .refresh(&Client::other(), first.refresh_token())
        .await;
    other.expect_error(400, "invalid_grant");
    assert!(server.accepts(&second.access_token).await);
    server
        .refresh(&client, second.refresh_token())
        .await
        .expect_tokens();
}

pub async fn retry_of_a_chain_derives_each_successor_anew(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let mut tokens = server.tokens(&client).await;
    let mut seen = vec![tokens.refresh_token().to_owned()];
    for _ in 0..3 {
        let lost = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        let again = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        assert_eq!(again.refresh_token(), lost.refresh_token());
        assert!(
            !seen.contains(&lost.refresh_token().to_owned()),
            "a token of the chain again"
        );
        seen.push(lost.refresh_token().to_owned());
        tokens = again;
    }
}

pub async fn retry_keeps_the_scope_within_the_grant(target: &'static Target) {
    let server = target.retrying();
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).with("scope", "profile");
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let first = server.redeem(&client, &code).await.expect_tokens();
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", first.refresh_token()),
        ("scope", "profile email"),
    ];
    server
        .token(&client, &form)
        .await
        .expect_error(400, "invalid_scope");
    let again = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    assert_eq!(again.refresh_token(), second.refresh_token());
}

/// The window is for refresh tokens; a code has none.
pub async fn code_replay_is_no_retry(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let code = server.code(&client).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    server
        .redeem(&client, &code)
        .await
        .expect_error(400, "invalid_grant");
    server.expect_dead(&client, &tokens).await;
}

pub async fn after_the_window_it_is_reuse(target: &'static Target) {
    let server = target.start(&Configuration::standard(1).refresh_retry_window(1));
    let client = Client::first();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let late = server.refresh(&client, first.refresh_token()).await;
    late.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &second).await;
}

/// It counts from the first use, so that somebody who keeps asking gains nothing.
pub async fn retries_do_not_prolong_the_window(target: &'static Target) {
    let server = target.start(&Configuration::standard(1).refresh_retry_window(3));
    let client = Client::first();
    let first = server.tokens(&client).await;
    let second = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let again = server
        .refresh(&client, first.refresh_token())
        .await
        .expect_tokens();
    assert_eq!(again.refresh_token(), second.refresh_token());
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let late = server.refresh(&client, first.refresh_token()).await;
    late.expect_error(400, "invalid_grant");
    server.expect_dead(&client, &second).await;
}

/// Several tabs of one client, or a client that lost its patience.
pub async fn concurrent_refreshes_agree_on_the_successor(target: &'static Target) {
    let server = target.retrying();
    let client = Client::web();
    let first = server.tokens(&client).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", first.refresh_token()),
    ];
    let mut successors = Vec::new();
    for answer in server.tokens_at_once(&client, &form, 16) {
        let tokens = answer.expect_tokens();
        assert!(server.accepts(&tokens.access_token).await);
        successors.push(tokens.refresh_token().to_owned());
    }
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    server
        .refresh(&client, &successors[0])
        .await
        .expect_tokens();
}
