//! Stores in memory: for tests, demonstrations and services of one process that may forget
//! everything when it ends.
//!
//! Grants, requests and consents are divided into parts with a lock of their own, held for the length of a map
//! operation; clients, which are read for every request and seldom change, are kept in several copies instead. What
//! has expired is removed a few entries at a time by the writes that follow, and by
//! [`sweep_once`](crate::AuthorizationServer::sweep_once). Each store is bounded: when it is full of
//! things that still count, a write fails as transient and the client is told 503. A part may keep a little room
//! that another lacks, at most a hundredth of a store of grants in all.

mod client;
mod consent;
mod expiry;
mod grant;
mod parts;
mod records;
mod request;
mod subjects;

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;

pub use client::MemoryClientStore;
pub use consent::MemoryConsentStore;
pub use grant::MemoryGrantStore;
pub use request::MemoryRequestStore;

use super::{
    ClientStore, Consent, ConsentStore, Credential, Decided, Decision, Exchange, Exchanged, Found,
    Grant, GrantCursor, GrantDirectory, GrantPage, GrantStore, ListedGrant, ParkedRequest,
    RequestStore, Target,
};
use crate::client::{Client, ClientId};
use crate::credential::{CredentialKey, GrantId};
use crate::error::StoreError;
use crate::scope::Scope;
use crate::subject::{Subject, UserId};

/// All stores in memory, in one value.
///
/// ```
/// use oauth_core::store::memory::MemoryStore;
/// use oauth_core::{AuthorizationServer, Client};
///
/// let web = Client::builder("web").redirect_uri("https://app.example.com/callback").build()?;
/// let server = AuthorizationServer::builder("https://auth.example.com")
///     .store(MemoryStore::new([web]))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    clients: MemoryClientStore,
    grants: MemoryGrantStore,
    requests: MemoryRequestStore,
    consents: MemoryConsentStore,
}

impl MemoryStore {
    /// Stores that know these clients.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        Self {
            clients: MemoryClientStore::new(clients),
            ..Self::default()
        }
    }

    /// What [`GrantStore::find`] answers.
    pub(crate) fn found(&self, key: &CredentialKey) -> Option<Found> {
        self.grants.find_now(key)
    }
}

#[async_trait]
impl ClientStore for MemoryStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        Ok(self.clients.get(id))
    }
}

#[async_trait]
impl GrantStore for MemoryStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.grants.open_now(grant, credentials, now)
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        Ok(self.found(key))
    }

    async fn decide(
        &self,
        grant: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        Ok(self.grants.decide_now(grant, decision, now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        self.grants.exchange_now(&exchange)
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        self.grants.revoke_now(target, now);
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.grants.purge(now, limit).await
    }
}

#[async_trait]
impl GrantDirectory for MemoryStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        self.grants.list(subject, now).await
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        self.grants.page(after, limit).await
    }
}

#[async_trait]
impl RequestStore for MemoryStore {
    async fn put(&self, request: &ParkedRequest, now: OffsetDateTime) -> Result<(), StoreError> {
        self.requests.put_now(request, now)
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        Ok(self.requests.get_now(key, now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        Ok(self.requests.take_now(key, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.requests.purge(now, limit).await
    }
}

#[async_trait]
impl ConsentStore for MemoryStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        Ok(self.consents.find_now(user, client))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        self.consents.list(user).await
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.consents.record_now(user, client, scope, now)
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        self.consents.withdraw(user, client).await
    }
}
