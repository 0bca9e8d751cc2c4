//! That everything comes back as it was given.

use oauth_core::store::{
    Credential, Decided, Decision, Exchange, ExchangeId, Exchanged, Found, Grant, GrantStore,
    Spend, Target,
};
use oauth_core::{CredentialKey, CredentialKind, GrantId, Subject};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{found, grant_of, open, spend, spent_at, with_code};
use crate::Backend;
use crate::sample::{
    START, TICK, access_token, access_token_payload, at, client_id, code, code_payload,
    exchange_id, grant, grant_id, grant_id_in, grant_payload, key, refresh_token,
    refresh_token_payload, undecided_grant, whole_access_token_payload,
};

/// Every kind of credential comes back with its kind and every field of its payload.
pub async fn every_kind_of_credential_keeps_its_payload<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let kinds = [
        (CredentialKind::AuthorizationCode, code_payload()),
        (CredentialKind::RefreshToken, refresh_token_payload(7)),
        (CredentialKind::AccessToken, access_token_payload("a b c")),
        (CredentialKind::AccessToken, whole_access_token_payload()),
    ];
    let credentials: Vec<Credential> = (1..)
        .zip(kinds)
        .map(|(n, (kind, payload))| Credential {
            kind,
            payload,
            ..refresh_token(n)
        })
        .collect();
    let (opened, successors) = credentials.split_at(2);
    open(&store, &grant(1), &[opened, &[code(9)]].concat()).await;
    assert_eq!(
        spend(&store, 1, 9, successors, at(1)).await,
        Exchanged::Done
    );
    for credential in credentials {
        let found = store.find(&credential.key).await.unwrap().unwrap();
        assert_eq!(
            found.credential.payload.encode(),
            credential.payload.encode()
        );
        assert_eq!(found.credential, credential);
    }
}

/// A grant comes back with every field of its payload, as it was opened and as it was decided.
pub async fn a_grant_keeps_its_payload<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    open(&store, &undecided_grant(1), &[refresh_token(1)]).await;
    let opened = grant_of(&store, 1).await;
    assert_eq!(opened.payload.encode(), undecided_grant(1).payload.encode());
    let payload = grant_payload("an other scope");
    let decision = Decision::Approve {
        subject: crate::sample::user("bob"),
        expires_at: at(700),
        payload: payload.clone(),
    };
    let decided = store.decide(&grant_id(1), decision, at(1)).await.unwrap();
    assert_eq!(decided, Decided::Done);
    let decided = grant_of(&store, 1).await;
    assert_eq!(decided.payload.encode(), payload.encode());
}

/// A payload may be long.
pub async fn a_long_payload_is_kept<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let values: Vec<String> = (0..100)
        .map(|n| format!("{n}-{}", "x".repeat(300)))
        .collect();
    let payload = grant_payload(&values.join(" "));
    let long = Grant {
        payload: payload.clone(),
        ..grant(1)
    };
    open(&store, &long, &[code(1)]).await;
    assert_eq!(grant_of(&store, 1).await, long);
}

/// A user and a client of the same name are different subjects.
pub async fn a_user_and_a_client_of_one_name_stay_apart<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let user = crate::sample::user("web");
    let client = Subject::Client(client_id("web"));
    for (n, subject) in [(1, &user), (2, &client)] {
        let opened = Grant {
            subject: Some(subject.clone()),
            ..grant(n)
        };
        open(&store, &opened, &[code(n)]).await;
    }
    open(&store, &undecided_grant(3), &[refresh_token(3)]).await;
    let decision = Decision::Approve {
        subject: client.clone(),
        expires_at: at(700),
        payload: grant_payload(""),
    };
    let decided = store.decide(&grant_id(3), decision, at(1)).await.unwrap();
    assert_eq!(decided, Decided::Done);
    for (n, subject) in [(1, &user), (2, &client), (3, &client)] {
        assert_eq!(grant_of(&store, n).await.subject.as_ref(), Some(subject));
    }
}

/// The first and the last shard, and identifiers of all sorts of bytes, zero among them.
pub async fn every_shard_and_every_byte_is_kept<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let mut count_up = [0; 32];
    for (value, byte) in (0..).zip(&mut count_up) {
        *byte = value;
    }
    for shard in [0, 1, 255, 256, 0x7fff, 0x8000, u16::MAX] {
        let grant = Grant {
            id: grant_id_in(shard, 0),
            ..grant(0)
        };
        let digests = [[0; 32], [255; 32], [b'%'; 32], [b'\''; 32], count_up];
        let credentials = digests.map(|digest| Credential {
            key: CredentialKey::new(shard, digest),
            ..refresh_token(0)
        });
        open(&store, &grant, &credentials).await;
        for (n, credential) in (0..).zip(credentials) {
            let id = ExchangeId::from_bytes([0, 255, b'\\', n].repeat(4).try_into().unwrap());
            let exchange = Exchange {
                id,
                grant: grant.id,
                spend: Spend::Once(credential.key),
                successors: Vec::new().into(),
                now: at(1),
            };
            assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
            let expected = Found {
                grant: grant.clone(),
                credential: Credential {
                    spent_at: Some(at(1)),
                    spent_by: Some(id),
                    ..credential
                },
            };
            let found = store.find(&credential.key).await.unwrap();
            assert_eq!(found, Some(expected));
        }
    }
    let bytes: [u8; 18] = std::array::from_fn(|n| n as u8);
    let last = Grant {
        id: GrantId::from_bytes(bytes),
        ..grant(0)
    };
    open(&store, &last, &[]).await;
    let denied = store.decide(&last.id, Decision::Deny, at(1)).await;
    assert_eq!(denied.unwrap(), Decided::AlreadyDecided);
}

/// Moments are kept to the microsecond: ends, revocations and uses.
pub async fn moments_are_kept_to_the_microsecond<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let odd = Duration::microseconds(123_457);
    let opened = Grant {
        expires_at: at(1_000) + odd,
        ..grant(1)
    };
    let mut credential = refresh_token(1);
    credential.expires_at = at(500) + odd;
    open(&store, &opened, &[credential.clone(), code(2)]).await;
    let found_first = store.find(&key(1)).await.unwrap();
    let expected = Found {
        grant: opened.clone(),
        credential,
    };
    assert_eq!(found_first, Some(expected));

    let (end, used) = (at(500) + odd, at(3) + odd);
    assert_eq!(spend(&store, 1, 1, &[], end).await, Exchanged::Expired);
    let in_time = spend(&store, 1, 1, &[], end - TICK).await;
    assert_eq!(in_time, Exchanged::Done);
    assert_eq!(spend(&store, 1, 2, &[], used).await, Exchanged::Done);
    assert_eq!(spend(&store, 2, 2, &[], at(4)).await, spent_at(used));
    let revoked = Target::Grant(grant_id(1));
    store.revoke(revoked, used).await.unwrap();
    let spent = found(&store, 2).await.unwrap();
    assert_eq!(spent.spent_at, Some(used));
    assert_eq!(grant_of(&store, 1).await.revoked_at, Some(used));
}

/// The store takes the time from its caller: everything counts in 1970 and in the year 9999 as it
/// does now, and to the microsecond.
pub async fn the_time_is_the_callers<S: GrantStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let early = OffsetDateTime::UNIX_EPOCH;
    let late = datetime!(9999-12-31 23:00 UTC);
    for (n, now) in [(1, early), (2, late)] {
        let grant = Grant {
            expires_at: now + Duration::seconds(1_000),
            ..grant(n)
        };
        let end = now + Duration::seconds(60) + TICK;
        let mut credential = refresh_token(n);
        credential.expires_at = end;
        let mut other = refresh_token(n + 10);
        other.expires_at = grant.expires_at;
        let credentials = [credential, other];
        store.open(&grant, &credentials, now).await.unwrap();
        let id = grant.id;
        let spend = async |by, key, now| {
            let exchange = Exchange {
                id: exchange_id(by),
                grant: id,
                spend: Spend::Once(key),
                successors: Vec::new().into(),
                now,
            };
            store.exchange(exchange).await.unwrap()
        };
        assert_eq!(spend(1, key(n), end).await, Exchanged::Expired);
        assert_eq!(spend(1, key(n), end - TICK).await, Exchanged::Done);
        let spent = Exchanged::Spent {
            grant: id,
            at: end - TICK,
        };
        assert_eq!(spend(2, key(n), end).await, spent);
        assert_eq!(spend(3, key(n + 10), now).await, Exchanged::Done);
        let used = found(&store, n + 10).await.unwrap().spent_at;
        assert_eq!(used, Some(now), "the first moment there is");
        let revoked = Target::Grant(id);
        store.revoke(revoked, now).await.unwrap();
        assert_eq!(grant_of(&store, n).await.revoked_at, Some(now));
    }
}

/// A family that goes through every verb at moments long ago does not depend on the machine's time.
pub async fn nothing_expires_by_the_machines_time<S: GrantStore>(backend: &Backend<S>) {
    let store = with_code(backend).await;
    store.purge(START, 100).await.unwrap();
    let successors = [access_token(2), refresh_token(3)];
    let done = spend(&store, 1, 1, &successors, at(59)).await;
    assert_eq!(done, Exchanged::Done);
    store.purge(at(99), 100).await.unwrap();
    for n in [1, 2, 3] {
        assert!(found(&store, n).await.is_some());
    }
}
