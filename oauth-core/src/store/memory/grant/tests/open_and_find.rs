use super::*;
use crate::store::{Found, Target};

#[tokio::test]
async fn gives_back_what_was_opened() {
    let store = empty();
    opened(&store, &grant(1), &[code(1), refresh_token(2)]).await;
    opened(&store, &grant(3), &[code(3)]).await;
    for credential in [code(1), refresh_token(2)] {
        let expected = Found {
            grant: grant(1),
            credential,
        };
        let found = store.find(&expected.credential.key).await.unwrap();
        assert_eq!(found, Some(expected));
    }
    assert_eq!(store.find(&key(9)).await.unwrap(), None);
    let other_shard = CredentialKey::new(8, [1; 32]);
    assert_eq!(store.find(&other_shard).await.unwrap(), None);
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let store = with_code().await;
    let before = store.find(&key(1)).await.unwrap();
    let changed = Grant {
        expires_at: at(5),
        payload: payload("admin"),
        ..grant(1)
    };
    opened(&store, &changed, &[code(1), code(2)]).await;
    assert_eq!(store.find(&key(1)).await.unwrap(), before);
    assert!(!is_there(&store, 2).await, "all or nothing");
}

#[tokio::test]
async fn opening_again_brings_nothing_back() {
    let store = with_code().await;
    let spent = spend(&store, 1, 1, &[access_token(2)], at(1)).await;
    assert_eq!(spent, Exchanged::Done);
    opened(&store, &grant(1), &[code(1)]).await;
    assert_eq!(spend(&store, 2, 1, &[], at(2)).await, spent_at(at(1)));

    store.revoke(Target::Grant(&id(1)), at(3)).await.unwrap();
    opened(&store, &grant(1), &[code(1)]).await;
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(found.grant.revoked_at, Some(at(3)));
}

#[tokio::test]
async fn every_state_is_a_value_with_its_payload() {
    let store = empty();
    opened(&store, &grant(1), &[code(1), refresh_token(2)]).await;
    assert_eq!(spend(&store, 5, 1, &[], at(10)).await, Exchanged::Done);
    let spent = found(&store, 1).await.unwrap();
    assert_eq!(
        (spent.spent_at, spent.spent_by),
        (Some(at(10)), Some(exchange_id(5)))
    );
    assert_eq!(spent.payload, code(1).payload);
    assert_eq!(spent.expires_at, at(60));
    // Expired: `find` is not told the time and gives it all the same.
    opened(&store, &grant(3), &[code(3)]).await;
    store.purge(at(600), 100).await.unwrap();
    assert_eq!(found(&store, 3).await, Some(code(3)));

    let store = with_code().await;
    store.revoke(Target::Grant(&id(1)), at(20)).await.unwrap();
    let revoked = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(revoked.grant.revoked_at, Some(at(20)));
    assert_eq!(revoked.grant.payload, payload("profile"));
    assert_eq!(
        revoked.credential,
        code(1),
        "the credential itself is as it was"
    );
}

#[tokio::test]
async fn an_undecided_grant_is_found() {
    let store = empty();
    opened(&store, &undecided(1), &[code(1)]).await;
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(found.grant, undecided(1));
    assert!(!found.grant.is_active(START));
}
