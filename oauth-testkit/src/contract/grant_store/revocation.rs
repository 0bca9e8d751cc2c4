//! `revoke`.

use oauth_core::store::{Exchanged, GrantStore, Target};
use time::OffsetDateTime;

use super::{add, found, grant_of, open, spend, spent_at, with_code};
use crate::Backend;
use crate::sample::{access_token, at, code, exchange_id, grant, grant_id, key, refresh_token};

async fn revoke_grant(store: &impl GrantStore, n: u32, now: OffsetDateTime) {
    let id = grant_id(n);
    store.revoke(Target::Grant(id), now).await.unwrap();
}

async fn revoke_credential(store: &impl GrantStore, n: u32, now: OffsetDateTime) {
    let key = key(n);
    store.revoke(Target::Credential(key), now).await.unwrap();
}

/// A revoked grant stays revoked, from the moment it was revoked first.
pub async fn revoking_a_grant_is_final<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    revoke_grant(&store, 1, at(5)).await;
    revoke_grant(&store, 1, at(9)).await;
    let revoked = grant_of(&store, 1).await;
    assert_eq!(revoked.revoked_at, Some(at(5)), "the first moment stays");
    assert!(!revoked.is_active(at(5)));
}

/// No exchange that begins after the revocation is done, even one that carries an earlier moment.
pub async fn no_exchange_is_done_after_a_revocation<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    revoke_grant(&store, 1, at(5)).await;
    for now in [at(6), at(5), at(1)] {
        let outcome = spend(&store, 1, 1, &[access_token(2)], now).await;
        assert_eq!(outcome, Exchanged::Inactive);
    }
    assert_eq!(found(&store, 2).await, None);
}

/// Revoking a grant ends that grant only.
pub async fn revoking_a_grant_ends_no_other<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    open(&store, &grant(4), &[code(4)]).await;
    revoke_grant(&store, 4, at(5)).await;
    assert!(grant_of(&store, 1).await.is_active(at(6)));
    assert_eq!(spend(&store, 1, 1, &[], at(6)).await, Exchanged::Done);
}

/// A revoked credential counts as spent, by nobody, from that moment on.
pub async fn a_revoked_credential_counts_as_spent<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[refresh_token(1), access_token(2)]).await;
    revoke_credential(&store, 1, at(5)).await;
    assert_eq!(spend(&store, 1, 1, &[], at(6)).await, spent_at(at(5)));
    assert_eq!(add(&store, 1, 1, &[], at(6)).await, spent_at(at(5)));
    let revoked = found(&store, 1).await.unwrap();
    assert_eq!((revoked.spent_at, revoked.spent_by), (Some(at(5)), None));
    let other = found(&store, 2).await;
    assert_eq!(other, Some(access_token(2)), "only this one");
    assert!(grant_of(&store, 1).await.is_active(at(6)), "not the grant");
}

/// An access token can be revoked by itself.
pub async fn an_access_token_can_be_revoked<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[refresh_token(1), access_token(2)]).await;
    revoke_credential(&store, 2, at(5)).await;
    revoke_credential(&store, 2, at(9)).await;
    let revoked = found(&store, 2).await.unwrap();
    assert_eq!(revoked.spent_at, Some(at(5)), "the first moment stays");
    assert_eq!(found(&store, 1).await, Some(refresh_token(1)));
}

/// Revoking a spent credential keeps who spent it, and when.
pub async fn a_spent_credential_keeps_who_spent_it<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    assert_eq!(spend(&store, 1, 1, &[], at(5)).await, Exchanged::Done);
    revoke_credential(&store, 1, at(9)).await;
    let spent = found(&store, 1).await.unwrap();
    let by = (spent.spent_at, spent.spent_by);
    assert_eq!(by, (Some(at(5)), Some(exchange_id(1))));
    assert_eq!(spend(&store, 1, 1, &[], at(10)).await, Exchanged::Done);
}

/// Revoking what is not there is no error and leaves no trace.
pub async fn revoking_what_is_not_there_does_nothing<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    revoke_grant(&store, 9, at(1)).await;
    revoke_credential(&store, 9, at(1)).await;
    assert_eq!(found(&store, 1).await, Some(code(1)));
    // A grant that comes later under that name is not touched by it.
    open(&store, &grant(9), &[code(9)]).await;
    assert!(grant_of(&store, 9).await.is_active(at(2)));
    assert_eq!(found(&store, 9).await, Some(code(9)));
}
