//! The clauses of the `GrantStore` contract, over whatever store `empty` gives, and then what is this
//! store's own: its bounds.

mod bounds;
mod decide;
mod directory;
mod exchange;
mod open_and_find;
mod purge;
mod race;
mod revoke;

use time::{Duration, OffsetDateTime};

use super::MemoryGrantStore;
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::store::{
    Content, Credential, Exchange, ExchangeId, Exchanged, Grant, GrantDirectory, GrantPayload,
    GrantStore, Payload, RefreshTokenPayload, Spend,
};
use crate::{ClientId, Scope, Subject, UserId};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// So many seconds after the beginning.
fn at(seconds: i64) -> OffsetDateTime {
    START + Duration::seconds(seconds)
}

/// The smallest step of a clock before that.
fn just_before(moment: OffsetDateTime) -> OffsetDateTime {
    moment - Duration::nanoseconds(1)
}

fn id(n: u8) -> GrantId {
    let mut bytes = [n; 18];
    bytes[..2].copy_from_slice(&[0, 7]);
    GrantId::from_bytes(bytes)
}

fn key(n: u8) -> CredentialKey {
    CredentialKey::new(7, [n; 32])
}

fn alice() -> Subject {
    Subject::User(UserId::new("alice"))
}

fn payload(scope: &str) -> Payload {
    Payload::new(Content::Grant(GrantPayload {
        scope: Scope::parse(scope).unwrap(),
        opened_at: 0,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        audience: crate::Audience::default(),
    }))
}

/// A grant that ends after 1,000 seconds.
fn grant(n: u8) -> Grant {
    Grant {
        id: id(n),
        client_id: ClientId::parse("web").unwrap(),
        subject: Some(alice()),
        expires_at: at(1_000),
        revoked_at: None,
        payload: payload("profile"),
    }
}

fn undecided(n: u8) -> Grant {
    Grant {
        subject: None,
        expires_at: at(600),
        ..grant(n)
    }
}

/// A code that ends after 60 seconds.
fn code(n: u8) -> Credential {
    credential(n, CredentialKind::AuthorizationCode, 60)
}

fn refresh_token(n: u8) -> Credential {
    credential(n, CredentialKind::RefreshToken, 1_000)
}

fn access_token(n: u8) -> Credential {
    credential(n, CredentialKind::AccessToken, 100)
}

fn credential(n: u8, kind: CredentialKind, expires_at: i64) -> Credential {
    Credential {
        key: key(n),
        kind,
        expires_at: at(expires_at),
        spent_at: None,
        spent_by: None,
        payload: Payload::new(Content::RefreshToken(RefreshTokenPayload {
            nonce: Some([n; 16]),
        })),
    }
}

fn exchange_id(n: u8) -> ExchangeId {
    ExchangeId::from_bytes([n; 16])
}

/// Spends credential `spent` of grant 1.
async fn spend(
    store: &dyn GrantStore,
    by: u8,
    spent: u8,
    successors: &[Credential],
    now: OffsetDateTime,
) -> Exchanged {
    let (grant, key) = (id(1), key(spent));
    let exchange = Exchange {
        id: exchange_id(by),
        grant: &grant,
        spend: Spend::Once(&key),
        successors,
        now,
    };
    store.exchange(exchange).await.unwrap()
}

/// Adds to grant 1 while a credential is unspent.
async fn add(
    store: &dyn GrantStore,
    by: u8,
    unspent: u8,
    successors: &[Credential],
    now: OffsetDateTime,
) -> Exchanged {
    let (grant, key) = (id(1), key(unspent));
    let exchange = Exchange {
        id: exchange_id(by),
        grant: &grant,
        spend: Spend::Nothing {
            while_unspent: &key,
        },
        successors,
        now,
    };
    store.exchange(exchange).await.unwrap()
}

async fn opened(store: &dyn GrantStore, grant: &Grant, credentials: &[Credential]) {
    store.open(grant, credentials, START).await.unwrap();
}

/// The store under test; nothing but this and what is its own below names it.
fn empty() -> MemoryGrantStore {
    MemoryGrantStore::default()
}

/// A store that holds grant 1 with code 1.
async fn with_code() -> impl GrantDirectory {
    let store = empty();
    opened(&store, &grant(1), &[code(1)]).await;
    store
}

async fn found(store: &dyn GrantStore, n: u8) -> Option<Credential> {
    let found = store.find(&key(n)).await.unwrap();
    found.map(|found| found.credential)
}

async fn is_there(store: &dyn GrantStore, n: u8) -> bool {
    found(store, n).await.is_some()
}

fn spent_at(moment: OffsetDateTime) -> Exchanged {
    Exchanged::Spent {
        grant: id(1),
        at: moment,
    }
}
