//! A whole grant store with one lock around it, to copy from. The documentation of `GrantStore` shows it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Target,
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
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        Ok(decision.apply_to(self.lock().grants.get_mut(id), now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut tables = self.lock();
        let id = exchange.grant;
        let credential = tables.credentials.get(exchange.spend.key()).cloned();
        let effect = exchange.effect_on(tables.grants.get(&id), credential);
        if let Some(spent) = effect.spent {
            tables.credentials.insert(spent.key, (id, spent));
        }
        tables.record(id, effect.successors);
        Ok(effect.exchanged)
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tables = self.lock();
        let ended = match target {
            Target::Grant(id) => tables.grants.get_mut(&id).map(|it| &mut it.revoked_at),
            Target::Credential(key) => {
                let row = tables.credentials.get_mut(&key);
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
