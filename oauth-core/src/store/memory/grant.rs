use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::RandomState;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::parts::{Parts, SWEPT_BY_A_WRITE, full, share};
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::error::StoreError;
use crate::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantDirectory, GrantStore,
    Spend, Target,
};
use crate::subject::Subject;

/// Grants and credentials in memory, at most four million credentials unless told otherwise. Each
/// takes somewhat less than a kilobyte.
#[derive(Debug)]
pub struct MemoryGrantStore {
    parts: Parts<Part>,
    /// The grants of each subject. Written before the grant itself; an entry without a grant is
    /// passed over.
    directory: Parts<HashMap<Subject, HashSet<GrantId>>>,
    hasher: RandomState,
    credentials_in_a_part: usize,
}

#[derive(Debug, Default)]
struct Part {
    grants: HashMap<GrantId, Family>,
    credentials: HashMap<CredentialKey, (GrantId, Credential)>,
    expiry: BinaryHeap<Reverse<(OffsetDateTime, Expiring)>>,
}

#[derive(Debug)]
struct Family {
    grant: Grant,
    credentials: Vec<CredentialKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Expiring {
    AccessToken(CredentialKey),
    Grant(GrantId),
}

impl Default for MemoryGrantStore {
    fn default() -> Self {
        Self::with_capacity(4_000_000)
    }
}

impl MemoryGrantStore {
    /// A store for about this many credentials, spent ones included.
    pub fn with_capacity(credentials: usize) -> Self {
        Self {
            parts: Parts::default(),
            directory: Parts::default(),
            hasher: RandomState::new(),
            credentials_in_a_part: share(credentials),
        }
    }

    /// Removes grants from the directory that are gone. Never called with a part locked.
    fn forget(&self, gone: Vec<Grant>) {
        for grant in gone {
            let Some(subject) = &grant.subject else {
                continue;
            };
            let mut directory = self.directory.lock_by_hash(&self.hasher, subject);
            if let Some(grants) = directory.get_mut(subject) {
                grants.remove(&grant.id);
                if grants.is_empty() {
                    directory.remove(subject);
                }
            }
        }
    }

    fn enter(&self, subject: &Subject, grant: GrantId) {
        let mut directory = self.directory.lock_by_hash(&self.hasher, subject);
        directory.entry(subject.clone()).or_default().insert(grant);
    }
}

impl Part {
    /// Adds credentials to a grant that is there.
    fn add(&mut self, id: GrantId, credentials: &[Credential]) {
        for credential in credentials {
            if let Entry::Vacant(place) = self.credentials.entry(credential.key) {
                place.insert((id, credential.clone()));
                if let Some(family) = self.grants.get_mut(&id) {
                    family.credentials.push(credential.key);
                }
                // The others are kept with their grant, so that a replay is recognised.
                if credential.kind == CredentialKind::AccessToken {
                    let expiring = Expiring::AccessToken(credential.key);
                    self.expiry.push(Reverse((credential.expires_at, expiring)));
                }
            }
        }
    }

    /// Removes what has expired, at most `limit` entries of the queue; grants go to `gone`.
    fn purge(&mut self, now: OffsetDateTime, limit: usize, gone: &mut Vec<Grant>) -> usize {
        let mut removed = 0;
        while removed < limit {
            let Some(Reverse((expires_at, expiring))) = self.expiry.peek().copied() else {
                break;
            };
            if expires_at > now {
                break;
            }
            self.expiry.pop();
            removed += 1;
            match expiring {
                Expiring::AccessToken(key) => {
                    if let Some((grant, _)) = self.credentials.remove(&key)
                        && let Some(family) = self.grants.get_mut(&grant)
                    {
                        family.credentials.retain(|own| *own != key);
                    }
                }
                Expiring::Grant(id) => {
                    // `decide` may have given the grant another expiry, with a place of its own.
                    if let Entry::Occupied(family) = self.grants.entry(id)
                        && family.get().grant.expires_at <= now
                    {
                        let family = family.remove();
                        for key in &family.credentials {
                            self.credentials.remove(key);
                        }
                        gone.push(family.grant);
                    }
                }
            }
        }
        removed
    }

    fn has_room(&self, credentials: &[Credential], most: usize) -> bool {
        self.credentials.len() + credentials.len() <= most
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
        if let Some(subject) = &grant.subject {
            self.enter(subject, grant.id);
        }
        let mut gone = Vec::new();
        let opened = {
            let mut part = self.parts.lock(grant.id.shard());
            part.purge(now, SWEPT_BY_A_WRITE, &mut gone);
            if part.grants.contains_key(&grant.id) {
                Ok(())
            } else if part.has_room(credentials, self.credentials_in_a_part) {
                let family = Family {
                    grant: grant.clone(),
                    credentials: Vec::new(),
                };
                part.grants.insert(grant.id, family);
                part.expiry
                    .push(Reverse((grant.expires_at, Expiring::Grant(grant.id))));
                part.add(grant.id, credentials);
                Ok(())
            } else {
                gone.push(grant.clone());
                Err(full())
            }
        };
        self.forget(gone);
        opened
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let part = self.parts.lock(key.shard());
        let Some((grant, credential)) = part.credentials.get(key) else {
            return Ok(None);
        };
        let Some(family) = part.grants.get(grant) else {
            return Ok(None);
        };
        Ok(Some(Found {
            grant: family.grant.clone(),
            credential: credential.clone(),
        }))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        if let Decision::Approve { subject, .. } = decision {
            self.enter(subject, *id);
        }
        let mut part = self.parts.lock(id.shard());
        let part = &mut *part;
        let Some(Family { grant, .. }) = part.grants.get_mut(id) else {
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
                part.expiry
                    .push(Reverse((expires_at, Expiring::Grant(*id))));
            }
            Decision::Deny => grant.revoked_at = Some(now),
        }
        Ok(Decided::Done)
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let Exchange {
            id,
            grant,
            spend,
            successors,
            now,
        } = exchange;
        let mut gone = Vec::new();
        let outcome = {
            let mut part = self.parts.lock(grant.shard());
            part.purge(now, SWEPT_BY_A_WRITE, &mut gone);
            let has_room = part.has_room(successors, self.credentials_in_a_part);
            let part = &mut *part;
            let active = part
                .grants
                .get(grant)
                .is_some_and(|own| own.grant.is_active(now));
            match part.credentials.get_mut(spend.key()) {
                _ if !active => Ok(Exchanged::Inactive),
                Some((own, credential)) if own == grant => {
                    if let Some(at) = credential.spent_at {
                        if credential.spent_by == Some(id) {
                            Ok(Exchanged::Done)
                        } else {
                            Ok(Exchanged::Spent { grant: *grant, at })
                        }
                    } else if credential.expires_at <= now {
                        Ok(Exchanged::Expired)
                    } else if !has_room {
                        Err(full())
                    } else {
                        if let Spend::Once(_) = spend {
                            credential.spent_at = Some(now);
                            credential.spent_by = Some(id);
                        }
                        part.add(*grant, successors);
                        Ok(Exchanged::Done)
                    }
                }
                _ => Ok(Exchanged::Unknown),
            }
        };
        self.forget(gone);
        outcome
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        match target {
            Target::Grant(id) => {
                if let Some(family) = self.parts.lock(id.shard()).grants.get_mut(id) {
                    family.grant.revoked_at.get_or_insert(now);
                }
            }
            Target::Credential(key) => {
                let mut part = self.parts.lock(key.shard());
                if let Some((_, credential)) = part.credentials.get_mut(key) {
                    credential.spent_at.get_or_insert(now);
                }
            }
        }
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut removed = 0;
        let mut gone = Vec::new();
        for mut part in self.parts.each() {
            removed += part.purge(now, limit - removed, &mut gone);
        }
        self.forget(gone);
        Ok(removed)
    }
}

#[async_trait]
impl GrantDirectory for MemoryGrantStore {
    async fn list(&self, subject: &Subject, now: OffsetDateTime) -> Result<Vec<Grant>, StoreError> {
        let ids: Vec<GrantId> = {
            let directory = self.directory.lock_by_hash(&self.hasher, subject);
            directory
                .get(subject)
                .into_iter()
                .flatten()
                .copied()
                .collect()
        };
        let find = |id: GrantId| {
            let part = self.parts.lock(id.shard());
            part.grants.get(&id).map(|family| family.grant.clone())
        };
        // An undecided grant may have been entered for a subject whose decision came too late.
        Ok(ids
            .into_iter()
            .filter_map(find)
            .filter(|grant| grant.subject.as_ref() == Some(subject) && grant.is_active(now))
            .collect())
    }
}

#[cfg(test)]
mod tests;
