//! What `exchange` does when nothing stands in its way.

use oauth_core::store::{Exchanged, Found, GrantStore, Target};

use super::{add, found, is_there, open, spend, spent_at, with_code};
use crate::Backend;
use crate::sample::{access_token, at, code, exchange_id, grant, grant_id, key, refresh_token};

/// An exchange spends the credential and records the successors under the same grant.
pub async fn an_exchange_spends_and_records<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let successors = [access_token(2), refresh_token(3)];
    let done = spend(&store, 1, 1, &successors, at(10)).await;
    assert_eq!(done, Exchanged::Done);
    for credential in successors {
        let key = credential.key;
        let expected = Found {
            grant: grant(1),
            credential,
        };
        assert_eq!(store.find(&key).await.unwrap(), Some(expected));
    }
    let spent = found(&store, 1).await.unwrap();
    let by = (spent.spent_at, spent.spent_by);
    assert_eq!(by, (Some(at(10)), Some(exchange_id(1))));
}

/// A successor is spent in its turn.
pub async fn a_successor_can_be_spent<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let mut spent = 1;
    for next in 2..6 {
        let now = at(i64::from(next));
        let done = spend(&store, next, spent, &[refresh_token(next)], now).await;
        assert_eq!(done, Exchanged::Done);
        spent = next;
    }
    for early in 1..5 {
        let spent = spend(&store, 9, early, &[], at(9)).await;
        assert_eq!(spent, spent_at(at(i64::from(early) + 1)));
    }
}

/// The same exchange asked again is done and changes nothing, whatever its successors and even after
/// the credential would have expired.
pub async fn the_same_exchange_again_is_done_and_changes_nothing<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = with_code(backend).await;
    let done = spend(&store, 1, 1, &[refresh_token(2)], at(10)).await;
    assert_eq!(done, Exchanged::Done);
    let before = (found(&store, 1).await, found(&store, 2).await);
    for (successor, now) in [(2, at(10)), (2, at(500)), (9, at(500))] {
        let again = spend(&store, 1, 1, &[refresh_token(successor)], now).await;
        assert_eq!(again, Exchanged::Done);
    }
    assert_eq!((found(&store, 1).await, found(&store, 2).await), before);
    assert!(!is_there(&store, 9).await);
}

/// The same exchange asked again leaves a successor spent that was spent in between.
pub async fn the_same_exchange_again_makes_no_successor_unspent<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = with_code(backend).await;
    let first = spend(&store, 1, 1, &[refresh_token(2)], at(10)).await;
    assert_eq!(first, Exchanged::Done);
    assert_eq!(spend(&store, 2, 2, &[], at(11)).await, Exchanged::Done);
    let again = spend(&store, 1, 1, &[refresh_token(2)], at(12)).await;
    assert_eq!(again, Exchanged::Done);
    assert_eq!(spend(&store, 3, 2, &[], at(13)).await, spent_at(at(11)));
}

/// The grant is looked at first also when the same exchange is asked again.
pub async fn the_same_exchange_is_inactive_once_the_grant_is<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(11)).await.unwrap();
    assert_eq!(spend(&store, 1, 1, &[], at(12)).await, Exchanged::Inactive);
}

/// Another exchange learns when the credential was spent, and changes nothing.
pub async fn another_exchange_is_told_when_it_was_spent<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    for now in [at(9), at(10), at(59), at(999)] {
        let other = spend(&store, 2, 1, &[access_token(9)], now).await;
        assert_eq!(other, spent_at(at(10)));
    }
    assert!(!is_there(&store, 9).await);
    let spent = found(&store, 1).await.unwrap();
    assert_eq!(spent.spent_by, Some(exchange_id(1)));
}

/// An exchange that spends nothing records its successors, as often as it is asked.
pub async fn spending_nothing_records_and_leaves_the_credential_unspent<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[refresh_token(1)]).await;
    for n in 2..4 {
        let done = add(&store, n, 1, &[access_token(n)], at(1)).await;
        assert_eq!(done, Exchanged::Done);
        assert_eq!(found(&store, n).await, Some(access_token(n)));
    }
    assert_eq!(found(&store, 1).await, Some(refresh_token(1)));
    let again = add(&store, 2, 1, &[access_token(2)], at(2)).await;
    assert_eq!(again, Exchanged::Done, "with its successors there");
    assert_eq!(spend(&store, 5, 1, &[], at(3)).await, Exchanged::Done);
}

/// An exchange that spends nothing needs its credential to be unspent.
pub async fn spending_nothing_fails_once_the_credential_is_spent<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[refresh_token(1)]).await;
    assert_eq!(spend(&store, 3, 1, &[], at(3)).await, Exchanged::Done);
    let spent = add(&store, 4, 1, &[access_token(4)], at(4)).await;
    assert_eq!(spent, spent_at(at(3)));
    assert!(!is_there(&store, 4).await);
}

/// An exchange that spends nothing makes the same checks as any other.
pub async fn spending_nothing_checks_grant_credential_and_expiry<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = with_code(backend).await;
    open(&store, &grant(4), &[code(4)]).await;
    let successor = [access_token(2)];
    for unknown in [4, 9] {
        let outcome = add(&store, 1, unknown, &successor, at(1)).await;
        assert_eq!(outcome, Exchanged::Unknown);
    }
    let expired = add(&store, 1, 1, &successor, at(60)).await;
    assert_eq!(expired, Exchanged::Expired);
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(61)).await.unwrap();
    for any in [1, 4, 9, 100] {
        let outcome = add(&store, 1, any, &successor, at(62)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert_eq!(store.find(&key(2)).await.unwrap(), None);
}

/// A successor that is there already is left as it is; the others are recorded.
pub async fn a_successor_that_is_there_is_left_as_it_is<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[refresh_token(1), refresh_token(2)]).await;
    assert_eq!(spend(&store, 1, 2, &[], at(1)).await, Exchanged::Done);
    let spent = found(&store, 2).await;
    let successors = [refresh_token(2), access_token(3)];
    let done = add(&store, 2, 1, &successors, at(2)).await;
    assert_eq!(done, Exchanged::Done);
    assert_eq!(found(&store, 2).await, spent, "still spent");
    assert!(is_there(&store, 3).await);
}
