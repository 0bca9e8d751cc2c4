//! One part of the grants in memory. Nothing in here waits.

use std::borrow::Borrow;
use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use time::{Duration, OffsetDateTime, UtcDateTime};

use super::super::parts::Unpredictable;
use super::expiry::Expiry;
use super::subjects::Subjects;
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::store::{
    Credential, Decided, Decision, Exchange, ExchangeId, Exchanged, Found, Grant, Payload, Spend,
};
use crate::subject::Subject;

/// What ended early can be looked up so much longer, for whoever asks what became of it.
const REMEMBERED: Duration = Duration::minutes(10);

#[derive(Debug, Default)]
pub(super) struct Part {
    grants: HashMap<GrantId, Box<Family>, Unpredictable>,
    credentials: Credentials,
    /// The grants of each subject in this part.
    subjects: Subjects,
    /// Access tokens that go before their grant does.
    access_tokens: Expiry<CredentialKey>,
    grants_to_look_at: Expiry<GrantId>,
}

/// In boxes with their keys, so that a table that grows moves little and leaves little room unused.
type Credentials = HashSet<Kept, Unpredictable>;

#[derive(Debug)]
struct Kept(Box<Member>);

impl Borrow<CredentialKey> for Kept {
    fn borrow(&self) -> &CredentialKey {
        &self.0.key
    }
}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Kept {}

/// A grant, and where to find what goes with it.
#[derive(Debug)]
struct Family {
    grant: Grant,
    /// The last of the credentials that go with the grant. Each names the one before.
    last: Option<CredentialKey>,
    /// How many access tokens go before the grant does.
    passing: u32,
}

/// A credential, in as few bytes as there are many of them.
#[derive(Debug)]
struct Member {
    key: CredentialKey,
    grant: GrantId,
    /// Among those that go with the grant.
    before: Option<CredentialKey>,
    kind: CredentialKind,
    expires_at: UtcDateTime,
    /// Set once, for good.
    spent: OnceCell<Box<Spent>>,
    payload: Payload,
}

/// Most credentials never are.
#[derive(Debug)]
struct Spent {
    at: OffsetDateTime,
    by: Option<ExchangeId>,
}

/// What was removed on the way.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Access tokens, and grants with everything that goes with them.
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
        let grants = self.subjects.candidates(subject);
        let grants = grants.filter_map(|id| self.grant(id));
        grants
            .filter(|grant| grant.subject.as_ref() == Some(subject))
            .cloned()
            .collect()
    }

    /// Records a grant that is not there yet, and says how many records were added.
    pub(super) fn open(&mut self, grant: &Grant, credentials: &[Credential]) -> usize {
        if let Some(subject) = &grant.subject {
            self.subjects.add(subject, grant.id);
        }
        // A grant whose code nobody comes for need not stay as long as it lives.
        let code = credentials
            .iter()
            .find(|credential| credential.kind == CredentialKind::AuthorizationCode);
        let first_look = code.map_or(grant.expires_at, |code| {
            grant.expires_at.min(code.expires_at + REMEMBERED)
        });
        self.grants_to_look_at.push(grant.id, first_look);
        let mut family = Box::new(Family {
            grant: grant.clone(),
            last: None,
            passing: 0,
        });
        let added = family.add(credentials, &mut self.credentials, &mut self.access_tokens);
        self.grants.insert(grant.id, family);
        1 + added
    }

    pub(super) fn find(&self, key: &CredentialKey) -> Option<Found> {
        let Kept(member) = self.credentials.get(key)?;
        let spent = member.spent.get();
        Some(Found {
            grant: self.grant(&member.grant)?.clone(),
            credential: Credential {
                key: *key,
                kind: member.kind,
                expires_at: member.expires_at.into(),
                spent_at: spent.map(|spent| spent.at),
                spent_by: spent.and_then(|spent| spent.by),
                payload: member.payload.clone(),
            },
        })
    }

    pub(super) fn decide(
        &mut self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Decided {
        let Some(family) = self.grants.get_mut(id) else {
            return Decided::Unknown;
        };
        let grant = &mut family.grant;
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
                self.grants_to_look_at.push(*id, expires_at);
                self.subjects.add(subject, *id);
            }
            Decision::Deny => {
                grant.revoked_at = Some(now);
                self.grants_to_look_at.push(*id, now + REMEMBERED);
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
        let family = match self.grants.get_mut(grant) {
            Some(family) if family.grant.is_active(now) => family,
            _ => return Some((Exchanged::Inactive, 0)),
        };
        let credential = match self.credentials.get(spend.key()) {
            Some(Kept(credential)) if credential.grant == *grant => credential,
            _ => return Some((Exchanged::Unknown, 0)),
        };
        match credential.spent.get() {
            Some(spent) if spent.by == Some(id) => return Some((Exchanged::Done, 0)),
            Some(spent) => {
                let (grant, at) = (*grant, spent.at);
                return Some((Exchanged::Spent { grant, at }, 0));
            }
            None if OffsetDateTime::from(credential.expires_at) <= now => {
                return Some((Exchanged::Expired, 0));
            }
            None if !has_room => return None,
            None => {}
        }
        if let Spend::Once(_) = spend {
            credential.spend(now, Some(id));
        }
        let added = family.add(successors, &mut self.credentials, &mut self.access_tokens);
        Some((Exchanged::Done, added))
    }

    pub(super) fn revoke_grant(&mut self, id: &GrantId, now: OffsetDateTime) {
        if let Some(family) = self.grants.get_mut(id) {
            family.grant.revoked_at.get_or_insert(now);
            self.grants_to_look_at.push(*id, now + REMEMBERED);
        }
    }

    pub(super) fn revoke_credential(&mut self, key: &CredentialKey, now: OffsetDateTime) {
        if let Some(Kept(credential)) = self.credentials.get(key) {
            credential.spend(now, None);
        }
    }

    /// Removes what can never count again, looking at `limit` things at most.
    pub(super) fn purge(&mut self, now: OffsetDateTime, limit: usize) -> Removed {
        let mut removed = Removed::default();
        for _ in 0..limit {
            if let Some(key) = self.access_tokens.pop(now) {
                self.remove_access_token(&key, &mut removed);
            } else if let Some(id) = self.grants_to_look_at.pop(now) {
                self.look_at_grant(id, now, &mut removed);
            } else {
                break;
            }
        }
        removed
    }

    fn remove_access_token(&mut self, key: &CredentialKey, removed: &mut Removed) {
        let Some(Kept(access_token)) = self.credentials.take(key) else {
            return;
        };
        removed.entries += 1;
        removed.records += 1;
        // A revoked grant goes before its access tokens.
        if let Some(family) = self.grants.get_mut(&access_token.grant) {
            family.passing -= 1;
        }
    }

    /// Removes a grant if nothing can come of it any more.
    fn look_at_grant(&mut self, id: GrantId, now: OffsetDateTime, removed: &mut Removed) {
        let Entry::Occupied(family) = self.grants.entry(id) else {
            return;
        };
        let grant = &family.get().grant;
        let ended = grant.expires_at <= now
            || grant.revoked_at.is_some_and(|at| at + REMEMBERED <= now)
            || family.get().waits_in_vain(&self.credentials, now);
        if !ended {
            self.grants_to_look_at.push(id, grant.expires_at);
            return;
        }
        let family = family.remove();
        removed.entries += 1;
        removed.records += 1;
        let mut last = family.last;
        while let Some(Kept(credential)) = last.and_then(|key| self.credentials.take(&key)) {
            removed.records += 1;
            last = credential.before;
        }
        if let Some(subject) = &family.grant.subject {
            self.subjects.remove(subject, &id);
        }
    }
}

impl Member {
    /// Does nothing where it was done before.
    fn spend(&self, at: OffsetDateTime, by: Option<ExchangeId>) {
        self.spent.get_or_init(|| Box::new(Spent { at, by }));
    }
}

impl Family {
    /// Records credentials that are not there yet, and says how many.
    #[expect(
        clippy::mutable_key_type,
        reason = "what is hashed and compared is the credential's key, which never changes"
    )]
    fn add(
        &mut self,
        credentials: &[Credential],
        all: &mut Credentials,
        access_tokens: &mut Expiry<CredentialKey>,
    ) -> usize {
        let mut added = 0;
        for credential in credentials {
            if all.contains(&credential.key) {
                continue;
            }
            let passes = credential.kind == CredentialKind::AccessToken
                && credential.expires_at < self.grant.expires_at;
            let before = if passes {
                self.passing += 1;
                access_tokens.push(credential.key, credential.expires_at);
                None
            } else {
                self.last.replace(credential.key)
            };
            let member = Member {
                key: credential.key,
                grant: self.grant.id,
                before,
                kind: credential.kind,
                expires_at: credential.expires_at.to_utc(),
                spent: OnceCell::new(),
                payload: credential.payload.clone(),
            };
            if let Some(at) = credential.spent_at {
                member.spend(at, credential.spent_by);
            }
            all.insert(Kept(Box::new(member)));
            added += 1;
        }
        added
    }

    /// Whether there never was more than a code, which has expired unspent for a while.
    #[expect(
        clippy::mutable_key_type,
        reason = "what is hashed and compared is the credential's key, which never changes"
    )]
    fn waits_in_vain(&self, all: &Credentials, now: OffsetDateTime) -> bool {
        let last = self.last.and_then(|key| all.get(&key));
        self.passing == 0
            && last.is_some_and(|Kept(only)| {
                only.kind == CredentialKind::AuthorizationCode
                    && only.before.is_none()
                    && only.spent.get().is_none()
                    && OffsetDateTime::from(only.expires_at) + REMEMBERED <= now
            })
    }
}
