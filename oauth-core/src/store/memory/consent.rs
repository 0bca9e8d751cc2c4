use std::collections::HashMap;
use std::hash::RandomState;

use async_trait::async_trait;
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
    /// Those of a user are in the order of their clients.
    parts: Parts<HashMap<UserId, Vec<Consent>>>,
    hasher: RandomState,
    users_in_a_part: usize,
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
    pub(super) fn find_now(&self, user: &UserId, client: &ClientId) -> Option<Consent> {
        let part = self.parts.lock_by_hash(&self.hasher, user);
        let consents = part.get(user)?;
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
        let mut part = self.parts.lock_by_hash(&self.hasher, user);
        if part.len() >= self.users_in_a_part && !part.contains_key(user) {
            return Err(full());
        }
        let consents = part.entry(user.clone()).or_default();
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
        let part = self.parts.lock_by_hash(&self.hasher, user);
        Ok(part.get(user).cloned().unwrap_or_default())
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
        let mut part = self.parts.lock_by_hash(&self.hasher, user);
        if let Some(consents) = part.get_mut(user) {
            consents.retain(|consent| consent.client_id != *client);
            if consents.is_empty() {
                part.remove(user);
            }
        }
        Ok(())
    }
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
