//! What is this store's own: it does not grow without end.

use super::*;

/// Room for a grant and two credentials.
fn small() -> MemoryGrantStore {
    MemoryGrantStore::with_capacity(3)
}

#[tokio::test]
async fn a_full_store_refuses_for_the_moment_and_keeps_nothing_of_it() {
    let store = small();
    opened(&store, &grant(1), &[code(1)]).await;
    let both = [code(2), code(3)];
    let refused = store.open(&grant(2), &both, START).await.unwrap_err();
    assert!(refused.is_transient());
    assert!(!is_there(&store, 2).await && !is_there(&store, 3).await);
    assert_eq!(store.list(&alice(), START).await.unwrap(), [grant(1)]);

    let (grant, key) = (id(1), key(1));
    let exchange = Exchange {
        id: exchange_id(1),
        grant: &grant,
        spend: Spend::Once(&key),
        successors: &both,
        now: START,
    };
    assert!(store.exchange(exchange).await.unwrap_err().is_transient());
    assert_eq!(found(&store, 1).await, Some(code(1)), "nothing was spent");
    // What does not fit is refused, what is not about to be recorded is answered.
    let fits = spend(&store, 1, 1, &[access_token(2)], START).await;
    assert_eq!(fits, Exchanged::Done);
    let again = spend(&store, 1, 1, &[access_token(2)], START).await;
    assert_eq!(again, Exchanged::Done);
    let other = spend(&store, 2, 1, &both, START).await;
    assert_eq!(other, spent_at(START));
}

#[tokio::test]
async fn room_comes_back_when_things_expire() {
    let store = MemoryGrantStore::with_capacity(4);
    opened(&store, &grant(1), &[refresh_token(1), access_token(2)]).await;
    let full = store
        .open(&grant(2), &[code(3)], just_before(at(100)))
        .await;
    assert!(full.is_err());
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

#[tokio::test]
async fn forgets_subjects_without_grants() {
    let store = empty();
    opened(&store, &grant(1), &[code(1)]).await;
    store.purge(at(1_000), 10).await.unwrap();
    let subjects: usize = store.parts.each().map(|part| part.lock().subjects()).sum();
    assert_eq!(subjects, 0);
}
