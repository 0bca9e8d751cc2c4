//! A grant store that is right but for one defect.

mod verbs;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use oauth_core::store::{Credential, Exchange, Exchanged, Grant, Payload, Spend};
use oauth_core::{Clock, CredentialKey, GrantId, StoreError, Subject, SystemClock};
use time::OffsetDateTime;

use crate::{as_user, folded_client, folded_user, without_amr};

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    None,
    /// Reads the credential, and some time later writes what it made of it.
    ChecksThenActs,
    /// Looks at the grant, and some time later spends, without a lock on the grant in between.
    RevokesWithoutLock,
    SpendsWithoutInsert,
    InsertsWithoutSpending,
    SpendsAndInsertsInTwoSteps,
    InsertsAndSpendsInTwoSteps,
    SpendsBeforeAFailedInsert,
    OpensInTwoSteps,
    OpensBeforeAFailedInsert,
    ForgetsSpentRows,
    ForgetsRevokedGrants,
    IgnoresExpiry,
    IgnoresExpiryOfGrants,
    ExpiresLate,
    DropsAField,
    Truncates,
    ConfusesUserAndClient,
    TakesTheTimeFromTheMachine,
    KeepsMilliseconds,
    ForgetsWhoSpent,
    OverwritesSuccessors,
    Reopens,
    LooksAtTheCredentialFirst,
    LooksAtExpiryFirst,
    AcceptsOtherGrants,
    AcceptsUndecidedGrants,
    SpendsWhenToldNotTo,
    AddsToSpentCredentials,
    DecidesAgain,
    DecidesLate,
    KeepsTheLifetimeOfUndecided,
    RevokesAgain,
    RevokesNothingOfACredential,
    PurgesWithoutLimit,
    PurgesEverything,
    FoldsCase,
    IgnoresShards,
    /// What one connection writes, no other sees.
    KeepsToItself,
    TreatsAbsenceAsAnError,
    /// Takes an exchange that carries a moment before the revocation for one that came before it.
    RevokesFromAMoment,
    RevokesByReplacing,
    /// Reads whether a credential is spent, and some time later writes that it is revoked.
    RevokesCredentialsInTwoSteps,
    RemovesWhatItRevokes,
    RefusesWithoutRevoking,
    SaysTheLimit,
}

#[derive(Default)]
struct Tables {
    grants: HashMap<GrantId, Grant>,
    credentials: HashMap<CredentialKey, (GrantId, Credential)>,
    full: bool,
}

pub(super) struct BrokenGrantStore {
    tables: Mutex<Tables>,
    defect: Defect,
}

impl Tables {
    fn insert(
        &mut self,
        grant: GrantId,
        credentials: &[Credential],
        replaces: bool,
    ) -> Result<(), StoreError> {
        if self.full && !credentials.is_empty() {
            return Err(StoreError::transient("the disk is full"));
        }
        for credential in credentials {
            let row = (grant, credential.clone());
            if replaces {
                self.credentials.insert(credential.key, row);
            } else {
                self.credentials.entry(credential.key).or_insert(row);
            }
        }
        Ok(())
    }

    fn spend(&mut self, exchange: &Exchange<'_>, by: bool) {
        if let Some((_, credential)) = self.credentials.get_mut(exchange.spend.key()) {
            credential.spent_at = Some(exchange.now);
            credential.spent_by = by.then_some(exchange.id);
        }
    }
}

impl BrokenGrantStore {
    pub(super) fn with(defect: Defect) -> Self {
        Self {
            tables: Mutex::default(),
            defect,
        }
    }

    /// From now on no credential can be recorded.
    pub(super) fn fill(&self) {
        self.lock().full = true;
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }

    fn now(&self, passed: OffsetDateTime) -> OffsetDateTime {
        if self.has(Defect::TakesTheTimeFromTheMachine) {
            SystemClock.now()
        } else {
            passed
        }
    }

    fn key(&self, key: &CredentialKey) -> CredentialKey {
        let shard = if self.has(Defect::IgnoresShards) {
            0
        } else {
            key.shard()
        };
        CredentialKey::new(shard, *key.digest())
    }

    fn is_over(&self, expires_at: OffsetDateTime, now: OffsetDateTime) -> bool {
        if self.has(Defect::ExpiresLate) {
            expires_at < now
        } else {
            expires_at <= now
        }
    }

    fn payload(&self, payload: &Payload) -> Payload {
        match self.defect {
            Defect::DropsAField => without_amr(payload),
            Defect::Truncates if payload.encode().len() > 4_096 => without_amr(payload),
            _ => payload.clone(),
        }
    }

    fn moment(&self, moment: OffsetDateTime) -> OffsetDateTime {
        if self.has(Defect::KeepsMilliseconds) {
            let whole = moment.nanosecond() / 1_000_000 * 1_000_000;
            moment.replace_nanosecond(whole).unwrap()
        } else {
            moment
        }
    }

    fn subject(&self, subject: &Subject) -> Subject {
        match subject {
            Subject::User(user) if self.has(Defect::FoldsCase) => Subject::User(folded_user(user)),
            other if self.has(Defect::ConfusesUserAndClient) => as_user(other),
            other => other.clone(),
        }
    }

    fn row(&self, grant: &Grant) -> Grant {
        Grant {
            client_id: if self.has(Defect::FoldsCase) {
                folded_client(&grant.client_id)
            } else {
                grant.client_id.clone()
            },
            subject: grant.subject.as_ref().map(|subject| self.subject(subject)),
            expires_at: self.moment(grant.expires_at),
            payload: self.payload(&grant.payload),
            ..grant.clone()
        }
    }

    fn rows(&self, credentials: &[Credential]) -> Vec<Credential> {
        let row = |credential: &Credential| Credential {
            key: self.key(&credential.key),
            expires_at: self.moment(credential.expires_at),
            payload: self.payload(&credential.payload),
            ..credential.clone()
        };
        credentials.iter().map(row).collect()
    }

    fn is_revoked(&self, grant: &Grant, now: OffsetDateTime) -> bool {
        let from = |moment| moment <= now || !self.has(Defect::RevokesFromAMoment);
        grant.revoked_at.is_some_and(from)
    }

    fn absent<T>(&self, otherwise: T) -> Result<T, StoreError> {
        if self.has(Defect::TreatsAbsenceAsAnError) {
            Err(StoreError::permanent("no such row"))
        } else {
            Ok(otherwise)
        }
    }

    /// What stands in the way of an exchange.
    fn refusal(&self, tables: &Tables, exchange: &Exchange<'_>) -> Option<Exchanged> {
        let of_grant = self.refusal_by_grant(tables, exchange);
        let of_credential = || self.refusal_by_credential(tables, exchange);
        if self.has(Defect::LooksAtTheCredentialFirst) {
            of_credential().or(of_grant)
        } else {
            of_grant.or_else(of_credential)
        }
    }

    fn refusal_by_grant(&self, tables: &Tables, exchange: &Exchange<'_>) -> Option<Exchanged> {
        let active = tables.grants.get(&exchange.grant).is_some_and(|grant| {
            let over = self.is_over(grant.expires_at, exchange.now);
            (grant.subject.is_some() || self.has(Defect::AcceptsUndecidedGrants))
                && !self.is_revoked(grant, exchange.now)
                && (!over || self.has(Defect::IgnoresExpiryOfGrants))
        });
        (!active).then_some(Exchanged::Inactive)
    }

    fn refusal_by_credential(&self, tables: &Tables, exchange: &Exchange<'_>) -> Option<Exchanged> {
        let Some((own, credential)) = tables.credentials.get(exchange.spend.key()) else {
            return Some(Exchanged::Unknown);
        };
        if *own != exchange.grant && !self.has(Defect::AcceptsOtherGrants) {
            return Some(Exchanged::Unknown);
        }
        let expired =
            self.is_over(credential.expires_at, exchange.now) && !self.has(Defect::IgnoresExpiry);
        if expired && self.has(Defect::LooksAtExpiryFirst) {
            return Some(Exchanged::Expired);
        }
        let adds = matches!(exchange.spend, Spend::Nothing { .. });
        match credential.spent_at {
            Some(_) if adds && self.has(Defect::AddsToSpentCredentials) => None,
            Some(_) if credential.spent_by == Some(exchange.id) => Some(Exchanged::Done),
            Some(at) => Some(Exchanged::Spent {
                grant: exchange.grant,
                at,
            }),
            None => expired.then_some(Exchanged::Expired),
        }
    }
}
