//! Authorization requests and decisions.

use super::{NOTHING, WITH_CODE, dropped_everywhere, strict};
use crate::test_server::{Holdings, TestServer, Verb, alice, local_page};

const SHOWN: Holdings = Holdings {
    tickets: 1,
    ..NOTHING
};

/// The way a user goes who begins again: through consent where there is need, to one set of tokens.
async fn begins_again(test: &TestServer, client: &str) {
    let before = test.holdings().await;
    test.tokens(client).await;
    let after = test.holdings().await;
    assert_eq!(after.grants, before.grants + 1);
    assert_eq!(
        (after.access_tokens, after.refresh_tokens),
        (1, 1),
        "one set of tokens"
    );
}

#[tokio::test]
async fn before_the_login_nothing_is_written() {
    let form = TestServer::request_of("web");
    let calls = dropped_everywhere(
        strict,
        async |_| (),
        async |test, ()| drop(test.login(&form, None).await),
        &[],
        async |test, (), _| begins_again(test, "web").await,
    )
    .await;
    assert_eq!(calls, [Verb::FindClient]);
}

#[tokio::test]
async fn a_consent_page_that_was_not_shown_leaves_a_ticket_that_nobody_holds() {
    let form = TestServer::request_of("web");
    let calls = dropped_everywhere(
        strict,
        async |_| (),
        async |test, ()| drop(test.consent(&form, &alice()).await),
        &[(Verb::Put, SHOWN)],
        async |test, (), happened| {
            begins_again(test, "web").await;
            assert_eq!(test.holdings().await.tickets, happened.len());
        },
    )
    .await;
    assert_eq!(calls, [Verb::FindClient, Verb::FindConsent, Verb::Put]);
}

#[tokio::test]
async fn a_code_that_was_not_sent_is_held_by_nobody_and_the_client_gets_another() {
    let form = TestServer::request_of("own");
    let calls = dropped_everywhere(
        strict,
        async |_| (),
        async |test, ()| drop(test.done(&form, Some(&alice())).await),
        &[(Verb::Open, WITH_CODE)],
        async |test, (), happened| {
            begins_again(test, "own").await;
            // It expires as any code that is not exchanged.
            assert_eq!(test.holdings().await.codes, happened.len());
        },
    )
    .await;
    assert_eq!(calls, [Verb::FindClient, Verb::FindConsent, Verb::Open]);
}

#[tokio::test]
async fn a_decision_counts_until_its_ticket_is_taken_and_never_twice() {
    let form = TestServer::request_of("web");
    let remembered = Holdings {
        consents: 1,
        ..NOTHING
    };
    let opened = Holdings {
        consents: 1,
        ..WITH_CODE
    };
    let calls = dropped_everywhere(
        strict,
        async |test| test.consent(&form, &alice()).await,
        async |test, prompt| {
            let callback = test.decide(prompt.ticket(), "allow", &alice()).await;
            callback.unwrap().code();
        },
        &[
            (Verb::Take, NOTHING),
            (Verb::Record, remembered),
            (Verb::Open, opened),
        ],
        async |test, prompt, happened| {
            let again = test.decide(prompt.ticket(), "allow", &alice()).await;
            if happened.is_empty() {
                assert_eq!(test.holdings().await, opened);
                test.redeem("web", again.unwrap().code()).await.issued();
                return;
            }
            assert_eq!(local_page(again.unwrap_err()).status(), 400);
            test.store.calls();
            begins_again(test, "web").await;
            // Whom the server remembers to have agreed is not asked again.
            let asked = test.store.calls().contains(&Verb::Put);
            assert_eq!(asked, !happened.contains(&Verb::Record));
        },
    )
    .await;
    let all = [
        Verb::Get,
        Verb::Take,
        Verb::FindClient,
        Verb::Record,
        Verb::Open,
    ];
    assert_eq!(calls, all);
}

#[tokio::test]
async fn a_refusal_counts_until_its_ticket_is_taken_and_grants_nothing() {
    let form = TestServer::request_of("web");
    dropped_everywhere(
        strict,
        async |test| test.consent(&form, &alice()).await,
        async |test, prompt| {
            let callback = test.decide(prompt.ticket(), "deny", &alice()).await;
            assert_eq!(callback.unwrap().error(), "access_denied");
        },
        &[(Verb::Take, NOTHING)],
        async |test, prompt, happened| {
            // The other answer, now that the first was lost.
            let again = test.decide(prompt.ticket(), "allow", &alice()).await;
            assert_eq!(again.is_ok(), happened.is_empty());
            assert_eq!(test.holdings().await.grants, usize::from(again.is_ok()));
        },
    )
    .await;
}
