//! The token endpoint while the store fails.

use std::time::Duration as Lifetime;

use crate::Policy;
use crate::grant::RotationKey;
use crate::test_server::{Answer, Fault, Form, TestServer, Verb};
use crate::{Requirement, ResourceServer};

const FAULTS: [(Fault, u16, &str); 4] = [
    (Fault::TransientBefore, 503, "temporarily_unavailable"),
    (Fault::TransientAfter, 503, "temporarily_unavailable"),
    (Fault::PermanentBefore, 500, "server_error"),
    (Fault::PermanentAfter, 500, "server_error"),
];

fn said_nothing(answer: &Answer) {
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    assert!(!text.contains("10.0.0.1") && !text.contains("no such table"));
}

#[tokio::test]
async fn reading_fails_without_a_trace() {
    for verb in [Verb::FindClient, Verb::FindCredential] {
        for (fault, status, error) in FAULTS {
            let test = TestServer::new();
            let code = test.code("web").await;
            test.store.fail(verb, 1, fault);
            let answer = test.redeem("web", &code).await;
            answer.is(status, error);
            said_nothing(&answer);
            let tokens = test.redeem("web", &code).await.issued();
            test.store.fail(verb, 1, fault);
            let answer = test.refresh("web", &tokens.refresh_token()).await;
            answer.is(status, error);
            test.refresh("web", &tokens.refresh_token()).await.issued();
        }
    }
}

#[tokio::test]
async fn one_lost_answer_of_an_exchange_is_asked_for_again() {
    for fault in [Fault::TransientBefore, Fault::TransientAfter] {
        let test = TestServer::new();
        let code = test.code("web").await;
        test.store.calls();
        test.store.fail(Verb::Exchange, 1, fault);
        let tokens = test.redeem("web", &code).await.issued();
        assert_eq!(
            test.store.calls(),
            [
                Verb::FindClient,
                Verb::FindCredential,
                Verb::Exchange,
                Verb::Exchange
            ]
        );
        assert!(test.is_live(&tokens.access_token()).await);
        test.store.fail(Verb::Exchange, 1, fault);
        let next = test.refresh("web", &tokens.refresh_token()).await.issued();
        assert!(test.is_live(&next.access_token()).await);
        test.refresh("web", &next.refresh_token()).await.issued();
    }
}

/// The exchange fails, and once more when the server asks again.
async fn fails_twice(
    test: &TestServer,
    form: &Form,
    (fault, status, error): (Fault, u16, &'static str),
) {
    test.store.fail(Verb::Exchange, 1, fault);
    test.store.fail(Verb::Exchange, 2, fault);
    let answer = test.send("web", form).await;
    answer.is(status, error);
    said_nothing(&answer);
}

/// Whether the server asks again by itself.
fn is_transient(fault: Fault) -> bool {
    matches!(fault, Fault::TransientBefore | Fault::TransientAfter)
}

#[tokio::test]
async fn an_exchange_that_did_not_happen_can_be_tried_again_by_the_client() {
    let test = TestServer::new();
    let code = test.code("web").await;
    fails_twice(&test, &Form::redeeming(&code), FAULTS[0]).await;
    let tokens = test.redeem("web", &code).await.issued();
    fails_twice(&test, &Form::refreshing(&tokens.refresh_token()), FAULTS[0]).await;
    test.refresh("web", &tokens.refresh_token()).await.issued();
}

#[tokio::test]
async fn an_exchange_of_unknown_outcome_fails_closed() {
    // It happened, nobody got the tokens, and the client's own retry looks like a replay.
    for (fault, status, error) in [FAULTS[1], FAULTS[3]] {
        let test = TestServer::new();
        let code = test.code("web").await;
        test.store.fail(Verb::Exchange, 1, fault);
        if is_transient(fault) {
            test.store.fail(Verb::Exchange, 2, fault);
        }
        test.redeem("web", &code).await.is(status, error);
        test.store.calls();
        test.redeem("web", &code).await.is(400, "invalid_grant");
        assert!(test.store.calls().contains(&Verb::Revoke), "{fault:?}");
        let alice = crate::UserId::new("alice");
        let connected = test.server.connected_applications(&alice).await.unwrap();
        assert!(connected.iter().all(|it| it.live_grants() == 0));

        let test = TestServer::new();
        let tokens = test.tokens("web").await;
        test.store.fail(Verb::Exchange, 1, fault);
        if is_transient(fault) {
            test.store.fail(Verb::Exchange, 2, fault);
        }
        let refreshed = test.refresh("web", &tokens.refresh_token()).await;
        refreshed.is(status, error);
        let again = test.refresh("web", &tokens.refresh_token()).await;
        again.is(400, "invalid_grant");
        assert!(!test.is_live(&tokens.access_token()).await);
    }
}

#[tokio::test]
async fn a_permanent_failure_is_not_asked_again() {
    let test = TestServer::new();
    let code = test.code("web").await;
    test.store.calls();
    test.store.fail(Verb::Exchange, 1, Fault::PermanentBefore);
    test.redeem("web", &code).await.is(500, "server_error");
    let calls = test.store.calls();
    assert_eq!(calls.iter().filter(|it| **it == Verb::Exchange).count(), 1);
    test.redeem("web", &code).await.issued();
}

#[tokio::test]
async fn within_the_retry_window_an_unknown_outcome_costs_nothing() {
    let policy = Policy::default().refresh_retry_window(Lifetime::from_secs(30));
    let test = TestServer::with(|builder| {
        builder
            .policy(policy)
            .rotation_keys([RotationKey::new([7; 32])])
    });
    let tokens = test.tokens("web").await;
    fails_twice(&test, &Form::refreshing(&tokens.refresh_token()), FAULTS[1]).await;
    let next = test.refresh("web", &tokens.refresh_token()).await.issued();
    test.refresh("web", &next.refresh_token()).await.issued();
}

#[tokio::test]
async fn a_replay_that_cannot_be_punished_is_still_refused() {
    for (fault, status, error) in FAULTS {
        let test = TestServer::new();
        let code = test.code("web").await;
        let tokens = test.redeem("web", &code).await.issued();
        test.store.fail(Verb::Revoke, 1, fault);
        test.redeem("web", &code).await.is(status, error);
        test.redeem("web", &code).await.is(400, "invalid_grant");
        assert!(!test.is_live(&tokens.access_token()).await);
    }
}

#[tokio::test]
async fn a_grant_that_is_revoked_during_the_exchange_gives_nothing() {
    let test = TestServer::new();
    let code = test.code("web").await;
    let other = test.clone();
    test.store.before(Verb::Exchange, move || async move {
        let (alice, web) = (crate::UserId::new("alice"), crate::ClientId::parse("web"));
        let ended = other.server.disconnect(&alice, &web.unwrap()).await;
        ended.unwrap();
    });
    test.redeem("web", &code).await.is(400, "invalid_grant");
}

#[tokio::test]
async fn opening_for_a_client_is_asked_again_once() {
    let form = Form::of([("grant_type", "client_credentials")]);
    for fault in [Fault::TransientBefore, Fault::TransientAfter] {
        let test = TestServer::new();
        test.store.fail(Verb::Open, 1, fault);
        let answer = test.send("job", &form).await.issued();
        assert!(test.is_live(&answer.access_token()).await);
    }
    for (fault, status, error) in FAULTS {
        let test = TestServer::new();
        test.store.fail(Verb::Open, 1, fault);
        test.store.fail(Verb::Open, 2, fault);
        test.send("job", &form).await.is(status, error);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_looked_up_is_not_allowed() {
    for (fault, status, _) in FAULTS {
        let test = TestServer::new();
        let token = test.tokens("web").await.access_token();
        let (parts, ()) = http::Request::get("/")
            .header("authorization", format!("Bearer {token}"))
            .body(())
            .unwrap()
            .into_parts();
        test.store.fail(Verb::FindCredential, 1, fault);
        let refused = test
            .server
            .authenticate(&parts, &Requirement::scope(""))
            .await;
        let response = refused.unwrap_err().into_http();
        assert_eq!(response.status(), status);
        assert!(!response.headers().contains_key("www-authenticate"));
        test.server
            .authenticate(&parts, &Requirement::scope(""))
            .await
            .unwrap();
    }
}
