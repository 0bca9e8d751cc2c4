//! A whole grant store with one lock around it, to copy from. The documentation of `GrantStore` shows it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Spend, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError};
use time::OffsetDateTime;

/// Grants, and credentials with the grant they belong to. One lock makes each verb atomic.
#[derive(Default)]
struct Tables {
    grants: HashMap<GrantId, Grant>,
    credentials: HashMap<CredentialKey, (GrantId, Credential)>,
}

#[derive(Default)]
pub(crate) struct SmallGrantStore(Mutex<Tables>);

impl SmallGrantStore {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl GrantStore for SmallGrantStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        _now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tables = self.lock();
        if let Entry::Vacant(place) = tables.grants.entry(grant.id) {
            place.insert(grant.clone());
            for credential in credentials {
                tables
                    .credentials
                    .insert(credential.key, (grant.id, credential.clone()));
            }
        }
        Ok(())
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let tables = self.lock();
        Ok(tables.credentials.get(key).and_then(|(id, credential)| {
            let grant = tables.grants.get(id)?.clone();
            Some(Found {
                grant,
                credential: credential.clone(),
            })
        }))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let mut tables = self.lock();
        let Some(grant) = tables.grants.get_mut(id) else {
            return Ok(Decided::Unknown);
        };
        if grant.subject.is_some() || grant.revoked_at.is_some() {
            return Ok(Decided::AlreadyDecided);
        }
        if grant.expires_at <= now {
            return Ok(Decided::Expired);
        }
        match decision {
            Decision::Approve {
                subject,
                expires_at,
                payload,
            } => {
                grant.subject = Some(subject.clone());
                grant.expires_at = expires_at;
                grant.payload = payload.clone();
            }
            Decision::Deny => grant.revoked_at = Some(now),
        }
        Ok(Decided::Done)
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut tables = self.lock();
        let Exchange {
            id,
            grant,
            spend,
            successors,
            now,
        } = exchange;
        if !tables
            .grants
            .get(grant)
            .is_some_and(|grant| grant.is_active(now))
        {
            return Ok(Exchanged::Inactive);
        }
        let Some((own, credential)) = tables.credentials.get_mut(spend.key()) else {
            return Ok(Exchanged::Unknown);
        };
        match credential.spent_at {
            _ if own != grant => return Ok(Exchanged::Unknown),
            Some(_) if credential.spent_by == Some(id) => return Ok(Exchanged::Done),
            Some(at) => return Ok(Exchanged::Spent { grant: *grant, at }),
            None if credential.expires_at <= now => return Ok(Exchanged::Expired),
            None => {}
        }
        if let Spend::Once(_) = spend {
            credential.spent_at = Some(now);
            credential.spent_by = Some(id);
        }
        for successor in successors {
            let place = tables.credentials.entry(successor.key);
            place.or_insert_with(|| (*grant, successor.clone()));
        }
        Ok(Exchanged::Done)
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tables = self.lock();
        match target {
            Target::Grant(id) => {
                if let Some(grant) = tables.grants.get_mut(id) {
                    grant.revoked_at.get_or_insert(now);
                }
            }
            Target::Credential(key) => {
                if let Some((_, credential)) = tables.credentials.get_mut(key) {
                    credential.spent_at.get_or_insert(now);
                }
            }
        }
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut tables = self.lock();
        let expired = tables
            .grants
            .values()
            .filter(|grant| grant.expires_at <= now);
        let expired: HashSet<GrantId> = expired.map(|grant| grant.id).take(limit).collect();
        tables.grants.retain(|id, _| !expired.contains(id));
        tables
            .credentials
            .retain(|_, (grant, _)| !expired.contains(grant));
        Ok(expired.len())
    }
}

fn main() {
    let _store = SmallGrantStore::default();
}
