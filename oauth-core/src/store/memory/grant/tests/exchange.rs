use super::*;
use crate::store::Target;

#[tokio::test]
async fn spends_and_records() {
    let store = with_code().await;
    let successors = [access_token(2), refresh_token(3)];
    assert_eq!(
        spend(&store, 1, 1, &successors, at(10)).await,
        Exchanged::Done
    );
    for successor in successors {
        let found = store.find(&successor.key).await.unwrap().unwrap();
        assert_eq!(found.credential, successor);
        assert_eq!(found.grant, grant(1));
    }
}

#[tokio::test]
async fn the_same_exchange_again_is_done_and_changes_nothing() {
    let store = with_code().await;
    let done = spend(&store, 1, 1, &[access_token(2)], at(10)).await;
    assert_eq!(done, Exchanged::Done);
    let before = found(&store, 1).await;
    // Later, after the code has expired, and whatever the successors.
    let again = spend(&store, 1, 1, &[access_token(2)], at(500)).await;
    assert_eq!(again, Exchanged::Done);
    let again = spend(&store, 1, 1, &[access_token(9)], at(500)).await;
    assert_eq!(again, Exchanged::Done);
    assert_eq!(found(&store, 1).await, before);
    assert!(!is_there(&store, 9).await);
}

#[tokio::test]
async fn the_same_exchange_is_inactive_once_the_grant_is() {
    let store = with_code().await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    store.revoke(Target::Grant(&id(1)), at(11)).await.unwrap();
    assert_eq!(spend(&store, 1, 1, &[], at(12)).await, Exchanged::Inactive);
}

#[tokio::test]
async fn another_exchange_is_told_when_it_was_spent() {
    let store = with_code().await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    for now in [at(10), at(59), at(60), at(999)] {
        let other = spend(&store, 2, 1, &[access_token(9)], now).await;
        assert_eq!(other, spent_at(at(10)));
    }
    assert!(!is_there(&store, 9).await);
    let spent = found(&store, 1).await.unwrap();
    assert_eq!(spent.spent_by, Some(exchange_id(1)));
}

#[tokio::test]
async fn compares_expiry_with_the_moment_it_is_given() {
    let store = with_code().await;
    let late = spend(&store, 1, 1, &[access_token(2)], at(60)).await;
    assert_eq!(late, Exchanged::Expired);
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 1).await, Some(code(1)), "nothing was spent");
    let in_time = spend(&store, 1, 1, &[], just_before(at(60))).await;
    assert_eq!(in_time, Exchanged::Done);
}

#[tokio::test]
async fn an_inactive_grant_comes_before_everything_else() {
    // Gone, undecided, revoked, expired; with a credential that is unknown, spent and expired.
    let store = empty();
    assert_eq!(spend(&store, 1, 1, &[], at(1)).await, Exchanged::Inactive);
    opened(&store, &undecided(1), &[code(1)]).await;
    for spent in [1, 9] {
        let outcome = spend(&store, 1, spent, &[access_token(2)], at(1)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }

    let store = with_code().await;
    assert_eq!(spend(&store, 1, 1, &[], at(1)).await, Exchanged::Done);
    for spent in [1, 9] {
        let outcome = spend(&store, 2, spent, &[access_token(2)], at(1_000)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 2).await);

    let store = with_code().await;
    store.revoke(Target::Grant(&id(1)), at(1)).await.unwrap();
    for (spent, now) in [(1, at(2)), (1, at(60)), (9, at(2))] {
        let outcome = spend(&store, 2, spent, &[access_token(2)], now).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 2).await);
}

#[tokio::test]
async fn a_credential_of_another_grant_is_unknown() {
    let store = with_code().await;
    opened(&store, &grant(4), &[code(4)]).await;
    for unknown in [4, 9] {
        let outcome = spend(&store, 1, unknown, &[access_token(2)], at(1)).await;
        assert_eq!(outcome, Exchanged::Unknown);
    }
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 4).await, Some(code(4)));
}

#[tokio::test]
async fn spent_comes_before_expired() {
    let store = with_code().await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    assert_eq!(spend(&store, 2, 1, &[], at(60)).await, spent_at(at(10)));
}

#[tokio::test]
async fn spending_nothing_needs_the_other_to_be_unspent() {
    let store = empty();
    opened(&store, &grant(1), &[refresh_token(1)]).await;
    assert_eq!(
        add(&store, 1, 1, &[access_token(2)], at(1)).await,
        Exchanged::Done
    );
    assert_eq!(found(&store, 1).await, Some(refresh_token(1)));
    assert_eq!(found(&store, 2).await, Some(access_token(2)));
    // As often as it is asked, whichever exchange it is.
    assert_eq!(
        add(&store, 2, 1, &[access_token(3)], at(2)).await,
        Exchanged::Done
    );

    assert_eq!(spend(&store, 3, 1, &[], at(3)).await, Exchanged::Done);
    let spent = add(&store, 4, 1, &[access_token(4)], at(4)).await;
    assert_eq!(spent, spent_at(at(3)));
    assert!(!is_there(&store, 4).await);
    let unknown = add(&store, 5, 9, &[access_token(4)], at(4)).await;
    assert_eq!(unknown, Exchanged::Unknown);
    let over = add(&store, 5, 1, &[access_token(4)], at(1_000)).await;
    assert_eq!(over, Exchanged::Inactive);
}

#[tokio::test]
async fn spending_nothing_fails_when_the_other_has_expired() {
    let store = with_code().await;
    let late = add(&store, 1, 1, &[access_token(2)], at(60)).await;
    assert_eq!(late, Exchanged::Expired);
    assert!(!is_there(&store, 2).await);
}

#[tokio::test]
async fn a_successor_that_is_there_is_left_as_it_is() {
    let store = empty();
    opened(&store, &grant(1), &[refresh_token(1), refresh_token(2)]).await;
    assert_eq!(spend(&store, 1, 2, &[], at(1)).await, Exchanged::Done);
    let spent = found(&store, 2).await;
    // Recording it again must not make it unspent.
    let again = add(&store, 2, 1, &[refresh_token(2), access_token(3)], at(2)).await;
    assert_eq!(again, Exchanged::Done);
    assert_eq!(found(&store, 2).await, spent);
    assert!(is_there(&store, 3).await);
    let again = add(&store, 2, 1, &[access_token(3)], at(3)).await;
    assert_eq!(
        again,
        Exchanged::Done,
        "asked again with its successors there"
    );
}
