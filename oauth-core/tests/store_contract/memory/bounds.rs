//! A store in memory does not grow without end.

use std::borrow::Cow;

use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{Exchange, Exchanged, GrantDirectory, GrantStore, Spend};
use oauth_testkit::sample::{
    START, access_token, alice, at, code, exchange_id, grant, grant_id, just_before, key,
    refresh_token,
};

/// Room for a grant and two credentials.
fn small() -> MemoryGrantStore {
    MemoryGrantStore::with_capacity(3)
}

async fn is_there(store: &MemoryGrantStore, n: u32) -> bool {
    store.find(&key(n)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_full_store_refuses_for_the_moment_and_keeps_nothing_of_it() {
    let store = small();
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    let both = [code(2), code(3)];
    let refused = store.open(&grant(2), &both, START).await.unwrap_err();
    assert!(refused.is_transient());
    assert!(!is_there(&store, 2).await && !is_there(&store, 3).await);
    let listed = store.list(&alice(), START).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].grant, grant(1));

    let (grant, key) = (grant_id(1), key(1));
    let exchange = |by, successors| Exchange {
        id: exchange_id(by),
        grant,
        spend: Spend::Once(key),
        successors: Cow::Borrowed(successors),
        now: START,
    };
    let refused = store.exchange(exchange(1, &both)).await.unwrap_err();
    assert!(refused.is_transient());
    // What does not fit is refused, what is not about to be recorded is answered.
    let one = [access_token(2)];
    for _ in 0..2 {
        let fits = store.exchange(exchange(1, &one)).await.unwrap();
        assert_eq!(fits, Exchanged::Done);
    }
    let other = store.exchange(exchange(2, &both)).await.unwrap();
    assert!(matches!(other, Exchanged::Spent { .. }), "{other:?}");
}

#[tokio::test]
async fn room_comes_back_when_things_expire() {
    let store = MemoryGrantStore::with_capacity(4);
    let credentials = [refresh_token(1), access_token(2)];
    store.open(&grant(1), &credentials, START).await.unwrap();
    let early = just_before(at(100));
    assert!(store.open(&grant(2), &[code(3)], early).await.is_err());
    store.open(&grant(2), &[code(3)], at(100)).await.unwrap();
}

#[tokio::test]
async fn grants_without_credentials_are_counted_as_well() {
    let store = small();
    let mut refused = 0;
    for n in 1..=10 {
        let opened = store.open(&grant(n), &[], START).await;
        refused += usize::from(opened.is_err());
    }
    assert_eq!(refused, 7);
}
