//! What a user sees of the applications that have access, and ends.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use time::Duration;
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::test_server::{TestServer, Verb};
use crate::{ClientId, GrantId, UserId};

fn alice() -> UserId {
    UserId::new("alice")
}

async fn ids(test: &TestServer) -> Vec<GrantId> {
    let grants = test.server.connected_grants(&alice()).await.unwrap();
    grants.iter().map(|grant| *grant.id()).collect()
}

#[tokio::test]
async fn each_login_of_an_application_is_a_grant_of_its_own() {
    let test = TestServer::new();
    let opened_at = test.now();
    test.tokens("web").await;
    test.advance(Duration::seconds(5));
    test.tokens("web").await;
    let grants = test.server.connected_grants(&alice()).await.unwrap();
    let [latest, first] = &grants[..] else {
        panic!("{grants:?}");
    };
    assert_eq!(first.client_id().as_str(), "web");
    assert_eq!(first.scope().as_str(), "profile email");
    assert!(first.audience().is_empty());
    assert_eq!(first.opened_at(), opened_at);
    assert_eq!(first.expires_at(), opened_at + Duration::days(30));
    assert_eq!(latest.opened_at(), opened_at + Duration::seconds(5));
    let bob = UserId::new("bob");
    assert_eq!(test.server.connected_grants(&bob).await.unwrap(), []);
}

#[tokio::test]
async fn one_grant_is_ended_and_the_others_live() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    let [first_id] = ids(&test).await[..] else {
        panic!("one grant");
    };
    let second = test.tokens("web").await;
    assert!(test.server.end_grant(&alice(), &first_id).await.unwrap());
    assert!(!test.is_live(&first.access_token()).await);
    test.refresh("web", &first.refresh_token())
        .await
        .is(400, "invalid_grant");
    assert!(test.is_live(&second.access_token()).await);
    // It is over, which is not an error.
    assert!(!test.server.end_grant(&alice(), &first_id).await.unwrap());
}

/// An identifier is not a secret, so knowing one gives nobody a right.
#[tokio::test]
async fn nobody_ends_a_grant_of_somebody_else() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let [id] = ids(&test).await[..] else {
        panic!("one grant");
    };
    let bob = UserId::new("bob");
    test.store.calls();
    assert!(!test.server.end_grant(&bob, &id).await.unwrap());
    assert!(!test.store.calls().contains(&Verb::Revoke));
    assert!(test.is_live(&tokens.access_token()).await);
}

#[tokio::test]
async fn everything_of_a_user_ends_at_once() {
    let test = TestServer::new();
    let tokens = [test.tokens("web").await, test.tokens("post").await];
    test.server.disconnect_all(&alice()).await.unwrap();
    for tokens in tokens {
        assert!(!test.is_live(&tokens.access_token()).await);
    }
    let left = test.server.connected_applications(&alice()).await.unwrap();
    assert_eq!(left, []);
    test.consent(&TestServer::request_of("web"), &crate::test_server::alice())
        .await;
}

/// A grant is used when its code or a refresh token is exchanged.
#[tokio::test]
async fn the_last_use_of_each_grant_is_told() {
    let test = TestServer::new();
    let start = test.now();
    let code = test.code("web").await;
    let last_issues = async || {
        let grants = test.server.connected_grants(&alice()).await.unwrap();
        let applications = test.server.connected_applications(&alice()).await.unwrap();
        let [web] = &applications[..] else {
            panic!("{applications:?}");
        };
        let all: Vec<_> = grants.iter().map(|grant| grant.last_issued_at()).collect();
        assert_eq!(web.last_issued_at(), all.iter().max().copied());
        all
    };
    assert_eq!(last_issues().await, [start]);
    test.advance(Duration::seconds(5));
    let tokens = test.redeem("web", &code).await.issued();
    assert_eq!(last_issues().await, [start + Duration::seconds(5)]);
    test.advance(Duration::MINUTE);
    test.tokens("web").await;
    test.advance(Duration::MINUTE);
    test.refresh("web", &tokens.refresh_token()).await.issued();
    let latest = start + Duration::seconds(65);
    assert_eq!(last_issues().await, [latest, latest + Duration::MINUTE]);
    test.server
        .revoke_grants(&crate::GrantSelection::all())
        .await
        .unwrap();
    let applications = test.server.connected_applications(&alice()).await.unwrap();
    assert_eq!(applications[0].last_issued_at(), None);
}

/// What is logged in this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().unwrap();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            log.push_str(&format!("{field}={value:?} "));
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_grant_that_cannot_be_read_is_logged_and_none_of_its_payload() {
    let test = TestServer::new();
    test.tokens("web").await;
    let ids = ids(&test).await;
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    test.store.spoil(&ids);
    // Whichever thread comes by a place that logs first notes for all whether anybody listens, and to others than this
    // one nobody does.
    test.server.connected_grants(&alice()).await.unwrap();
    tracing::callsite::rebuild_interest_cache();
    log.0.lock().unwrap().clear();
    test.store.spoil(&[]);
    test.server.connected_grants(&alice()).await.unwrap();
    assert_eq!(*log.0.lock().unwrap(), "");
    test.store.spoil(&ids);
    test.server.connected_grants(&alice()).await.unwrap();
    drop(guard);
    let expected = format!(
        "message=a grant cannot be read by this version grant={} client_id=web ",
        ids[0]
    );
    assert_eq!(*log.0.lock().unwrap(), expected);
}

/// One that a later version wrote, while two versions run side by side.
#[tokio::test]
async fn a_grant_that_cannot_be_read_hides_no_other_and_can_be_ended() {
    let test = TestServer::new();
    test.tokens("web").await;
    let [spoilt] = ids(&test).await[..] else {
        panic!("one grant");
    };
    let post = test.tokens("post").await;
    test.store.spoil(&[spoilt]);
    let grants = test.server.connected_grants(&alice()).await.unwrap();
    let clients: Vec<&str> = grants.iter().map(|it| it.client_id().as_str()).collect();
    assert_eq!(clients, ["post"]);
    let applications = test.server.connected_applications(&alice()).await.unwrap();
    let found = applications.iter();
    let found: Vec<_> = found
        .map(|it| (it.client_id().as_str(), it.live_grants()))
        .collect();
    assert_eq!(found, [("post", 1), ("web", 1)]);

    assert!(test.server.end_grant(&alice(), &spoilt).await.unwrap());
    let applications = test.server.connected_applications(&alice()).await.unwrap();
    let live: Vec<_> = applications.iter().map(|it| it.live_grants()).collect();
    assert_eq!(live, [1, 0]);
    assert!(test.is_live(&post.access_token()).await);
}

#[tokio::test]
async fn a_grant_that_cannot_be_read_ends_with_its_application() {
    let test = TestServer::new();
    let web = test.tokens("web").await;
    test.store.spoil(&ids(&test).await);
    let client = ClientId::parse("web").unwrap();
    test.server.disconnect(&alice(), &client).await.unwrap();
    assert!(!test.is_live(&web.access_token()).await);
    let left = test.server.connected_applications(&alice()).await.unwrap();
    assert_eq!(left, []);
}
