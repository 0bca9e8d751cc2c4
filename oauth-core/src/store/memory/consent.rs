use std::hash::{BuildHasher, RandomState};
use std::sync::MutexGuard;

use async_trait::async_trait;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use time::OffsetDateTime;

use super::parts::{Parts, full, share};
use crate::client::ClientId;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::store::{Consent, ConsentStore};
use crate::subject::UserId;

/// Remembered consents in memory, of at most a million users unless told otherwise.
#[derive(Debug)]
pub struct MemoryConsentStore {
    parts: Parts<HashTable<OfUser>>,
    hasher: RandomState,
    users_in_a_part: usize,
}

#[derive(Debug)]
struct OfUser {
    user: UserId,
    /// In the order of their clients.
    consents: Vec<Consent>,
}

impl Default for MemoryConsentStore {
    fn default() -> Self {
        Self::with_capacity(1_000_000)
    }
}

impl MemoryConsentStore {
    /// A store for the consents of about this many users.
    pub fn with_capacity(users: usize) -> Self {
        Self {
            parts: Parts::default(),
            hasher: RandomState::new(),
            users_in_a_part: share(users),
        }
    }
}

/// The verbs of the hot paths without futures, of which the store that has this one in it makes one
/// only.
impl MemoryConsentStore {
    /// The part that a user is in, and the hash of the user there.
    fn lock(&self, user: &UserId) -> (u64, MutexGuard<'_, HashTable<OfUser>>) {
        let hash = self.hasher.hash_one(user);
        // The table looks at the first and the last bits itself.
        (hash, self.parts.lock((hash >> 32) as u16))
    }

    pub(super) fn find_now(&self, user: &UserId, client: &ClientId) -> Option<Consent> {
        let (hash, part) = self.lock(user);
        let OfUser { consents, .. } = part.find(hash, of(user))?;
        let at = position(consents, client).ok()?;
        consents.get(at).cloned()
    }

    pub(super) fn record_now(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (hash, mut part) = self.lock(user);
        let users = part.len();
        let consents = match part.entry(hash, of(user), |it| self.hasher.hash_one(&it.user)) {
            Entry::Occupied(entry) => &mut entry.into_mut().consents,
            Entry::Vacant(_) if users >= self.users_in_a_part => return Err(full()),
            Entry::Vacant(entry) => {
                let user = user.clone();
                let consents = Vec::new();
                &mut entry.insert(OfUser { user, consents }).into_mut().consents
            }
        };
        match position(consents, client) {
            Ok(at) => {
                if let Some(consent) = consents.get_mut(at) {
                    consent.scope = consent.scope.union(scope);
                    consent.recorded_at = now;
                }
            }
            Err(at) => {
                let consent = Consent {
                    client_id: client.clone(),
                    scope: scope.clone(),
                    recorded_at: now,
                };
                consents.insert(at, consent);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl ConsentStore for MemoryConsentStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        Ok(self.find_now(user, client))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let (hash, part) = self.lock(user);
        let found = part.find(hash, of(user));
        Ok(found.map_or_else(Vec::new, |found| found.consents.clone()))
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.record_now(user, client, scope, now)
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let (hash, mut part) = self.lock(user);
        if let Ok(mut found) = part.find_entry(hash, of(user)) {
            let consents = &mut found.get_mut().consents;
            consents.retain(|consent| consent.client_id != *client);
            if consents.is_empty() {
                found.remove();
            }
        }
        Ok(())
    }
}

fn of(user: &UserId) -> impl Fn(&OfUser) -> bool {
    move |found| found.user == *user
}

/// Where the consent to a client is, or would be.
fn position(consents: &[Consent], client: &ClientId) -> Result<usize, usize> {
    consents.binary_search_by(|consent| consent.client_id.cmp(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_bounded() {
        let store = MemoryConsentStore::with_capacity(64);
        let web = ClientId::parse("web").unwrap();
        let mut refused = 0;
        for n in 0..1000 {
            let user = UserId::new(n.to_string());
            let now = OffsetDateTime::UNIX_EPOCH;
            refused += usize::from(
                store
                    .record(&user, &web, &Scope::default(), now)
                    .await
                    .is_err(),
            );
        }
        assert!(refused >= 1000 - 64, "{refused}");
    }
}
