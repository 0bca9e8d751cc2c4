//! A refresh token presented again by a client whose response was lost.

use std::time::Duration as Lifetime;

use time::Duration;

use crate::grant::RotationKey;
use crate::server::AuthorizationServer;
use crate::test_server::{Answer, Form, TestServer, Verb};
use crate::{Policy, store::memory::MemoryStore};

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

fn window() -> TestServer {
    let policy = Policy::default().refresh_retry_window(Lifetime::from_secs(30));
    TestServer::with(|builder| {
        builder
            .policy(policy)
            .rotation_keys([RotationKey::new(OLD)])
    })
}

/// The same stores and clock under other keys, as after a restart.
fn restarted(test: &TestServer, keys: &[[u8; 32]]) -> TestServer {
    let policy = Policy::default().refresh_retry_window(Lifetime::from_secs(30));
    let server = AuthorizationServer::builder(crate::test_server::ISSUER)
        .store(test.store.clone())
        .clock(test.clock.clone())
        .policy(policy)
        .rotation_keys(keys.iter().map(|key| RotationKey::new(*key)))
        .build();
    TestServer {
        server: server.unwrap(),
        ..test.clone()
    }
}

async fn ended(test: &TestServer, answers: &[&Answer]) {
    for answer in answers {
        assert!(!test.is_live(&answer.access_token()).await);
        let refreshed = test.refresh("web", &answer.refresh_token()).await;
        refreshed.is(400, "invalid_grant");
    }
}

#[tokio::test]
async fn gives_the_same_successor_and_a_fresh_access_token() {
    let test = window();
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    assert_ne!(second.refresh_token(), first.refresh_token());
    for _ in 0..3 {
        test.advance(Duration::seconds(9));
        test.store.calls();
        let again = test.refresh("web", &first.refresh_token()).await.issued();
        assert_eq!(
            test.store.calls(),
            [Verb::FindClient, Verb::FindCredential, Verb::Exchange]
        );
        assert_eq!(again.refresh_token(), second.refresh_token());
        assert_ne!(again.access_token(), second.access_token());
        assert!(test.is_live(&again.access_token()).await);
        assert!(test.is_live(&second.access_token()).await);
    }
    // One chain goes on.
    let third = test.refresh("web", &second.refresh_token()).await.issued();
    test.refresh("web", &third.refresh_token()).await.issued();
    let written = test.store.written();
    for answer in [&first, &second, &third] {
        assert!(!written.contains(&answer.refresh_token()[4..]));
    }
}

#[tokio::test]
async fn ends_with_the_window_of_the_first_use() {
    for (milliseconds, counts) in [(29_999, true), (30_000, false)] {
        let test = window();
        let first = test.tokens("web").await;
        test.advance(Duration::seconds(1_000));
        let second = test.refresh("web", &first.refresh_token()).await.issued();
        // A retry does not open another window.
        test.advance(Duration::seconds(20));
        test.refresh("web", &first.refresh_token()).await.issued();
        test.advance(Duration::milliseconds(milliseconds - 20_000));
        let late = test.refresh("web", &first.refresh_token()).await;
        if counts {
            assert_eq!(late.issued().refresh_token(), second.refresh_token());
        } else {
            late.is(400, "invalid_grant");
            ended(&test, &[&first, &second]).await;
        }
    }
}

#[tokio::test]
async fn is_over_once_the_successor_was_used() {
    let test = window();
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    let third = test.refresh("web", &second.refresh_token()).await.issued();
    // The immediate predecessor may still be tried again, and harms nobody.
    let again = test.refresh("web", &second.refresh_token()).await.issued();
    assert_eq!(again.refresh_token(), third.refresh_token());
    // The one before that is reuse.
    let reused = test.refresh("web", &first.refresh_token()).await;
    reused.is(400, "invalid_grant");
    ended(&test, &[&first, &second, &third, &again]).await;
}

#[tokio::test]
async fn a_successor_that_is_used_while_the_retry_runs_counts_as_used() {
    let test = window();
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    let (other, token) = (test.clone(), second.refresh_token());
    test.store.before(Verb::Exchange, move || async move {
        other.refresh("web", &token).await.issued();
    });
    let retried = test.refresh("web", &first.refresh_token()).await;
    retried.is(400, "invalid_grant");
    ended(&test, &[&first, &second]).await;
}

#[tokio::test]
async fn two_requests_at_once_get_the_same_successor() {
    let test = window();
    let first = test.tokens("web").await;
    let (other, token) = (test.clone(), first.refresh_token());
    let (send, receive) = tokio::sync::oneshot::channel();
    // The loser has read the token as unspent, and learns from the exchange that it is not.
    test.store.before(Verb::Exchange, move || async move {
        let won = other.refresh("web", &token).await.issued();
        send.send(won.refresh_token()).unwrap();
    });
    let lost = test.refresh("web", &first.refresh_token()).await.issued();
    assert_eq!(lost.refresh_token(), receive.await.unwrap());
}

#[tokio::test]
async fn is_off_by_default() {
    let test = TestServer::with(|builder| builder.rotation_keys([RotationKey::new(OLD)]));
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    // Not even for a node whose clock is behind.
    test.advance(Duration::seconds(-1));
    let reused = test.refresh("web", &first.refresh_token()).await;
    reused.is(400, "invalid_grant");
    ended(&test, &[&first, &second]).await;
}

#[tokio::test]
async fn the_first_key_derives_and_all_are_recognised() {
    let test = window();
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();

    let rotated = restarted(&test, &[NEW, OLD]);
    let again = rotated
        .refresh("web", &first.refresh_token())
        .await
        .issued();
    assert_eq!(again.refresh_token(), second.refresh_token());
    let third = rotated
        .refresh("web", &second.refresh_token())
        .await
        .issued();
    // A node that still has the old order recognises what the new key derived.
    let behind = restarted(&test, &[OLD, NEW]);
    let again = behind
        .refresh("web", &second.refresh_token())
        .await
        .issued();
    assert_eq!(again.refresh_token(), third.refresh_token());

    let forgotten = restarted(&test, &[OLD]);
    let reused = forgotten.refresh("web", &second.refresh_token()).await;
    reused.is(400, "invalid_grant");
    ended(&test, &[&third]).await;
}

#[tokio::test]
async fn a_token_from_before_the_keys_has_no_successor_to_give_again() {
    let before = TestServer::new();
    let first = before.tokens("web").await;
    let test = restarted(&before, &[OLD]);
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    let reused = test.refresh("web", &first.refresh_token()).await;
    reused.is(400, "invalid_grant");
    ended(&test, &[&second]).await;
}

#[tokio::test]
async fn narrows_like_any_refresh_and_is_for_the_client_alone() {
    let test = window();
    let first = test.tokens("web").await;
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    let narrow = Form::refreshing(&first.refresh_token()).with("scope", "email");
    let again = test.send("web", &narrow).await.issued();
    assert_eq!(again.text("scope"), "email");
    let scope = test.scope_of(&again.access_token()).await;
    assert_eq!(scope.as_deref(), Some("email"));
    let stolen = test.refresh("spa", &first.refresh_token()).await;
    stolen.is(400, "invalid_grant");
    test.refresh("web", &second.refresh_token()).await.issued();
}

#[test]
fn a_window_needs_keys() {
    let policy = Policy::default().refresh_retry_window(Lifetime::from_secs(30));
    let server = AuthorizationServer::builder("https://auth.example")
        .store(MemoryStore::default())
        .policy(policy)
        .build();
    assert!(server.unwrap_err().to_string().contains("rotation_keys"));
}
