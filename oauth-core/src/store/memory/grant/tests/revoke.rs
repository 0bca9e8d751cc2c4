use super::*;
use crate::store::Target;

async fn end(store: &dyn GrantStore, target: Target<'_>, now: OffsetDateTime) {
    store.revoke(target, now).await.unwrap();
}

#[tokio::test]
async fn is_final_for_a_grant() {
    let store = with_code().await;
    opened(&store, &grant(4), &[code(4)]).await;
    end(&store, Target::Grant(&id(1)), at(5)).await;
    end(&store, Target::Grant(&id(1)), at(9)).await;
    let found = store.find(&key(1)).await.unwrap().unwrap();
    assert_eq!(
        found.grant.revoked_at,
        Some(at(5)),
        "the first moment stays"
    );
    assert!(!found.grant.is_active(at(5)));
    let outcome = spend(&store, 1, 1, &[access_token(2)], at(5)).await;
    assert_eq!(outcome, Exchanged::Inactive);
    // Even for an exchange that carries an earlier moment.
    assert_eq!(spend(&store, 1, 1, &[], at(1)).await, Exchanged::Inactive);
    let other = store.find(&key(4)).await.unwrap().unwrap();
    assert!(other.grant.is_active(at(5)), "only this grant");
}

#[tokio::test]
async fn a_revoked_credential_counts_as_spent() {
    let store = empty();
    opened(&store, &grant(1), &[refresh_token(1), access_token(2)]).await;
    end(&store, Target::Credential(&key(1)), at(5)).await;
    assert_eq!(spend(&store, 1, 1, &[], at(6)).await, spent_at(at(5)));
    assert_eq!(add(&store, 1, 1, &[], at(6)).await, spent_at(at(5)));
    let revoked = found(&store, 1).await.unwrap();
    assert_eq!((revoked.spent_at, revoked.spent_by), (Some(at(5)), None));
    assert_eq!(
        found(&store, 2).await,
        Some(access_token(2)),
        "only this one"
    );
}

#[tokio::test]
async fn a_spent_credential_keeps_who_spent_it() {
    let store = with_code().await;
    assert_eq!(spend(&store, 1, 1, &[], at(5)).await, Exchanged::Done);
    end(&store, Target::Credential(&key(1)), at(9)).await;
    let spent = found(&store, 1).await.unwrap();
    assert_eq!(
        (spent.spent_at, spent.spent_by),
        (Some(at(5)), Some(exchange_id(1)))
    );
}

#[tokio::test]
async fn what_is_not_there_is_passed_over() {
    let store = with_code().await;
    end(&store, Target::Grant(&id(9)), at(1)).await;
    end(&store, Target::Credential(&key(9)), at(1)).await;
    assert_eq!(found(&store, 1).await, Some(code(1)));
    // A grant that comes later under that name is not touched by it.
    opened(&store, &grant(9), &[code(9)]).await;
    let found = store.find(&key(9)).await.unwrap().unwrap();
    assert!(found.grant.is_active(at(2)));
}
