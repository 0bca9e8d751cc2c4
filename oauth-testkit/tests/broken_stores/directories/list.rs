//! What is wrong with lists.

use oauth_core::store::{Grant, ListedGrant, Payload};
use oauth_core::{Clock, GrantId, StoreError, Subject, SystemClock};
use oauth_testkit::sample;
use time::OffsetDateTime;

use super::{BrokenDirectory, Defect};
use crate::{folded_user, without_amr};

/// Whether a store that reads with `decode` cannot read it.
pub(super) fn is_unreadable(grant: &Grant) -> bool {
    Payload::decode(&grant.payload.encode()).is_err()
}

impl BrokenDirectory {
    fn is_of(&self, grant: &Grant, subject: &Subject) -> bool {
        let Some(own) = &grant.subject else {
            return false;
        };
        match (self.defect, own, subject) {
            (Defect::ListsEverybodys, ..) => true,
            (Defect::ConfusesUserAndClient, ..) => own.id() == subject.id(),
            (Defect::FoldsCase, Subject::User(own), Subject::User(user)) => {
                folded_user(own) == folded_user(user)
            }
            _ => own == subject,
        }
    }

    fn is_listed(&self, grant: &Grant, now: OffsetDateTime) -> bool {
        let active = grant.is_active(now);
        match self.defect {
            Defect::ListsRevokedGrants => active || grant.revoked_at.is_some(),
            Defect::ListsExpiredGrants => grant.revoked_at.is_none(),
            Defect::ExpiresEarly => active && grant.expires_at > now + sample::TICK,
            Defect::TakesTheTimeFromTheMachine => grant.is_active(SystemClock.now()),
            _ => active,
        }
    }
    fn last_exchange_at(&self, grant: &GrantId) -> Option<OffsetDateTime> {
        let exchanges = self.exchanges.lock().unwrap();
        let mut own = exchanges
            .iter()
            .filter(|(of, _)| of == grant || self.defect == Defect::ConfusesExchanges)
            .map(|(_, at)| *at);
        match self.defect {
            Defect::ForgetsExchanges => None,
            Defect::TellsTheFirstExchange => own.next(),
            Defect::TellsTheLastThatCame => own.last(),
            Defect::TellsExchangesInSeconds => own.max().map(OffsetDateTime::truncate_to_second),
            _ => own.max(),
        }
    }

    pub(super) fn listed(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let index = self.index.lock().unwrap();
        let own = index.iter().filter(|grant| self.is_of(grant, subject));
        let listed = own.filter(|grant| self.is_listed(grant, now));
        let mut listed: Vec<ListedGrant> = listed
            .map(|grant| ListedGrant {
                grant: grant.clone(),
                last_exchange_at: self.last_exchange_at(&grant.id),
            })
            .collect();
        let cannot_read = |listed: &ListedGrant| is_unreadable(&listed.grant);
        match self.defect {
            Defect::ListsADozen => listed.truncate(12),
            Defect::LeavesOutWhatItCannotRead => listed.retain(|listed| !cannot_read(listed)),
            Defect::FailsForOneItCannotRead if listed.iter().any(cannot_read) => {
                return Err(StoreError::permanent("a payload of a later version"));
            }
            Defect::DropsAField => {
                for ListedGrant { grant, .. } in &mut listed {
                    grant.payload = without_amr(&grant.payload);
                }
            }
            _ => {}
        }
        Ok(listed)
    }
}
