mod expiry;
mod part;
mod subjects;

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use time::OffsetDateTime;

use super::parts::{Parts, SWEPT_BY_A_WRITE, full};
use crate::credential::{CredentialKey, GrantId};
use crate::error::StoreError;
use crate::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantDirectory, GrantStore,
    Target,
};
use crate::subject::Subject;
use part::Part;

/// Grants and credentials in memory, at most four million of them together unless told otherwise.
/// A grant with two tokens takes about 800 bytes.
#[derive(Debug)]
pub struct MemoryGrantStore {
    parts: Parts<Part>,
    /// Grants and credentials, spent ones included.
    records: AtomicUsize,
    capacity: usize,
}

impl Default for MemoryGrantStore {
    fn default() -> Self {
        Self::with_capacity(4_000_000)
    }
}

impl MemoryGrantStore {
    /// A store for about this many grants and credentials, spent ones included.
    pub fn with_capacity(records: usize) -> Self {
        Self {
            parts: Parts::default(),
            records: AtomicUsize::new(0),
            capacity: records,
        }
    }

    fn has_room(&self, more: usize) -> bool {
        self.records.load(Ordering::Relaxed).saturating_add(more) <= self.capacity
    }

    /// Called with the part locked, so that nothing is counted out before it is counted in.
    fn count(&self, added: usize) {
        self.records.fetch_add(added, Ordering::Relaxed);
    }

    /// Removes a little of what can never count again, to make room. The part is locked.
    fn sweep(&self, part: &mut Part, now: OffsetDateTime, limit: usize) -> usize {
        let removed = part.purge(now, limit);
        // Nothing, mostly: then other threads keep the count in their caches.
        if removed.records > 0 {
            self.records.fetch_sub(removed.records, Ordering::Relaxed);
        }
        removed.entries
    }
}

/// The verbs without futures, of which the store that has this one in it makes one only.
impl MemoryGrantStore {
    pub(super) fn open_now(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut part = self.parts.lock(grant.id.shard());
        self.sweep(&mut part, now, SWEPT_BY_A_WRITE);
        if part.grant(&grant.id).is_some() {
            Ok(())
        } else if self.has_room(1 + credentials.len()) {
            self.count(part.open(grant, credentials));
            Ok(())
        } else {
            Err(full())
        }
    }

    pub(super) fn find_now(&self, key: &CredentialKey) -> Option<Found> {
        self.parts.lock(key.shard()).find(key)
    }

    pub(super) fn decide_now(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Decided {
        self.parts.lock(id.shard()).decide(id, decision, now)
    }

    pub(super) fn exchange_now(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut part = self.parts.lock(exchange.grant.shard());
        self.sweep(&mut part, exchange.now, SWEPT_BY_A_WRITE);
        let has_room = self.has_room(exchange.successors.len());
        let (exchanged, added) = part.exchange(exchange, has_room).ok_or_else(full)?;
        self.count(added);
        Ok(exchanged)
    }

    pub(super) fn revoke_now(&self, target: Target<'_>, now: OffsetDateTime) {
        match target {
            Target::Grant(id) => self.parts.lock(id.shard()).revoke_grant(id, now),
            Target::Credential(key) => self.parts.lock(key.shard()).revoke_credential(key, now),
        }
    }
}

#[async_trait]
impl GrantStore for MemoryGrantStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.open_now(grant, credentials, now)
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        Ok(self.find_now(key))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        Ok(self.decide_now(id, decision, now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        self.exchange_now(exchange)
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        self.revoke_now(target, now);
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut entries = 0;
        for part in self.parts.each() {
            entries += self.sweep(&mut part.lock(), now, limit - entries);
        }
        Ok(entries)
    }
}

#[async_trait]
impl GrantDirectory for MemoryGrantStore {
    async fn list(&self, subject: &Subject, now: OffsetDateTime) -> Result<Vec<Grant>, StoreError> {
        let grants = self.parts.each().flat_map(|part| part.lock().of(subject));
        Ok(grants.filter(|grant| grant.is_active(now)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Content, Payload};
    use crate::{ClientId, UserId};

    #[tokio::test]
    async fn forgets_subjects_without_grants() {
        let store = MemoryGrantStore::default();
        let now = OffsetDateTime::UNIX_EPOCH;
        let grant = Grant {
            id: GrantId::from_bytes([1; 18]),
            client_id: ClientId::parse("web").unwrap(),
            subject: Some(Subject::User(UserId::new("alice"))),
            expires_at: now + time::Duration::SECOND,
            revoked_at: None,
            payload: Payload::new(Content::AccessToken(
                crate::store::AccessTokenPayload::default(),
            )),
        };
        let subjects = || -> usize { store.parts.each().map(|part| part.lock().subjects()).sum() };
        store.open(&grant, &[], now).await.unwrap();
        assert_eq!(subjects(), 1);
        store.purge(grant.expires_at, 10).await.unwrap();
        assert_eq!(subjects(), 0);
    }
}
