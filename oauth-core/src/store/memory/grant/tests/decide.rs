use super::*;
use crate::store::{Decided, Decision, Target};

async fn approve(store: &dyn GrantStore, n: u8, expires_at: i64, now: OffsetDateTime) -> Decided {
    let (subject, payload) = (alice(), payload("profile email"));
    let decision = Decision::Approve {
        subject: &subject,
        expires_at: at(expires_at),
        payload: &payload,
    };
    store.decide(&id(n), decision, now).await.unwrap()
}

async fn deny(store: &dyn GrantStore, n: u8, now: OffsetDateTime) -> Decided {
    store.decide(&id(n), Decision::Deny, now).await.unwrap()
}

async fn waiting() -> impl GrantDirectory {
    let store = empty();
    opened(&store, &undecided(1), &[refresh_token(1)]).await;
    store
}

#[tokio::test]
async fn an_approval_completes_the_grant() {
    let store = waiting().await;
    assert_eq!(approve(&store, 1, 5_000, at(10)).await, Decided::Done);
    let found = store.find(&key(1)).await.unwrap().unwrap();
    let expected = Grant {
        subject: Some(alice()),
        expires_at: at(5_000),
        payload: payload("profile email"),
        ..undecided(1)
    };
    assert_eq!(found.grant, expected);
    assert_eq!(spend(&store, 1, 1, &[], at(11)).await, Exchanged::Done);
}

#[tokio::test]
async fn a_refusal_revokes_it() {
    let store = waiting().await;
    assert_eq!(deny(&store, 1, at(10)).await, Decided::Done);
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(found.grant.revoked_at, Some(at(10)));
    assert_eq!(spend(&store, 1, 1, &[], at(11)).await, Exchanged::Inactive);
}

#[tokio::test]
async fn is_final() {
    for refused in [true, false] {
        let store = waiting().await;
        let first = if refused {
            deny(&store, 1, at(10)).await
        } else {
            approve(&store, 1, 5_000, at(10)).await
        };
        assert_eq!(first, Decided::Done);
        let before = store.find(&key(1)).await.unwrap();
        assert_eq!(
            approve(&store, 1, 9_000, at(20)).await,
            Decided::AlreadyDecided
        );
        assert_eq!(deny(&store, 1, at(20)).await, Decided::AlreadyDecided);
        assert_eq!(store.find(&key(1)).await.unwrap(), before);
    }
    let store = with_code().await;
    assert_eq!(deny(&store, 1, at(1)).await, Decided::AlreadyDecided);
    let store = waiting().await;
    store.revoke(Target::Grant(&id(1)), at(1)).await.unwrap();
    assert_eq!(
        approve(&store, 1, 9_000, at(2)).await,
        Decided::AlreadyDecided
    );
}

#[tokio::test]
async fn comes_too_late_at_the_edge() {
    let store = waiting().await;
    assert_eq!(approve(&store, 1, 5_000, at(600)).await, Decided::Expired);
    assert_eq!(deny(&store, 1, at(600)).await, Decided::Expired);
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(found.grant, undecided(1));
    let in_time = approve(&store, 1, 5_000, just_before(at(600))).await;
    assert_eq!(in_time, Decided::Done);
}

#[tokio::test]
async fn a_grant_that_is_not_there_is_unknown() {
    let store = waiting().await;
    assert_eq!(approve(&store, 9, 5_000, at(1)).await, Decided::Unknown);
    assert_eq!(deny(&store, 9, at(1)).await, Decided::Unknown);
    assert_eq!(store.list(&alice(), at(1)).await.unwrap(), []);
}

#[tokio::test]
async fn prolongs_the_grant_also_for_the_sweeper() {
    let store = waiting().await;
    assert_eq!(approve(&store, 1, 5_000, at(10)).await, Decided::Done);
    store.purge(at(4_999), 1_000).await.unwrap();
    assert!(is_there(&store, 1).await);
    assert_eq!(store.list(&alice(), at(4_999)).await.unwrap().len(), 1);
    store.purge(at(5_000), 1_000).await.unwrap();
    assert!(!is_there(&store, 1).await);
}

#[tokio::test]
async fn one_that_was_not_decided_is_removed_when_it_expires() {
    let store = waiting().await;
    store.purge(just_before(at(600)), 1_000).await.unwrap();
    assert!(is_there(&store, 1).await);
    store.purge(at(600), 1_000).await.unwrap();
    assert!(!is_there(&store, 1).await);
}
