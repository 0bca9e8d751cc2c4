//! One part of the grants in memory. Nothing in here waits.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};

use time::{Duration, OffsetDateTime};

use super::super::parts::Unpredictable;
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::store::{Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, Spend};
use crate::subject::Subject;

/// What ended early can be looked up so much longer, for whoever asks what became of it.
const REMEMBERED: Duration = Duration::minutes(10);

#[derive(Debug, Default)]
pub(super) struct Part {
    grants: HashMap<GrantId, Family, Unpredictable>,
    credentials: HashMap<CredentialKey, (GrantId, Credential), Unpredictable>,
    /// The grants of each subject in this part.
    subjects: HashMap<Subject, HashSet<GrantId, Unpredictable>>,
    expiry: BinaryHeap<Reverse<(OffsetDateTime, Expiring)>>,
}

/// A grant and everything under it.
#[derive(Debug)]
struct Family {
    grant: Grant,
    credentials: HashSet<CredentialKey, Unpredictable>,
}

/// What to look at when its moment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Expiring {
    Credential(CredentialKey),
    Grant(GrantId),
}

/// What was removed on the way.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Access tokens, and grants with everything under them.
    pub(super) entries: usize,
    /// Grants and credentials.
    pub(super) records: usize,
}

impl Part {
    #[cfg(test)]
    pub(super) fn subjects(&self) -> usize {
        self.subjects.len()
    }

    pub(super) fn grant(&self, id: &GrantId) -> Option<&Grant> {
        self.grants.get(id).map(|family| &family.grant)
    }

    /// The grants of a subject, whatever their state.
    pub(super) fn of(&self, subject: &Subject) -> Vec<Grant> {
        let ids = self.subjects.get(subject).into_iter().flatten();
        ids.filter_map(|id| self.grant(id).cloned()).collect()
    }

    /// Records a grant that is not there yet, and says how many records were added.
    pub(super) fn open(&mut self, grant: &Grant, credentials: &[Credential]) -> usize {
        let family = Family {
            grant: grant.clone(),
            credentials: HashSet::default(),
        };
        self.grants.insert(grant.id, family);
        if let Some(subject) = &grant.subject {
            self.enter(subject, grant.id);
        }
        self.look_at(Expiring::Grant(grant.id), grant.expires_at);
        1 + self.add(grant.id, credentials)
    }

    pub(super) fn find(&self, key: &CredentialKey) -> Option<Found> {
        let (grant, credential) = self.credentials.get(key)?;
        let grant = self.grant(grant)?.clone();
        Some(Found {
            grant,
            credential: credential.clone(),
        })
    }

    pub(super) fn decide(
        &mut self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Decided {
        let Some(Family { grant, .. }) = self.grants.get_mut(id) else {
            return Decided::Unknown;
        };
        if grant.subject.is_some() || grant.revoked_at.is_some() {
            return Decided::AlreadyDecided;
        }
        if grant.expires_at <= now {
            return Decided::Expired;
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
                self.look_at(Expiring::Grant(*id), expires_at);
                self.enter(subject, *id);
            }
            Decision::Deny => {
                grant.revoked_at = Some(now);
                self.look_at(Expiring::Grant(*id), now + REMEMBERED);
            }
        }
        Decided::Done
    }

    /// Spends and records, and says how many records were added. `None` when there is no room.
    pub(super) fn exchange(
        &mut self,
        exchange: Exchange<'_>,
        has_room: bool,
    ) -> Option<(Exchanged, usize)> {
        let Exchange {
            id,
            grant,
            spend,
            successors,
            now,
        } = exchange;
        if !self.grant(grant).is_some_and(|grant| grant.is_active(now)) {
            return Some((Exchanged::Inactive, 0));
        }
        let credential = match self.credentials.get_mut(spend.key()) {
            Some((own, credential)) if own == grant => credential,
            _ => return Some((Exchanged::Unknown, 0)),
        };
        match credential.spent_at {
            Some(_) if credential.spent_by == Some(id) => return Some((Exchanged::Done, 0)),
            Some(at) => return Some((Exchanged::Spent { grant: *grant, at }, 0)),
            None if credential.expires_at <= now => return Some((Exchanged::Expired, 0)),
            None if !has_room => return None,
            None => {}
        }
        if let Spend::Once(_) = spend {
            credential.spent_at = Some(now);
            credential.spent_by = Some(id);
        }
        Some((Exchanged::Done, self.add(*grant, successors)))
    }

    pub(super) fn revoke_grant(&mut self, id: &GrantId, now: OffsetDateTime) {
        if let Some(family) = self.grants.get_mut(id) {
            family.grant.revoked_at.get_or_insert(now);
            self.look_at(Expiring::Grant(*id), now + REMEMBERED);
        }
    }

    pub(super) fn revoke_credential(&mut self, key: &CredentialKey, now: OffsetDateTime) {
        if let Some((_, credential)) = self.credentials.get_mut(key) {
            credential.spent_at.get_or_insert(now);
        }
    }

    /// Removes what can never count again, looking at `limit` entries of the queue at most.
    pub(super) fn purge(&mut self, now: OffsetDateTime, limit: usize) -> Removed {
        let mut removed = Removed::default();
        for _ in 0..limit {
            match self.expiry.peek().copied() {
                Some(Reverse((moment, expiring))) if moment <= now => {
                    self.expiry.pop();
                    match expiring {
                        Expiring::Credential(key) => {
                            self.remove_credential(&key, now, &mut removed);
                        }
                        Expiring::Grant(id) => self.remove_grant(id, now, &mut removed),
                    }
                }
                _ => break,
            }
        }
        removed
    }

    fn add(&mut self, id: GrantId, credentials: &[Credential]) -> usize {
        let mut added = 0;
        for credential in credentials {
            if let Entry::Vacant(place) = self.credentials.entry(credential.key) {
                place.insert((id, credential.clone()));
                added += 1;
                if let Some(family) = self.grants.get_mut(&id) {
                    family.credentials.insert(credential.key);
                }
                match credential.kind {
                    CredentialKind::AccessToken => {
                        self.look_at(Expiring::Credential(credential.key), credential.expires_at)
                    }
                    CredentialKind::AuthorizationCode => self.look_at(
                        Expiring::Credential(credential.key),
                        credential.expires_at + REMEMBERED,
                    ),
                    // Ends with its grant.
                    CredentialKind::RefreshToken => {}
                }
            }
        }
        added
    }

    fn enter(&mut self, subject: &Subject, id: GrantId) {
        match self.subjects.get_mut(subject) {
            Some(grants) => {
                grants.insert(id);
            }
            None => {
                let grants = HashSet::from_iter([id]);
                self.subjects.insert(subject.clone(), grants);
            }
        }
    }

    fn look_at(&mut self, expiring: Expiring, moment: OffsetDateTime) {
        self.expiry.push(Reverse((moment, expiring)));
    }

    fn remove_credential(
        &mut self,
        key: &CredentialKey,
        now: OffsetDateTime,
        removed: &mut Removed,
    ) {
        let Some((id, credential)) = self.credentials.get(key) else {
            return;
        };
        let id = *id;
        if credential.kind == CredentialKind::AccessToken {
            self.credentials.remove(key);
            removed.entries += 1;
            removed.records += 1;
            if let Some(family) = self.grants.get_mut(&id) {
                family.credentials.remove(key);
            }
        } else if credential.spent_at.is_none()
            && let Some(family) = self.grants.get_mut(&id)
            && family.credentials.len() == 1
        {
            // A code that nobody came for: nothing can come of its grant any more.
            family.grant.revoked_at.get_or_insert(now);
            self.remove_grant(id, now, removed);
        }
    }

    fn remove_grant(&mut self, id: GrantId, now: OffsetDateTime, removed: &mut Removed) {
        let Entry::Occupied(family) = self.grants.entry(id) else {
            return;
        };
        let grant = &family.get().grant;
        // `decide` may have prolonged it, with another place in the queue.
        if grant.expires_at <= now || grant.revoked_at.is_some() {
            let family = family.remove();
            for key in &family.credentials {
                self.credentials.remove(key);
            }
            removed.entries += 1;
            removed.records += 1 + family.credentials.len();
            if let Some(subject) = &family.grant.subject
                && let Some(grants) = self.subjects.get_mut(subject)
            {
                grants.remove(&id);
                if grants.is_empty() {
                    self.subjects.remove(subject);
                }
            }
        }
    }
}
