use super::*;
use crate::store::Target;

#[tokio::test]
async fn keeps_what_was_spent_until_the_grant_expires() {
    let store = with_code().await;
    let successors = [access_token(2), refresh_token(3)];
    assert_eq!(
        spend(&store, 1, 1, &successors, at(10)).await,
        Exchanged::Done
    );
    store.purge(just_before(at(1_000)), 1_000).await.unwrap();
    let replayed = spend(&store, 2, 1, &[], at(999)).await;
    assert_eq!(replayed, spent_at(at(10)));
    assert!(is_there(&store, 3).await);
    store.purge(at(1_000), 1_000).await.unwrap();
    assert!(!is_there(&store, 1).await && !is_there(&store, 3).await);
}

#[tokio::test]
async fn a_revoked_grant_can_be_looked_up_for_a_while() {
    let store = with_code().await;
    store.revoke(Target::Grant(&id(1)), at(1)).await.unwrap();
    store.purge(at(600), 1_000).await.unwrap();
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(found.grant.revoked_at, Some(at(1)));
    store.purge(at(601), 1_000).await.unwrap();
    assert!(!is_there(&store, 1).await);
}

#[tokio::test]
async fn a_grant_goes_when_nobody_came_for_its_code() {
    let store = with_code().await;
    opened(&store, &grant(2), &[code(2), refresh_token(3)]).await;
    store.purge(at(659), 1_000).await.unwrap();
    assert!(is_there(&store, 1).await);
    store.purge(at(660), 1_000).await.unwrap();
    assert!(!is_there(&store, 1).await);
    assert!(is_there(&store, 2).await && is_there(&store, 3).await);
    let live = store.list(&alice(), at(700)).await.unwrap();
    assert_eq!(live, [grant(2)]);
}

#[tokio::test]
async fn removes_an_access_token_when_it_expires() {
    let store = empty();
    opened(&store, &grant(1), &[access_token(1), refresh_token(2)]).await;
    assert_eq!(store.purge(just_before(at(100)), 10).await.unwrap(), 0);
    assert!(is_there(&store, 1).await);
    assert_eq!(store.purge(at(100), 10).await.unwrap(), 1);
    assert!(!is_there(&store, 1).await);
    assert!(is_there(&store, 2).await);
}

#[tokio::test]
async fn removes_no_more_than_the_limit_and_says_how_many() {
    let store = empty();
    // Some in other shards, so that more than one part has work.
    for n in 0..50 {
        let mut bytes = [n; 18];
        bytes[0] = 0;
        let grant = Grant {
            id: GrantId::from_bytes(bytes),
            ..grant(1)
        };
        opened(&store, &grant, &[]).await;
    }
    assert_eq!(store.purge(at(999), 100).await.unwrap(), 0);
    assert_eq!(store.purge(at(1_000), 0).await.unwrap(), 0);
    let mut removed = Vec::new();
    for _ in 0..6 {
        removed.push(store.purge(at(1_000), 12).await.unwrap());
    }
    assert_eq!(removed, [12, 12, 12, 12, 2, 0]);
}

#[tokio::test]
async fn a_write_removes_some_of_what_has_expired() {
    let store = with_code().await;
    store.open(&grant(2), &[code(2)], at(1_000)).await.unwrap();
    assert!(!is_there(&store, 1).await);
    assert!(is_there(&store, 2).await);
}
