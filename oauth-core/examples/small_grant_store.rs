//! A whole grant store with one lock around it, to copy from. The documentation of `GrantStore` shows it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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

impl Tables {
    fn record(&mut self, grant: GrantId, credentials: &[Credential]) {
        for credential in credentials {
            let place = self.credentials.entry(credential.key);
            place.or_insert_with(|| (grant, credential.clone()));
        }
    }
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
            tables.record(grant.id, credentials);
        }
        Ok(())
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let tables = self.lock();
        let row = tables.credentials.get(key).cloned();
        Ok(row.and_then(|(id, credential)| {
            let grant = tables.grants.get(&id)?.clone();
            Some(Found { grant, credential })
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
        match decision {
            _ if grant.subject.is_some() || grant.revoked_at.is_some() => {
                return Ok(Decided::AlreadyDecided);
            }
            _ if grant.expires_at <= now => return Ok(Decided::Expired),
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
        let (grant, now) = (*exchange.grant, exchange.now);
        let found = tables.grants.get(&grant);
        let active = found.is_some_and(|grant| grant.is_active(now));
        let credential = match tables.credentials.get_mut(exchange.spend.key()) {
            _ if !active => return Ok(Exchanged::Inactive),
            Some((own, credential)) if *own == grant => credential,
            _ => return Ok(Exchanged::Unknown),
        };
        match credential.spent_at {
            Some(_) if credential.spent_by == Some(exchange.id) => return Ok(Exchanged::Done),
            Some(at) => return Ok(Exchanged::Spent { grant, at }),
            None if credential.expires_at <= now => return Ok(Exchanged::Expired),
            None => {}
        }
        if let Spend::Once(_) = exchange.spend {
            credential.spent_at = Some(now);
            credential.spent_by = Some(exchange.id);
        }
        tables.record(grant, exchange.successors);
        Ok(Exchanged::Done)
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tables = self.lock();
        let ended = match target {
            Target::Grant(id) => tables.grants.get_mut(id).map(|it| &mut it.revoked_at),
            Target::Credential(key) => {
                let row = tables.credentials.get_mut(key);
                row.map(|(_, credential)| &mut credential.spent_at)
            }
        };
        if let Some(moment) = ended {
            moment.get_or_insert(now);
        }
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut tables = self.lock();
        let expired = tables.grants.values().filter(|it| it.expires_at <= now);
        let expired: Vec<GrantId> = expired.map(|it| it.id).take(limit).collect();
        tables.grants.retain(|id, _| !expired.contains(id));
        let credentials = &mut tables.credentials;
        credentials.retain(|_, (grant, _)| !expired.contains(grant));
        Ok(expired.len())
    }
}

fn main() {
    let _store = SmallGrantStore::default();
}
