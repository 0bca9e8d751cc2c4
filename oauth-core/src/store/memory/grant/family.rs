use time::{OffsetDateTime, UtcDateTime};

use super::super::records::{Place, Record};
use super::super::subjects::{Neighbours, OfSubject};
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::store::{Credential, ExchangeId, Grant, Payload};
use crate::subject::Subject;

/// A grant, and where to find what goes with it.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) grant: Grant,
    /// The last of the credentials that go with the grant. Each names the one before.
    pub(super) last: Option<Place>,
    /// How many access tokens go before the grant does.
    pub(super) passing: u32,
    /// When an exchange last spent a credential.
    pub(super) last_exchange_at: Option<UtcDateTime>,
    pub(super) neighbours: Neighbours,
}

impl Record for Family {
    type Key = GrantId;

    fn key(&self) -> &GrantId {
        &self.grant.id
    }

    /// The core draws it at random.
    fn hash(key: &GrantId) -> u64 {
        let [_, _, first @ .., _, _, _, _, _, _, _, _] = key.to_bytes();
        u64::from_be_bytes(first)
    }
}

impl OfSubject for Family {
    fn subject(&self) -> Option<&Subject> {
        self.grant.subject.as_ref()
    }

    fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    fn neighbours_mut(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }
}

/// A credential, in as few bytes as there are many of them.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: CredentialKey,
    pub(super) kind: CredentialKind,
    pub(super) expires_at: UtcDateTime,
    pub(super) grant: Place,
    /// Among those that go with the grant.
    pub(super) before: Option<Place>,
    /// Set once, for good. Most credentials never are.
    spent: Option<Box<Spent>>,
    payload: Payload,
}

#[derive(Debug)]
pub(super) struct Spent {
    pub(super) at: OffsetDateTime,
    pub(super) by: Option<ExchangeId>,
}

impl Record for Member {
    type Key = CredentialKey;

    fn key(&self) -> &CredentialKey {
        &self.key
    }

    /// A digest of what the core drew at random.
    fn hash(key: &CredentialKey) -> u64 {
        key.leading_bytes()
    }
}

impl Member {
    pub(super) fn new(credential: &Credential, grant: Place, before: Option<Place>) -> Self {
        let spent = credential.spent_at.map(|at| {
            let by = credential.spent_by;
            Box::new(Spent { at, by })
        });
        Self {
            key: credential.key,
            kind: credential.kind,
            expires_at: credential.expires_at.to_utc(),
            grant,
            before,
            spent,
            payload: credential.payload.clone(),
        }
    }

    pub(super) fn spent(&self) -> Option<&Spent> {
        self.spent.as_deref()
    }

    /// Does nothing where it was done before.
    pub(super) fn spend(&mut self, at: OffsetDateTime, by: Option<ExchangeId>) {
        self.spent.get_or_insert_with(|| Box::new(Spent { at, by }));
    }

    pub(super) fn credential(&self) -> Credential {
        let spent = self.spent();
        Credential {
            key: self.key,
            kind: self.kind,
            expires_at: self.expires_at.into(),
            spent_at: spent.map(|spent| spent.at),
            spent_by: spent.and_then(|spent| spent.by),
            payload: self.payload.clone(),
        }
    }
}
