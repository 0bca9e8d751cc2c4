//! The stores in memory, watched: every call is counted, any call can be made to fail or to wait,
//! and something else can be made to happen just before one.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Fault, Verb};
use crate::store::memory::{
    MemoryClientStore, MemoryConsentStore, MemoryGrantStore, MemoryRequestStore,
};
use crate::store::{
    ClientStore, Consent, ConsentStore, Credential, Decided, Decision, Exchange, Exchanged, Found,
    Grant, GrantCursor, GrantDirectory, GrantPage, GrantStore, ListedGrant, ParkedRequest, Payload,
    RequestStore, Target,
};
use crate::{
    Client, ClientId, CredentialKey, GrantId, Scope, StoreError, Subject, SubjectStatus, UserId,
};

type Injected = Pin<Box<dyn Future<Output = ()> + Send>>;
type Inject = Box<dyn FnOnce() -> Injected + Send>;

#[derive(Clone, Default)]
pub(crate) struct WatchedStore(Arc<Watched>);

#[derive(Default)]
struct Watched {
    clients: MemoryClientStore,
    grants: MemoryGrantStore,
    requests: MemoryRequestStore,
    consents: MemoryConsentStore,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    calls: Vec<Verb>,
    /// How many calls of the verb from now on it takes, and what happens at the last of them.
    faults: Vec<(Verb, usize, Fault)>,
    injections: Vec<(Verb, Inject)>,
    /// Every record that was written, as text.
    written: String,
    /// The keys of those records.
    credentials: HashSet<CredentialKey>,
    tickets: HashSet<CredentialKey>,
    /// The calls that did their work.
    happened: Vec<Verb>,
    /// Whether each call waits once before its work and once after it.
    parks: bool,
    /// The grants whose records cannot be read.
    unreadable: HashSet<GrantId>,
    kept: Option<Kept>,
}

/// Which payload a search gives as it is, because it cannot be read.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    Grant,
    Credential,
}

fn of_a_later_version() -> Payload {
    Payload::decode_or_keep(br#"{"version":2}"#)
}

impl WatchedStore {
    pub(crate) fn register(&self, client: Client) {
        self.0.clients.insert(client);
    }

    pub(crate) fn remove_client(&self, id: &str) {
        self.0.clients.remove(&ClientId::parse(id).unwrap());
    }

    /// Lets the `nth` call of the verb from now on fail; the next one is the first.
    pub(crate) fn fail(&self, verb: Verb, nth: usize, fault: Fault) {
        self.script().faults.push((verb, nth, fault));
    }

    /// Lets something happen just before the next call of the verb.
    pub(crate) fn before<F>(&self, verb: Verb, inject: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let inject: Inject = Box::new(move || Box::pin(inject()));
        self.script().injections.push((verb, inject));
    }

    /// The calls since the last time this was asked.
    pub(crate) fn calls(&self) -> Vec<Verb> {
        std::mem::take(&mut self.script().calls)
    }

    pub(crate) fn written(&self) -> String {
        self.script().written.clone()
    }

    /// From now on these grants are as if a later version had written them: a page has none of them, but all others,
    /// and a list has them with a payload that cannot be read.
    pub(crate) fn spoil(&self, grants: &[GrantId]) {
        self.script().unreadable = grants.iter().copied().collect();
    }

    /// From now on each search finds a payload as if a later version had written it.
    pub(crate) fn keep(&self, kept: Option<Kept>) {
        self.script().kept = kept;
    }

    /// Lets each call from now on wait once before its work and once after it.
    pub(super) fn park(&self, parks: bool) {
        self.script().parks = parks;
    }

    /// The calls that did their work since the last time this was asked.
    pub(super) fn happened(&self) -> Vec<Verb> {
        std::mem::take(&mut self.script().happened)
    }

    /// The keys of every credential and of every ticket that was to be kept.
    pub(crate) fn keys(&self) -> (HashSet<CredentialKey>, HashSet<CredentialKey>) {
        let script = self.script();
        (script.credentials.clone(), script.tickets.clone())
    }

    /// The stores themselves, where nobody watches.
    pub(super) fn parts(&self) -> (&MemoryGrantStore, &MemoryRequestStore, &MemoryConsentStore) {
        (&self.0.grants, &self.0.requests, &self.0.consents)
    }

    async fn wait(&self) {
        let mut waits = self.script().parks;
        // Nobody is told to go on: whoever lets calls wait polls again, or does not.
        poll_fn(|_| {
            if std::mem::take(&mut waits) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, record: &dyn std::fmt::Debug, payload: &Payload) {
        let payload = String::from_utf8(payload.encode()).unwrap();
        self.script()
            .written
            .push_str(&format!("{record:?} {payload}\n"));
    }

    async fn watch<T>(
        &self,
        verb: Verb,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let (inject, fault) = {
            let mut script = self.script();
            script.calls.push(verb);
            let mut fault = None;
            for (of, left, what) in &mut script.faults {
                if *of == verb && *left > 0 {
                    *left -= 1;
                    if *left == 0 {
                        fault = Some(*what);
                    }
                }
            }
            let at = script.injections.iter().position(|(of, _)| *of == verb);
            (at.map(|at| script.injections.remove(at).1), fault)
        };
        self.wait().await;
        if let Some(inject) = inject {
            inject().await;
        }
        let outcome = match fault {
            Some(fault) if fault.is_before() => Err(fault.error()),
            _ => {
                let outcome = work.await;
                self.script().happened.push(verb);
                fault.map_or(outcome, |fault| Err(fault.error()))
            }
        };
        self.wait().await;
        outcome
    }
}

#[async_trait]
impl ClientStore for WatchedStore {
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        self.watch(Verb::FindClient, self.0.clients.find(id)).await
    }
}

#[async_trait]
impl GrantStore for WatchedStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.note(grant, &grant.payload);
        for credential in credentials {
            self.note(credential, &credential.payload);
            self.script().credentials.insert(credential.key);
        }
        self.watch(Verb::Open, self.0.grants.open(grant, credentials, now))
            .await
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let mut found = self
            .watch(Verb::FindCredential, self.0.grants.find(key))
            .await?;
        if let (Some(found), Some(kept)) = (&mut found, self.script().kept) {
            let payload = match kept {
                Kept::Grant => &mut found.grant.payload,
                Kept::Credential => &mut found.credential.payload,
            };
            *payload = of_a_later_version();
        }
        Ok(found)
    }

    async fn decide(
        &self,
        grant: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        self.watch(
            Verb::DecideGrant,
            self.0.grants.decide(grant, decision, now),
        )
        .await
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        for credential in exchange.successors.iter() {
            self.note(credential, &credential.payload);
            self.script().credentials.insert(credential.key);
        }
        self.watch(Verb::Exchange, self.0.grants.exchange(exchange))
            .await
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        self.watch(Verb::Revoke, self.0.grants.revoke(target, now))
            .await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.watch(Verb::PurgeGrants, self.0.grants.purge(now, limit))
            .await
    }
}

#[async_trait]
impl GrantDirectory for WatchedStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let mut listed = self
            .watch(Verb::ListGrants, self.0.grants.list(subject, now))
            .await?;
        let script = self.script();
        for ListedGrant { grant, .. } in &mut listed {
            if script.unreadable.contains(&grant.id) {
                grant.payload = of_a_later_version();
            }
        }
        drop(script);
        Ok(listed)
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let mut page = self
            .watch(Verb::PageOfGrants, self.0.grants.page(after, limit))
            .await?;
        let script = self.script();
        let spoilt = |grant: &mut Grant| script.unreadable.contains(&grant.id);
        let spoilt = page.grants.extract_if(.., spoilt).map(|grant| grant.id);
        page.unreadable.extend(spoilt);
        drop(script);
        Ok(page)
    }
}

#[async_trait]
impl RequestStore for WatchedStore {
    async fn put(&self, request: &ParkedRequest, now: OffsetDateTime) -> Result<(), StoreError> {
        self.note(request, &request.payload);
        self.script().tickets.insert(request.key);
        self.watch(Verb::Put, self.0.requests.put(request, now))
            .await
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        self.watch(Verb::Get, self.0.requests.get(key, now)).await
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        self.watch(Verb::Take, self.0.requests.take(key, now)).await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.watch(Verb::PurgeRequests, self.0.requests.purge(now, limit))
            .await
    }
}

#[async_trait]
impl ConsentStore for WatchedStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        self.watch(Verb::FindConsent, self.0.consents.find(user, client))
            .await
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        self.watch(Verb::ListConsents, self.0.consents.list(user))
            .await
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let work = self.0.consents.record(user, client, scope, now);
        self.watch(Verb::Record, work).await
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        self.watch(Verb::Withdraw, self.0.consents.withdraw(user, client))
            .await
    }
}

/// Everybody is active.
#[async_trait]
impl SubjectStatus for WatchedStore {
    async fn is_active(&self, _user: &UserId) -> Result<bool, StoreError> {
        self.watch(Verb::IsActive, async { Ok(true) }).await
    }
}
