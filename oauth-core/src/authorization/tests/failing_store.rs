//! The authorization endpoint while a store fails.

use crate::Interaction;
use crate::test_server::{Callback, Fault, ISSUER, TestServer, Verb, alice, local_page};

const FAULTS: [(Fault, &str); 4] = [
    (Fault::TransientBefore, "temporarily_unavailable"),
    (Fault::TransientAfter, "temporarily_unavailable"),
    (Fault::PermanentBefore, "server_error"),
    (Fault::PermanentAfter, "server_error"),
];

fn status(error: &str) -> u16 {
    if error == "server_error" { 500 } else { 503 }
}

fn assert_told(callback: &Callback, error: &str) {
    assert_eq!(callback.error(), error);
    assert_eq!(callback.parameter("state"), Some("xyz"));
    assert_eq!(callback.parameter("iss"), Some(ISSUER));
    let text = format!("{callback:?}");
    assert!(!text.contains("10.0.0.1") && !text.contains("no such table"));
}

#[tokio::test]
async fn a_client_that_cannot_be_looked_up_is_a_page() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        test.store.fail(Verb::FindClient, 1, fault);
        let form = TestServer::request_of("web");
        let page = test.refused_locally(&form.get()).await;
        assert_eq!(page.status(), status(error));
        let html = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(!html.contains("10.0.0.1") && !html.contains("no such table"));
        test.consent(&form, &alice()).await;
    }
}

#[tokio::test]
async fn a_consent_that_cannot_be_read_or_a_page_that_cannot_be_parked_is_told_to_the_client() {
    for verb in [Verb::FindConsent, Verb::Put] {
        for (fault, error) in FAULTS {
            let test = TestServer::new();
            test.store.fail(verb, 1, fault);
            let form = TestServer::request_of("web");
            assert_told(&test.done(&form, Some(&alice())).await, error);
            test.consent(&form, &alice()).await;
        }
    }
}

#[tokio::test]
async fn a_first_party_client_fails_closed_as_well() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        test.store.fail(Verb::FindConsent, 1, fault);
        let form = TestServer::request_of("own");
        assert_told(&test.done(&form, Some(&alice())).await, error);
        assert!(!test.store.calls().contains(&Verb::Open));
    }
}

#[tokio::test]
async fn a_ticket_that_cannot_be_read_is_a_page_and_may_be_tried_again() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        let form = TestServer::request_of("web");
        let prompt = test.consent(&form, &alice()).await;
        test.store.fail(Verb::Get, 1, fault);
        let outcome = test.decide(prompt.ticket(), "allow", &alice()).await;
        assert_eq!(local_page(outcome.unwrap_err()).status(), status(error));
        test.decide(prompt.ticket(), "allow", &alice())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_ticket_that_may_have_been_taken_grants_nothing() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
        test.store.fail(Verb::Take, 1, fault);
        test.store.calls();
        let outcome = test.decide(prompt.ticket(), "allow", &alice()).await;
        assert_eq!(local_page(outcome.unwrap_err()).status(), status(error));
        assert!(!test.store.calls().contains(&Verb::Open));
        // A second press opens one grant at most.
        let again = test.decide(prompt.ticket(), "allow", &alice()).await;
        let taken = matches!(fault, Fault::TransientAfter | Fault::PermanentAfter);
        assert_eq!(again.is_err(), taken, "{fault:?}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_looked_up_at_the_decision_is_a_page() {
    let test = TestServer::new();
    let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
    test.store.fail(Verb::FindClient, 1, Fault::TransientBefore);
    let outcome = test.decide(prompt.ticket(), "allow", &alice()).await;
    assert_eq!(local_page(outcome.unwrap_err()).status(), 503);
}

#[tokio::test]
async fn a_consent_that_cannot_be_recorded_grants_nothing() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        let prompt = test.consent(&TestServer::request_of("web"), &alice()).await;
        test.store.fail(Verb::Record, 1, fault);
        let callback = test
            .decide(prompt.ticket(), "allow", &alice())
            .await
            .unwrap();
        assert_told(&callback, error);
        assert!(!test.store.calls().contains(&Verb::Open));
        let again = test.decide(prompt.ticket(), "allow", &alice()).await;
        assert_eq!(local_page(again.unwrap_err()).status(), 400);
    }
}

#[tokio::test]
async fn a_grant_whose_opening_was_not_answered_is_asked_for_again() {
    for fault in [Fault::TransientBefore, Fault::TransientAfter] {
        let test = TestServer::new();
        test.store.fail(Verb::Open, 1, fault);
        let code = test.code("own").await;
        let calls = test.store.calls();
        assert_eq!(calls.iter().filter(|verb| **verb == Verb::Open).count(), 2);
        test.redeem("own", &code).await.issued();
        let alice = crate::UserId::new("alice");
        let connected = test.server.connected_applications(&alice).await.unwrap();
        assert_eq!(connected.first().map(|it| it.live_grants()), Some(1));
    }
}

#[tokio::test]
async fn a_grant_that_cannot_be_opened_is_told_to_the_client() {
    for (fault, error) in FAULTS {
        let test = TestServer::new();
        test.store.fail(Verb::Open, 1, fault);
        test.store.fail(Verb::Open, 2, fault);
        let form = TestServer::request_of("own");
        assert_told(&test.done(&form, Some(&alice())).await, error);
    }
}

#[tokio::test]
async fn a_failure_is_told_by_form_post_as_well() {
    let test = TestServer::new();
    test.store
        .fail(Verb::FindConsent, 1, Fault::TransientBefore);
    let form = TestServer::request_of("web").with("response_mode", "form_post");
    let interaction = test.interact(&form, Some(&alice())).await.unwrap();
    let Interaction::Done(response) = interaction else {
        panic!("not done");
    };
    let response = response.into_http();
    assert_eq!(response.status(), 200);
    let html = std::str::from_utf8(response.body()).unwrap();
    assert!(html.contains("value=\"temporarily_unavailable\""));
}
