//! Token requests.

use super::{
    ENDED, Holdings, NOTHING, REFRESHED, TestServer, Verb, WITH_TOKENS, dropped_everywhere, ended,
    forgiving, strict,
};
use crate::test_server::{Fault, Form};

const EXCHANGE: [Verb; 4] = [
    Verb::FindClient,
    Verb::FindCredential,
    Verb::IsActive,
    Verb::Exchange,
];

#[tokio::test]
async fn a_code_can_be_sent_again_until_it_is_exchanged() {
    for server in [strict, forgiving] {
        let calls = dropped_everywhere(
            server,
            async |test| test.code("web").await,
            async |test, code| drop(test.redeem("web", code).await.issued()),
            &[(Verb::Exchange, WITH_TOKENS)],
            async |test, code, happened| {
                let again = test.redeem("web", code).await;
                if happened.is_empty() {
                    again.issued();
                    assert_eq!(test.holdings().await, WITH_TOKENS);
                } else {
                    ended(test, &again).await;
                }
            },
        )
        .await;
        assert_eq!(calls, EXCHANGE);
    }
}

#[tokio::test]
async fn without_a_window_a_refresh_token_can_be_sent_again_until_it_is_exchanged() {
    let calls = dropped_everywhere(
        strict,
        async |test| test.tokens("web").await.refresh_token(),
        async |test, token| drop(test.refresh("web", token).await.issued()),
        &[(Verb::Exchange, REFRESHED)],
        async |test, token, happened| {
            let again = test.refresh("web", token).await;
            if happened.is_empty() {
                again.issued();
                assert_eq!(test.holdings().await, REFRESHED);
            } else {
                ended(test, &again).await;
            }
        },
    )
    .await;
    assert_eq!(calls, EXCHANGE);
}

/// One more access token, and no second successor.
const RETRIED: Holdings = Holdings {
    access_tokens: REFRESHED.access_tokens + 1,
    ..REFRESHED
};

#[tokio::test]
async fn within_the_window_a_refresh_token_can_be_sent_again_after_all() {
    let calls = dropped_everywhere(
        forgiving,
        async |test| test.tokens("web").await.refresh_token(),
        async |test, token| drop(test.refresh("web", token).await.issued()),
        &[(Verb::Exchange, REFRESHED)],
        async |test, token, happened| {
            let again = test.refresh("web", token).await.issued();
            let held = if happened.is_empty() {
                REFRESHED
            } else {
                RETRIED
            };
            assert_eq!(test.holdings().await, held);
            test.refresh("web", &again.refresh_token()).await.issued();
        },
    )
    .await;
    assert_eq!(calls, EXCHANGE);
}

#[tokio::test]
async fn a_retry_that_is_dropped_can_be_retried_and_gives_the_same_successor() {
    dropped_everywhere(
        forgiving,
        async |test| {
            let token = test.tokens("web").await.refresh_token();
            let successor = test.refresh("web", &token).await.issued().refresh_token();
            (token, successor)
        },
        async |test, (token, _)| drop(test.refresh("web", token).await.issued()),
        &[(Verb::Exchange, RETRIED)],
        async |test, (token, successor), _| {
            let again = test.refresh("web", token).await.issued();
            assert_eq!(again.refresh_token(), *successor);
            assert_eq!(test.holdings().await.refresh_tokens, 1);
            test.refresh("web", successor).await.issued();
        },
    )
    .await;
}

#[tokio::test]
async fn between_a_lost_answer_of_a_store_and_asking_it_again_nothing_is_different() {
    dropped_everywhere(
        strict,
        async |test| {
            let code = test.code("web").await;
            test.store.fail(Verb::Exchange, 1, Fault::TransientAfter);
            code
        },
        async |test, code| drop(test.redeem("web", code).await.issued()),
        &[(Verb::Exchange, WITH_TOKENS), (Verb::Exchange, WITH_TOKENS)],
        async |test, code, happened| {
            let again = test.redeem("web", code).await;
            if happened.is_empty() {
                again.issued();
            } else {
                ended(test, &again).await;
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_replay_that_is_not_punished_is_punished_at_the_next_one() {
    dropped_everywhere(
        strict,
        async |test| {
            let code = test.code("web").await;
            test.redeem("web", &code).await.issued();
            code
        },
        async |test, code| test.redeem("web", code).await.is(400, "invalid_grant"),
        &[(Verb::Revoke, ENDED)],
        async |test, code, _| ended(test, &test.redeem("web", code).await).await,
    )
    .await;
    dropped_everywhere(
        strict,
        async |test| {
            let token = test.tokens("web").await.refresh_token();
            test.refresh("web", &token).await.issued();
            token
        },
        async |test, token| test.refresh("web", token).await.is(400, "invalid_grant"),
        &[(Verb::Revoke, ENDED)],
        async |test, token, _| ended(test, &test.refresh("web", token).await).await,
    )
    .await;
}

#[tokio::test]
async fn a_client_that_acts_for_itself_gets_another_token() {
    let opened = Holdings {
        grants: 1,
        access_tokens: 1,
        ..NOTHING
    };
    let form = Form::of([("grant_type", "client_credentials")]);
    let calls = dropped_everywhere(
        strict,
        async |_| (),
        async |test, ()| drop(test.send("job", &form).await.issued()),
        &[(Verb::Open, opened)],
        async |test: &TestServer, (), happened| {
            let answer = test.send("job", &form).await.issued();
            assert!(test.is_live(&answer.access_token()).await);
            // The one that was not sent is held by nobody, and expires.
            assert_eq!(test.holdings().await.access_tokens, 1 + happened.len());
        },
    )
    .await;
    assert_eq!(calls, [Verb::FindClient, Verb::Open]);
}
