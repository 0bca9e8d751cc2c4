//! `decide`.

use oauth_core::store::{Decided, Decision, Exchanged, Grant, GrantStore, Target};
use time::OffsetDateTime;

use super::{grant_of, is_there, open, spend, with_code};
use crate::Backend;
use crate::sample::{
    alice, at, grant_id, grant_payload, just_before, key, refresh_token, undecided_grant,
};

pub(super) async fn approve(
    store: &impl GrantStore,
    n: u32,
    expires_at: i64,
    now: OffsetDateTime,
) -> Decided {
    let (subject, payload) = (alice(), grant_payload("openid"));
    let decision = Decision::Approve {
        subject: subject.clone(),
        expires_at: at(expires_at),
        payload: payload.clone(),
    };
    store.decide(&grant_id(n), decision, now).await.unwrap()
}

pub(super) async fn deny(store: &impl GrantStore, n: u32, now: OffsetDateTime) -> Decided {
    let id = grant_id(n);
    store.decide(&id, Decision::Deny, now).await.unwrap()
}

/// A store with grant 1, undecided, and refresh token 1 under it.
async fn waiting<S: GrantStore>(backend: &Backend<S>) -> S {
    let store = backend.empty().await;
    open(&store, &undecided_grant(1), &[refresh_token(1)]).await;
    store
}

/// An approval sets subject, lifetime and payload, and nothing else; from then on the grant counts.
pub async fn an_approval_completes_the_grant<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    assert_eq!(approve(&store, 1, 5_000, at(10)).await, Decided::Done);
    let expected = Grant {
        subject: Some(alice()),
        expires_at: at(5_000),
        payload: grant_payload("openid"),
        ..undecided_grant(1)
    };
    assert_eq!(grant_of(&store, 1).await, expected);
    assert_eq!(spend(&store, 1, 1, &[], at(11)).await, Exchanged::Done);
}

/// A refusal revokes the grant.
pub async fn a_refusal_revokes_the_grant<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    assert_eq!(deny(&store, 1, at(10)).await, Decided::Done);
    let expected = Grant {
        revoked_at: Some(at(10)),
        ..undecided_grant(1)
    };
    assert_eq!(grant_of(&store, 1).await, expected);
    assert_eq!(spend(&store, 1, 1, &[], at(11)).await, Exchanged::Inactive);
}

/// An approval is final.
pub async fn an_approval_is_final<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    assert_eq!(approve(&store, 1, 5_000, at(10)).await, Decided::Done);
    let before = store.find(&key(1)).await.unwrap();
    // Also after the moment until which it could be decided, and after its end.
    for now in [at(20), at(700), at(5_000)] {
        let again = approve(&store, 1, 9_000, now).await;
        assert_eq!(again, Decided::AlreadyDecided);
        assert_eq!(deny(&store, 1, now).await, Decided::AlreadyDecided);
    }
    assert_eq!(store.find(&key(1)).await.unwrap(), before);
}

/// A refusal is final.
pub async fn a_refusal_is_final<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    assert_eq!(deny(&store, 1, at(10)).await, Decided::Done);
    let before = store.find(&key(1)).await.unwrap();
    for now in [at(20), at(600)] {
        let again = approve(&store, 1, 9_000, now).await;
        assert_eq!(again, Decided::AlreadyDecided);
        assert_eq!(deny(&store, 1, now).await, Decided::AlreadyDecided);
    }
    assert_eq!(store.find(&key(1)).await.unwrap(), before);
}

/// A grant that was opened with a subject, or was revoked, is decided already.
pub async fn what_needs_no_decision_is_already_decided<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let before = grant_of(&store, 1).await;
    assert_eq!(deny(&store, 1, at(1)).await, Decided::AlreadyDecided);
    assert_eq!(grant_of(&store, 1).await, before);

    open(&store, &undecided_grant(2), &[refresh_token(2)]).await;
    let revoked = Target::Grant(grant_id(2));
    store.revoke(revoked, at(1)).await.unwrap();
    let late = approve(&store, 2, 9_000, at(2)).await;
    assert_eq!(late, Decided::AlreadyDecided);
    assert_eq!(grant_of(&store, 2).await.subject, None);
}

/// A decision comes too late at exactly the grant's `expires_at`, and changes nothing then.
pub async fn a_decision_comes_too_late_from_the_end_on<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    for late in [at(600), at(601)] {
        assert_eq!(approve(&store, 1, 5_000, late).await, Decided::Expired);
        assert_eq!(deny(&store, 1, late).await, Decided::Expired);
    }
    assert_eq!(grant_of(&store, 1).await, undecided_grant(1));
    let in_time = approve(&store, 1, 5_000, just_before(at(600))).await;
    assert_eq!(in_time, Decided::Done);
}

/// A decision about a grant that is not there is no error and leaves no trace.
pub async fn a_decision_about_nothing_is_unknown<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    assert_eq!(approve(&store, 9, 5_000, at(1)).await, Decided::Unknown);
    assert_eq!(deny(&store, 9, at(1)).await, Decided::Unknown);
    open(&store, &undecided_grant(9), &[refresh_token(9)]).await;
    assert_eq!(grant_of(&store, 9).await, undecided_grant(9));
}

/// The lifetime that an approval sets also counts for what is removed.
pub async fn an_approval_prolongs_the_grant_for_purge_too<S: GrantStore>(backend: &Backend<S>) {
    let store = waiting(backend).await;
    let mut successor = refresh_token(2);
    successor.expires_at = at(5_000);
    assert_eq!(approve(&store, 1, 5_000, at(10)).await, Decided::Done);
    let done = spend(&store, 1, 1, &[successor], at(20)).await;
    assert_eq!(done, Exchanged::Done);
    store.purge(just_before(at(5_000)), 1_000).await.unwrap();
    assert!(is_there(&store, 1).await);
    let in_time = spend(&store, 2, 2, &[], just_before(at(5_000))).await;
    assert_eq!(in_time, Exchanged::Done);
}
