//! What `exchange` refuses, and in which order it looks.

use oauth_core::store::{Exchanged, GrantStore, Target};

use super::{found, is_there, open, spend, spend_under, spent_at, with_code};
use crate::Backend;
use crate::sample::{
    access_token, at, code, grant, grant_id, just_before, refresh_token, undecided_grant,
};

/// A credential is expired at exactly its `expires_at`, and not one microsecond earlier.
pub async fn a_credential_is_expired_from_its_end_on<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    for late in [at(60), at(61), at(999)] {
        let outcome = spend(&store, 1, 1, &[access_token(2)], late).await;
        assert_eq!(outcome, Exchanged::Expired);
    }
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 1).await, Some(code(1)), "nothing was spent");
    let in_time = spend(&store, 1, 1, &[], just_before(at(60))).await;
    assert_eq!(in_time, Exchanged::Done);
}

/// A grant is inactive at exactly its `expires_at`, and not one microsecond earlier.
pub async fn a_grant_is_inactive_from_its_end_on<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let mut eternal = refresh_token(2);
    eternal.expires_at = at(9_000);
    open(&store, &grant(2), &[eternal]).await;
    let last = just_before(at(1_000));
    let in_time = spend_under(&store, 2, 1, 2, &[], last).await;
    assert_eq!(in_time, Exchanged::Done);
    for spent in [2, 1, 9] {
        let outcome = spend_under(&store, 2, 2, spent, &[access_token(3)], at(1_000)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 3).await);
}

/// An exchange under a grant that is not there is inactive, even with a credential that is there.
pub async fn a_grant_that_is_not_there_is_inactive<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    for any in [1, 9] {
        let outcome = spend_under(&store, 8, 1, any, &[access_token(2)], at(1)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 1).await, Some(code(1)));
}

/// An undecided grant is inactive, whether or not the credential is there.
pub async fn an_undecided_grant_is_inactive<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &undecided_grant(1), &[refresh_token(1)]).await;
    for any in [1, 9] {
        let outcome = spend(&store, 1, any, &[access_token(2)], at(1)).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 1).await, Some(refresh_token(1)));
}

/// A revoked grant is inactive, whether the credential is unspent, spent, expired or not there.
pub async fn a_revoked_grant_is_inactive<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    open(&store, &grant(3), &[code(3), refresh_token(4)]).await;
    let spent = spend_under(&store, 3, 1, 4, &[], at(1)).await;
    assert_eq!(spent, Exchanged::Done);
    let revoked = Target::Grant(grant_id(3));
    store.revoke(revoked, at(2)).await.unwrap();
    for (any, now) in [(3, at(3)), (4, at(3)), (3, at(60)), (1, at(3)), (9, at(3))] {
        let outcome = spend_under(&store, 3, 2, any, &[access_token(2)], now).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert!(!is_there(&store, 2).await);
}

/// A credential that was never recorded is unknown.
pub async fn a_credential_that_is_not_there_is_unknown<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let outcome = spend(&store, 1, 9, &[access_token(2)], at(1)).await;
    assert_eq!(outcome, Exchanged::Unknown);
    assert!(!is_there(&store, 2).await);
}

/// A credential of another grant is unknown, whatever its state.
pub async fn a_credential_of_another_grant_is_unknown<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    open(&store, &grant(4), &[code(4), refresh_token(5)]).await;
    let spent = spend_under(&store, 4, 1, 5, &[], at(1)).await;
    assert_eq!(spent, Exchanged::Done);
    for (id, theirs, now) in [(2, 4, at(1)), (2, 4, at(60)), (2, 5, at(2)), (1, 5, at(2))] {
        let outcome = spend(&store, id, theirs, &[access_token(2)], now).await;
        assert_eq!(outcome, Exchanged::Unknown);
    }
    assert!(!is_there(&store, 2).await);
    assert_eq!(found(&store, 4).await, Some(code(4)));
}

/// A credential that was spent and has expired since is spent: that is how a replay is recognised.
pub async fn spent_comes_before_expired<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
    for now in [at(60), at(999)] {
        assert_eq!(spend(&store, 2, 1, &[], now).await, spent_at(at(10)));
    }
}
