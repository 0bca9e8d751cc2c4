//! A grant store that is right but for one defect.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Payload, Spend,
    Target,
};
use oauth_core::{Clock, CredentialKey, CredentialKind, GrantId, StoreError, Subject, SystemClock};
use time::OffsetDateTime;

use crate::{as_user, folded_client, folded_user, pause, without_amr};

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
        let active = tables.grants.get(exchange.grant).is_some_and(|grant| {
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
        if own != exchange.grant && !self.has(Defect::AcceptsOtherGrants) {
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
                grant: *exchange.grant,
                at,
            }),
            None => expired.then_some(Exchanged::Expired),
        }
    }
}

#[async_trait]
impl GrantStore for BrokenGrantStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        _now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (row, rows) = (self.row(grant), self.rows(credentials));
        {
            let mut tables = self.lock();
            if tables.grants.contains_key(&grant.id) && !self.has(Defect::Reopens) {
                return Ok(());
            }
            if self.has(Defect::OpensBeforeAFailedInsert) || self.has(Defect::OpensInTwoSteps) {
                tables.grants.insert(grant.id, row.clone());
            }
            if !self.has(Defect::OpensInTwoSteps) {
                tables.insert(grant.id, &rows, self.has(Defect::Reopens))?;
                tables.grants.insert(grant.id, row);
                return Ok(());
            }
        }
        pause().await;
        self.lock().insert(grant.id, &rows, false)
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let tables = self.lock();
        let Some((id, row)) = tables.credentials.get(&self.key(key)) else {
            return self.absent(None);
        };
        let found = tables.grants.get(id).map(|grant| Found {
            grant: grant.clone(),
            credential: Credential {
                key: *key,
                ..row.clone()
            },
        });
        Ok(found)
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let now = self.now(now);
        let mut tables = self.lock();
        let Some(grant) = tables.grants.get_mut(id) else {
            return Ok(Decided::Unknown);
        };
        let decided = grant.subject.is_some() || grant.revoked_at.is_some();
        if decided && !self.has(Defect::DecidesAgain) {
            return Ok(Decided::AlreadyDecided);
        }
        if self.is_over(grant.expires_at, now) && !self.has(Defect::DecidesLate) {
            return Ok(Decided::Expired);
        }
        match decision {
            Decision::Approve {
                subject,
                expires_at,
                payload,
            } => {
                grant.subject = Some(self.subject(subject));
                if !self.has(Defect::KeepsTheLifetimeOfUndecided) {
                    grant.expires_at = self.moment(expires_at);
                }
                grant.payload = self.payload(payload);
            }
            Decision::Deny if self.has(Defect::RefusesWithoutRevoking) => {}
            Decision::Deny => grant.revoked_at = Some(now),
        }
        Ok(Decided::Done)
    }

    async fn exchange(&self, asked: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let key = self.key(asked.spend.key());
        let exchange = Exchange {
            spend: match asked.spend {
                Spend::Nothing { .. } if !self.has(Defect::SpendsWhenToldNotTo) => Spend::Nothing {
                    while_unspent: &key,
                },
                _ => Spend::Once(&key),
            },
            now: self.moment(self.now(asked.now)),
            ..asked
        };
        let spends = matches!(exchange.spend, Spend::Once(_));
        let (grant, successors) = (*exchange.grant, self.rows(exchange.successors));
        if self.has(Defect::ChecksThenActs) || self.has(Defect::RevokesWithoutLock) {
            let refusal = match self.defect {
                Defect::ChecksThenActs => self.refusal(&self.lock(), &exchange),
                _ => self.refusal_by_grant(&self.lock(), &exchange),
            };
            if let Some(refusal) = refusal {
                return Ok(refusal);
            }
            pause().await;
        }
        {
            let mut tables = self.lock();
            let refusal = match self.defect {
                Defect::ChecksThenActs => None,
                Defect::RevokesWithoutLock => self.refusal_by_credential(&tables, &exchange),
                _ => self.refusal(&tables, &exchange),
            };
            if let Some(refusal) = refusal {
                return Ok(refusal);
            }
            let first = match self.defect {
                Defect::SpendsBeforeAFailedInsert | Defect::SpendsAndInsertsInTwoSteps => spends,
                _ => false,
            };
            if first {
                tables.spend(&exchange, true);
            }
            if !self.has(Defect::SpendsWithoutInsert)
                && !self.has(Defect::SpendsAndInsertsInTwoSteps)
            {
                tables.insert(grant, &successors, self.has(Defect::OverwritesSuccessors))?;
            }
            let later = match self.defect {
                Defect::InsertsWithoutSpending | Defect::InsertsAndSpendsInTwoSteps => false,
                _ => spends,
            };
            if later {
                tables.spend(&exchange, !self.has(Defect::ForgetsWhoSpent));
            }
        }
        match self.defect {
            Defect::SpendsAndInsertsInTwoSteps => {
                pause().await;
                self.lock().insert(grant, &successors, false)?;
            }
            Defect::InsertsAndSpendsInTwoSteps if spends => {
                pause().await;
                self.lock().spend(&exchange, true);
            }
            _ => {}
        }
        Ok(Exchanged::Done)
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        let now = self.moment(self.now(now));
        if let (Target::Grant(id), Defect::RevokesByReplacing) = (target, self.defect) {
            let row = self.lock().grants.remove(id);
            pause().await;
            if let Some(mut grant) = row {
                grant.revoked_at.get_or_insert(now);
                self.lock().grants.insert(*id, grant);
            }
            return Ok(());
        }
        if let (Target::Credential(key), Defect::RevokesCredentialsInTwoSteps) =
            (target, self.defect)
        {
            let row = self.lock().credentials.get(key).cloned();
            pause().await;
            if let Some((grant, mut credential)) = row {
                credential.spent_at.get_or_insert(now);
                self.lock().credentials.insert(*key, (grant, credential));
            }
            return Ok(());
        }
        let mut tables = self.lock();
        if let (Target::Grant(id), Defect::RemovesWhatItRevokes) = (target, self.defect) {
            tables.grants.remove(id);
            return Ok(());
        }
        let ended = match target {
            Target::Grant(id) => tables.grants.get_mut(id).map(|grant| &mut grant.revoked_at),
            Target::Credential(_) if self.has(Defect::RevokesNothingOfACredential) => None,
            Target::Credential(key) => {
                let row = tables.credentials.get_mut(&self.key(key));
                row.map(|(_, credential)| &mut credential.spent_at)
            }
        };
        match ended {
            Some(moment) if self.has(Defect::RevokesAgain) => *moment = Some(now),
            Some(moment) => _ = moment.get_or_insert(now),
            None => return self.absent(()),
        }
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let now = self.now(now);
        let mut tables = self.lock();
        let goes = |grant: &Grant| match self.defect {
            Defect::PurgesEverything => limit > 0,
            Defect::ForgetsRevokedGrants => grant.revoked_at.is_some() || grant.expires_at <= now,
            _ => grant.expires_at <= now,
        };
        let limit = match self.defect {
            Defect::PurgesWithoutLimit => usize::MAX,
            _ => limit,
        };
        let ended = tables.grants.values().filter(|grant| goes(grant));
        let ended: Vec<GrantId> = ended.map(|grant| grant.id).take(limit).collect();
        tables.grants.retain(|id, _| !ended.contains(id));
        let forgets = self.has(Defect::ForgetsSpentRows);
        tables.credentials.retain(|_, (grant, credential)| {
            let old =
                credential.expires_at <= now && credential.kind != CredentialKind::AccessToken;
            !ended.contains(grant) && !(forgets && old && credential.spent_at.is_some())
        });
        if self.has(Defect::SaysTheLimit) {
            return Ok(limit);
        }
        Ok(ended.len())
    }
}
