//! `open` and `find`.

use oauth_core::store::{Decided, Exchanged, Found, Grant, GrantStore, Target};
use oauth_core::{CredentialKey, GrantId};

use super::decision::deny;
use super::{found, grant_of, is_there, open, spend, spent_at, with_code};
use crate::Backend;
use crate::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, grant_payload, key, refresh_token,
    undecided_grant,
};

/// `find` gives what `open` recorded, each credential with its own grant.
pub async fn gives_back_what_was_opened<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &grant(1), &[code(1), refresh_token(2)]).await;
    open(&store, &grant(3), &[access_token(3)]).await;
    for (grant, credential) in [
        (grant(1), code(1)),
        (grant(1), refresh_token(2)),
        (grant(3), access_token(3)),
    ] {
        let expected = Found { grant, credential };
        let found = store.find(&expected.credential.key).await.unwrap();
        assert_eq!(found, Some(expected));
    }
}

/// A credential that was never recorded is no error.
pub async fn what_was_never_opened_is_not_found<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(store.find(&key(1)).await.unwrap(), None);
    open(&store, &grant(1), &[code(1)]).await;
    assert_eq!(store.find(&key(9)).await.unwrap(), None);
}

/// The shard is a part of the key, and of a grant's identifier.
pub async fn the_same_bytes_in_another_shard_are_something_else<S: GrantStore>(
    backend: &Backend<S>,
) {
    let store = with_code(backend).await;
    let elsewhere = CredentialKey::new(8, *key(1).digest());
    assert_eq!(store.find(&elsewhere).await.unwrap(), None);

    let mut bytes = grant_id(1).to_bytes();
    bytes[1] = 8;
    let other = Grant {
        id: GrantId::from_bytes(bytes),
        ..grant(1)
    };
    let mut credential = code(1);
    credential.key = elsewhere;
    open(&store, &other, &[credential]).await;
    store.revoke(Target::Grant(other.id), at(1)).await.unwrap();
    assert_eq!(grant_of(&store, 1).await.revoked_at, None);
    assert_eq!(spend(&store, 1, 1, &[], at(2)).await, Exchanged::Done);
    let untouched = store.find(&elsewhere).await.unwrap().unwrap();
    assert_eq!(untouched.credential.spent_at, None);
}

/// A grant may be opened without credentials.
pub async fn a_grant_without_credentials_is_opened<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &undecided_grant(1), &[]).await;
    assert_eq!(deny(&store, 1, at(1)).await, Decided::Done);
}

/// The same grant asked again changes nothing, whatever else comes with it.
pub async fn opening_again_changes_nothing<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let before = store.find(&key(1)).await.unwrap();
    let changed = Grant {
        expires_at: at(5),
        payload: grant_payload("admin"),
        ..grant(1)
    };
    open(&store, &changed, &[code(1), code(2)]).await;
    assert_eq!(store.find(&key(1)).await.unwrap(), before);
    assert!(!is_there(&store, 2).await, "all or nothing");
}

/// The same grant asked again makes nothing unspent, and no revoked grant live.
pub async fn opening_again_brings_nothing_back<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let spent = spend(&store, 1, 1, &[access_token(2)], at(1)).await;
    assert_eq!(spent, Exchanged::Done);
    open(&store, &grant(1), &[code(1), refresh_token(100)]).await;
    assert_eq!(spend(&store, 2, 1, &[], at(2)).await, spent_at(at(1)));

    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(3)).await.unwrap();
    store.open(&grant(1), &[code(1)], at(4)).await.unwrap();
    assert_eq!(grant_of(&store, 1).await.revoked_at, Some(at(3)));
}

/// A spent credential is a value: with its payload, when it was spent and by which exchange.
pub async fn a_spent_credential_is_found<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    assert_eq!(spend(&store, 5, 1, &[], at(10)).await, Exchanged::Done);
    let mut expected = code(1);
    expected.spent_at = Some(at(10));
    expected.spent_by = Some(exchange_id(5));
    assert_eq!(found(&store, 1).await, Some(expected));
}

/// An expired credential is a value, as long as its grant lives.
pub async fn an_expired_credential_is_found<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    store.purge(at(999), 100).await.unwrap();
    assert_eq!(found(&store, 1).await, Some(code(1)));
}

/// A revoked grant is a value, and its credentials are as they were.
pub async fn a_revoked_grant_is_found<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, at(20)).await.unwrap();
    let expected = Found {
        grant: Grant {
            revoked_at: Some(at(20)),
            ..grant(1)
        },
        credential: code(1),
    };
    assert_eq!(store.find(&key(1)).await.unwrap(), Some(expected));
}

/// A grant that was opened without a subject is found without one, and is not active.
pub async fn an_undecided_grant_is_found<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &undecided_grant(1), &[refresh_token(1)]).await;
    let found = grant_of(&store, 1).await;
    assert_eq!(found, undecided_grant(1));
    assert!(!found.is_active(START));
}
