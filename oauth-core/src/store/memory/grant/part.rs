//! One part of the grants in memory. Nothing in here waits.

use time::{Duration, OffsetDateTime};

use super::super::expiry::Expiry;
use super::super::records::{Place, Records};
use super::super::subjects::{Neighbours, Subjects};
use super::family::{Family, Member};
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, ListedGrant, Spend,
};
use crate::subject::Subject;

/// What ended early can be looked up so much longer, for whoever asks what became of it.
const REMEMBERED: Duration = Duration::minutes(10);

#[derive(Debug, Default)]
pub(super) struct Part {
    grants: Records<Family>,
    credentials: Records<Member>,
    /// The grants of each subject in this part.
    subjects: Subjects,
    /// Access tokens that go before their grant does.
    access_tokens: Expiry<Place>,
    grants_to_look_at: Expiry<Place>,
    /// So many records it may add before it takes more room from the store.
    pub(super) room: usize,
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

    #[cfg(test)]
    pub(super) fn records(&self) -> usize {
        self.grants.len() + self.credentials.len()
    }

    #[cfg(test)]
    pub(super) fn looks(&self) -> usize {
        self.grants_to_look_at.len()
    }

    pub(super) fn has_grant(&self, id: &GrantId) -> bool {
        self.grants.find(id).is_some()
    }

    /// The grants of a subject, whatever their state.
    pub(super) fn of(&self, subject: &Subject) -> Vec<ListedGrant> {
        let families = self.subjects.of(subject, &self.grants);
        let listed = families.map(|(_, family)| ListedGrant {
            grant: family.grant.clone(),
            last_exchange_at: family.last_exchange_at.map(OffsetDateTime::from),
        });
        listed.collect()
    }

    /// How many slots for grants there are, used or not. They never become fewer.
    pub(super) fn slots(&self) -> usize {
        self.grants.slots()
    }

    /// Adds the grants in at most `limit` slots from this one on, and says how many slots that were, and
    /// whether no other comes after them.
    pub(super) fn some(&self, slot: usize, limit: usize, grants: &mut Vec<Grant>) -> (usize, bool) {
        let mut seen = 0;
        for family in self.grants.from(slot).take(limit) {
            seen += 1;
            grants.extend(family.map(|family| family.grant.clone()));
        }
        (
            seen,
            self.grants.from(slot.saturating_add(seen)).next().is_none(),
        )
    }

    /// Records a grant that is not there yet, and says how many records were added.
    pub(super) fn open(&mut self, grant: &Grant, credentials: &[Credential]) -> usize {
        // A grant whose code nobody comes for need not stay as long as it lives.
        let code = credentials
            .iter()
            .find(|credential| credential.kind == CredentialKind::AuthorizationCode);
        let first_look = code.map_or(grant.expires_at, |code| {
            grant.expires_at.min(code.expires_at + REMEMBERED)
        });
        let place = self.grants.insert(Family {
            grant: grant.clone(),
            last: None,
            passing: 0,
            last_exchange_at: None,
            neighbours: Neighbours::default(),
        });
        self.grants_to_look_at.push(place, first_look);
        self.subjects.add(place, &mut self.grants);
        1 + self.add(place, credentials)
    }

    pub(super) fn find(&self, key: &CredentialKey) -> Option<Found> {
        let (_, member) = self.credentials.find(key)?;
        Some(Found {
            grant: self.grants.get(member.grant)?.grant.clone(),
            credential: member.credential(),
        })
    }

    pub(super) fn decide(
        &mut self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Decided {
        let Some((place, _)) = self.grants.find(id) else {
            return Decided::Unknown;
        };
        let mut family = self.grants.get_mut(place);
        let grant = family.as_mut().map(|family| &mut family.grant);
        let decided = decision.apply_to(grant, now);
        if let (Decided::Done, Some(Family { grant, .. })) = (decided, family) {
            let look = grant
                .revoked_at
                .map_or(grant.expires_at, |at| at + REMEMBERED);
            self.grants_to_look_at.push(place, look);
            self.subjects.add(place, &mut self.grants);
        }
        decided
    }

    /// Spends and records, and says how many records were added. `None` when there is no room.
    pub(super) fn exchange(
        &mut self,
        exchange: &Exchange<'_>,
        has_room: bool,
    ) -> Option<(Exchanged, usize)> {
        let now = exchange.now;
        let place = match self.grants.find(&exchange.grant) {
            Some((place, family)) if family.grant.is_active(now) => place,
            _ => return Some((Exchanged::Inactive, 0)),
        };
        let (key, credential) = match self.credentials.find(exchange.spend.key()) {
            Some((key, credential)) if credential.grant == place => (key, credential),
            _ => return Some((Exchanged::Unknown, 0)),
        };
        let spent = credential.spent().map(|spent| (spent.at, spent.by));
        if let Some(exchanged) = exchange.settled_by(spent, credential.expires_at.into()) {
            return Some((exchanged, 0));
        }
        if !has_room {
            return None;
        }
        if let Spend::Once(_) = exchange.spend
            && let Some(credential) = self.credentials.get_mut(key)
        {
            credential.spend(now, Some(exchange.id));
            if let Some(family) = self.grants.get_mut(place) {
                family.last_exchange_at = family.last_exchange_at.max(Some(now.to_utc()));
            }
        }
        Some((Exchanged::Done, self.add(place, &exchange.successors)))
    }

    /// Records credentials that are not there yet, and says how many.
    fn add(&mut self, place: Place, credentials: &[Credential]) -> usize {
        let Some(family) = self.grants.get_mut(place) else {
            return 0;
        };
        let mut added = 0;
        for credential in credentials {
            if self.credentials.find(&credential.key).is_some() {
                continue;
            }
            let passes = credential.kind == CredentialKind::AccessToken
                && credential.expires_at < family.grant.expires_at;
            let before = family.last.filter(|_| !passes);
            let member = self
                .credentials
                .insert(Member::new(credential, place, before));
            if passes {
                family.passing += 1;
                self.access_tokens.push(member, credential.expires_at);
            } else {
                family.last = Some(member);
            }
            added += 1;
        }
        added
    }

    pub(super) fn revoke_grant(&mut self, id: &GrantId, now: OffsetDateTime) {
        let place = self.grants.find(id).map(|(place, _)| place);
        if let Some(place) = place
            && let Some(family) = self.grants.get_mut(place)
            && family.grant.revoked_at.is_none()
        {
            family.grant.revoked_at = Some(now);
            self.grants_to_look_at.push(place, now + REMEMBERED);
        }
    }

    pub(super) fn revoke_credential(&mut self, key: &CredentialKey, now: OffsetDateTime) {
        let place = self.credentials.find(key).map(|(place, _)| place);
        if let Some(credential) = place.and_then(|place| self.credentials.get_mut(place)) {
            credential.spend(now, None);
        }
    }

    /// Removes what can never count again, looking at `limit` things at most.
    pub(super) fn purge(&mut self, now: OffsetDateTime, limit: usize) -> Removed {
        let mut removed = Removed::default();
        let due = std::iter::from_fn(|| self.access_tokens.pop(now));
        self.credentials
            .remove_all(due.take(limit), |access_token| {
                removed.entries += 1;
                removed.records += 1;
                // A revoked grant goes before its access tokens.
                if let Some(family) = self.grants.get_mut(access_token.grant) {
                    family.passing -= 1;
                }
            });
        // Nobody else removes them, so each that was due has counted.
        for _ in removed.entries..limit {
            let Some(place) = self.grants_to_look_at.pop(now) else {
                break;
            };
            self.look_at_grant(place, now, &mut removed);
        }
        removed
    }

    /// Removes a grant if nothing can come of it any more.
    fn look_at_grant(&mut self, place: Place, now: OffsetDateTime, removed: &mut Removed) {
        let Some(family) = self.grants.get(place) else {
            return;
        };
        let grant = &family.grant;
        let ended = grant.expires_at <= now
            || grant.revoked_at.is_some_and(|at| at + REMEMBERED <= now)
            || self.waits_in_vain(family, now);
        if !ended {
            self.grants_to_look_at.push(place, grant.expires_at);
            return;
        }
        self.subjects.remove(place, &mut self.grants);
        let Some(family) = self.grants.remove(place) else {
            return;
        };
        removed.entries += 1;
        removed.records += 1;
        let mut last = family.last;
        while let Some(credential) = last.and_then(|place| self.credentials.remove(place)) {
            removed.records += 1;
            last = credential.before;
        }
    }

    /// Whether there never was more than a code, which has expired unspent for a while.
    fn waits_in_vain(&self, family: &Family, now: OffsetDateTime) -> bool {
        let last = family.last.and_then(|place| self.credentials.get(place));
        family.passing == 0
            && last.is_some_and(|only| {
                only.kind == CredentialKind::AuthorizationCode
                    && only.before.is_none()
                    && only.spent().is_none()
                    && OffsetDateTime::from(only.expires_at) + REMEMBERED <= now
            })
    }
}
