//! A request that is dropped wherever it can wait. Each verb of a store has then happened or has not,
//! and a client that asks again gets the answer that [`AuthorizationServer`] documents.
//!
//! The places are found by counting the calls of the stores, two for each, so a call that is added to
//! a request is looked at here by itself.

mod authorization;
mod token;

use std::sync::Arc;
use std::time::Duration;

use crate::grant::RotationKey;
use crate::server::AuthorizationServer;
use crate::test_server::{Answer, Holdings, ISSUER, TestServer, Verb};
use crate::{Policy, UserId};

/// A server that asks whether the user is active, with a retry window or without one.
fn server(window: Duration) -> TestServer {
    let test = TestServer::new();
    let server = AuthorizationServer::builder(ISSUER)
        .store(test.store.clone())
        .subject_status(Arc::new(test.store.clone()))
        .clock(test.clock.clone())
        .policy(Policy::default().refresh_retry_window(window))
        .rotation_keys([RotationKey::new([7; 32])]);
    TestServer {
        server: server.build().unwrap(),
        ..test
    }
}

fn strict() -> TestServer {
    server(Duration::ZERO)
}

fn forgiving() -> TestServer {
    server(Duration::from_secs(30))
}

/// What a request does to the stores: the verbs that write, in order, and what is held after each.
type Writes = [(Verb, Holdings)];

/// Drops a request at each place, each time on another server; `again` then gets the verbs that have
/// written. Gives how often the whole request calls the stores.
async fn dropped_everywhere<T>(
    server: fn() -> TestServer,
    prepare: impl AsyncFn(&TestServer) -> T,
    request: impl AsyncFn(&TestServer, &T),
    writes: &Writes,
    again: impl AsyncFn(&TestServer, &T, &[Verb]),
) -> Vec<Verb> {
    for nth in 1.. {
        let test = server();
        let prepared = prepare(&test).await;
        let before = test.holdings().await;
        test.store.calls();
        test.written_by();
        let answer = test.drop_at(nth, request(&test, &prepared));
        let (calls, happened) = (test.store.calls(), test.written_by());

        let foreseen: Vec<_> = writes.iter().map(|(verb, _)| *verb).collect();
        let place = format!("place {nth}, after {calls:?}");
        assert!(foreseen.starts_with(&happened), "{place}: {happened:?}");
        let last = happened.len().checked_sub(1).and_then(|at| writes.get(at));
        let expected = last.map_or(before, |(_, holdings)| *holdings);
        assert_eq!(test.holdings().await, expected, "{place}");
        if answer.is_some() {
            assert_eq!(happened, foreseen, "the whole request");
            // It went through every place there is, on both sides of each call.
            assert_eq!(nth - 1, 2 * calls.len(), "{place}");
            return calls;
        }
        again(&test, &prepared, &happened).await;
    }
    unreachable!("a request ends at some time")
}

const NOTHING: Holdings = Holdings {
    grants: 0,
    codes: 0,
    spent_codes: 0,
    refresh_tokens: 0,
    spent_refresh_tokens: 0,
    access_tokens: 0,
    tickets: 0,
    consents: 0,
};

/// A grant for a client that has a code.
const WITH_CODE: Holdings = Holdings {
    grants: 1,
    codes: 1,
    ..NOTHING
};

/// The same after the exchange. Alice was asked, and it is remembered.
const WITH_TOKENS: Holdings = Holdings {
    grants: 1,
    spent_codes: 1,
    refresh_tokens: 1,
    access_tokens: 1,
    consents: 1,
    ..NOTHING
};

/// One refresh later.
const REFRESHED: Holdings = Holdings {
    spent_refresh_tokens: 1,
    access_tokens: 2,
    ..WITH_TOKENS
};

/// The grant has ended; the consent is still remembered.
const ENDED: Holdings = Holdings {
    consents: 1,
    ..NOTHING
};

/// The client is told to begin again, and nothing that it or anybody else has counts any more.
async fn ended(test: &TestServer, answer: &Answer) {
    answer.is(400, "invalid_grant");
    assert_eq!(test.holdings().await, ENDED);
}

#[tokio::test]
async fn disconnecting_again_does_the_rest() {
    let writes = [
        (
            Verb::Withdraw,
            Holdings {
                consents: 0,
                ..WITH_TOKENS
            },
        ),
        (Verb::Revoke, NOTHING),
    ];
    let disconnect = async |test: &TestServer| {
        let (alice, web) = (UserId::new("alice"), crate::ClientId::parse("web"));
        test.server.disconnect(&alice, &web.unwrap()).await.unwrap();
    };
    dropped_everywhere(
        strict,
        async |test| drop(test.tokens("web").await),
        async |test, ()| disconnect(test).await,
        &writes,
        async |test, (), _| {
            disconnect(test).await;
            assert_eq!(test.holdings().await, NOTHING);
        },
    )
    .await;
}
