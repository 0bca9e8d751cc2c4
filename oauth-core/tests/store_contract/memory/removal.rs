//! What the contract allows to go, a store in memory removes at the first moment that it may.

use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{Credential, Decided, Decision, Grant, GrantDirectory, GrantStore, Target};
use oauth_testkit::sample::{
    START, access_token, alice, at, code, grant, grant_id, grant_id_in, grant_payload, just_before,
    key, refresh_token, undecided_grant,
};

async fn with(grant: Grant, credentials: &[Credential]) -> MemoryGrantStore {
    let store = MemoryGrantStore::default();
    store.open(&grant, credentials, START).await.unwrap();
    store
}

async fn is_there(store: &MemoryGrantStore, n: u32) -> bool {
    store.find(&key(n)).await.unwrap().is_some()
}

/// Purges just before the moment, when the credential stays, and then at it, when it goes.
async fn goes_at(store: &MemoryGrantStore, n: u32, seconds: i64) {
    store.purge(just_before(at(seconds)), 1_000).await.unwrap();
    assert!(is_there(store, n).await, "{n} goes early");
    store.purge(at(seconds), 1_000).await.unwrap();
    assert!(!is_there(store, n).await, "{n} stays");
}

#[tokio::test]
async fn a_grant_goes_with_everything_when_it_expires() {
    let store = with(grant(1), &[code(1), refresh_token(2)]).await;
    goes_at(&store, 1, 1_000).await;
    assert!(!is_there(&store, 2).await);
}

#[tokio::test]
async fn a_revoked_grant_goes_after_ten_minutes() {
    let store = with(grant(1), &[code(1)]).await;
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(1)).await.unwrap();
    goes_at(&store, 1, 601).await;
}

#[tokio::test]
async fn a_grant_goes_when_nobody_came_for_its_code() {
    let store = with(grant(1), &[code(1)]).await;
    let both = [code(2), refresh_token(3)];
    store.open(&grant(2), &both, START).await.unwrap();
    goes_at(&store, 1, 660).await;
    assert!(is_there(&store, 2).await && is_there(&store, 3).await);
    let listed = store.list(&alice(), at(700)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].grant, grant(2));
}

#[tokio::test]
async fn an_access_token_goes_when_it_expires() {
    let store = with(grant(1), &[access_token(1), refresh_token(2)]).await;
    goes_at(&store, 1, 100).await;
    assert!(is_there(&store, 2).await);
}

#[tokio::test]
async fn an_undecided_grant_goes_when_it_expires() {
    let store = with(undecided_grant(1), &[refresh_token(1)]).await;
    goes_at(&store, 1, 600).await;
}

#[tokio::test]
async fn an_approved_grant_goes_when_its_new_lifetime_ends() {
    let store = with(undecided_grant(1), &[refresh_token(1)]).await;
    let approval = Decision::Approve {
        subject: alice(),
        expires_at: at(5_000),
        payload: grant_payload("profile"),
    };
    let decided = store.decide(&grant_id(1), approval, at(10)).await;
    assert_eq!(decided.unwrap(), Decided::Done);
    goes_at(&store, 1, 5_000).await;
}

#[tokio::test]
async fn a_purge_removes_as_much_as_it_may() {
    let store = MemoryGrantStore::default();
    for n in 0..50 {
        // In different shards, so that more than one part has work.
        let grant = Grant {
            id: grant_id_in(n, 1),
            ..grant(1)
        };
        store.open(&grant, &[], START).await.unwrap();
    }
    let mut removed = Vec::new();
    for _ in 0..6 {
        removed.push(store.purge(at(1_000), 12).await.unwrap());
    }
    assert_eq!(removed, [12, 12, 12, 12, 2, 0]);
}

#[tokio::test]
async fn a_write_removes_some_of_what_has_expired() {
    let store = with(grant(1), &[code(1)]).await;
    store.open(&grant(2), &[code(2)], at(1_000)).await.unwrap();
    assert!(!is_there(&store, 1).await);
    assert!(is_there(&store, 2).await);
}
