//! The verbs of the store, each with the defects that it can have.

use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Spend, Target,
};
use oauth_core::{CredentialKey, CredentialKind, GrantId, StoreError};
use time::OffsetDateTime;

use super::{BrokenGrantStore, Defect};
use crate::pause;

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
        decision: Decision,
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
                grant.subject = Some(self.subject(&subject));
                if !self.has(Defect::KeepsTheLifetimeOfUndecided) {
                    grant.expires_at = self.moment(expires_at);
                }
                grant.payload = self.payload(&payload);
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
                Spend::Nothing { .. } if !self.has(Defect::SpendsWhenToldNotTo) => {
                    Spend::Nothing { while_unspent: key }
                }
                _ => Spend::Once(key),
            },
            now: self.moment(self.now(asked.now)),
            ..asked
        };
        let spends = matches!(exchange.spend, Spend::Once(_));
        let (grant, successors) = (exchange.grant, self.rows(&exchange.successors));
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

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        let now = self.moment(self.now(now));
        if let (Target::Grant(id), Defect::RevokesByReplacing) = (target, self.defect) {
            let row = self.lock().grants.remove(&id);
            pause().await;
            if let Some(mut grant) = row {
                grant.revoked_at.get_or_insert(now);
                self.lock().grants.insert(id, grant);
            }
            return Ok(());
        }
        if let (Target::Credential(key), Defect::RevokesCredentialsInTwoSteps) =
            (target, self.defect)
        {
            let row = self.lock().credentials.get(&key).cloned();
            pause().await;
            if let Some((grant, mut credential)) = row {
                credential.spent_at.get_or_insert(now);
                self.lock().credentials.insert(key, (grant, credential));
            }
            return Ok(());
        }
        let mut tables = self.lock();
        if let (Target::Grant(id), Defect::RemovesWhatItRevokes) = (target, self.defect) {
            tables.grants.remove(&id);
            return Ok(());
        }
        let ended = match target {
            Target::Grant(id) => tables
                .grants
                .get_mut(&id)
                .map(|grant| &mut grant.revoked_at),
            Target::Credential(_) if self.has(Defect::RevokesNothingOfACredential) => None,
            Target::Credential(key) => {
                let row = tables.credentials.get_mut(&self.key(&key));
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
            let forgotten = forgets && old && credential.spent_at.is_some();
            !ended.contains(grant) && !forgotten
        });
        if self.has(Defect::SaysTheLimit) {
            return Ok(limit);
        }
        Ok(ended.len())
    }
}
