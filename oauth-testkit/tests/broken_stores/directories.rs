//! Grant directories, each with one defect.

use std::sync::Mutex;

use async_trait::async_trait;
use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantDirectory, GrantStore,
    Target,
};
use oauth_core::{Clock, CredentialKey, GrantId, StoreError, Subject, SystemClock};
use oauth_testkit::Backend;
use time::OffsetDateTime;

use crate::{folded_user, without_amr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    ListsRevokedGrants,
    ListsExpiredGrants,
    ExpiresEarly,
    ListsEverybodys,
    ConfusesUserAndClient,
    FoldsCase,
    DropsAField,
    ForgetsTheDecided,
    ListsADozen,
    ListsTwice,
    TakesTheTimeFromTheMachine,
}

/// An index beside a store that is right.
struct BrokenDirectory {
    grants: MemoryGrantStore,
    index: Mutex<Vec<Grant>>,
    defect: Defect,
}

impl BrokenDirectory {
    fn with(defect: Defect) -> Self {
        Self {
            grants: MemoryGrantStore::default(),
            index: Mutex::default(),
            defect,
        }
    }

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
            Defect::ExpiresEarly => active && grant.expires_at > now + oauth_testkit::sample::TICK,
            Defect::TakesTheTimeFromTheMachine => grant.is_active(SystemClock.now()),
            _ => active,
        }
    }
}

#[async_trait]
impl GrantDirectory for BrokenDirectory {
    async fn list(&self, subject: &Subject, now: OffsetDateTime) -> Result<Vec<Grant>, StoreError> {
        let index = self.index.lock().unwrap();
        let own = index.iter().filter(|grant| self.is_of(grant, subject));
        let mut listed: Vec<Grant> = own
            .filter(|grant| self.is_listed(grant, now))
            .cloned()
            .collect();
        match self.defect {
            Defect::ListsADozen => listed.truncate(12),
            Defect::DropsAField => {
                for grant in &mut listed {
                    grant.payload = without_amr(&grant.payload);
                }
            }
            _ => {}
        }
        Ok(listed)
    }
}

#[async_trait]
impl GrantStore for BrokenDirectory {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        {
            let mut index = self.index.lock().unwrap();
            let is_there = index.iter().any(|other| other.id == grant.id);
            if !is_there || self.defect == Defect::ListsTwice {
                index.push(grant.clone());
            }
        }
        self.grants.open(grant, credentials, now).await
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        self.grants.find(key).await
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision<'_>,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        if self.defect != Defect::ForgetsTheDecided {
            let mut index = self.index.lock().unwrap();
            for grant in index.iter_mut().filter(|grant| grant.id == *id) {
                match decision {
                    Decision::Approve {
                        subject,
                        expires_at,
                        payload,
                    } => {
                        grant.subject = Some(subject.clone());
                        grant.expires_at = expires_at;
                        grant.payload = payload.clone();
                    }
                    Decision::Deny => grant.revoked_at = Some(now),
                }
            }
        }
        self.grants.decide(id, decision, now).await
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        self.grants.exchange(exchange).await
    }

    async fn revoke(&self, target: Target<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        if let Target::Grant(id) = target {
            let mut index = self.index.lock().unwrap();
            for grant in index.iter_mut().filter(|grant| grant.id == *id) {
                grant.revoked_at.get_or_insert(now);
            }
        }
        self.grants.revoke(target, now).await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.grants.purge(now, limit).await
    }
}

fn failed(defect: Defect) -> Vec<&'static str> {
    oauth_testkit::grant_directory_contract!(@each [crate::failures] {
        Backend::new(move || async move { BrokenDirectory::with(defect) })
    })
}

fn clauses() -> Vec<&'static str> {
    oauth_testkit::grant_directory_contract!(@each [crate::names] {})
}

crate::broken_stores! { Defect,
    ListsRevokedGrants => lists_revoked_grants: [
        lists_no_revoked_grant,
    ];
    ListsExpiredGrants => lists_expired_grants: [
        lists_no_expired_grant,
    ];
    ExpiresEarly => is_early_by_a_microsecond: [
        lists_no_expired_grant,
    ];
    ListsEverybodys => lists_everybodys: [
        lists_nothing_for_nobody,
        lists_all_grants_of_the_subject_and_no_others,
    ];
    ConfusesUserAndClient => confuses_user_and_client: [
        lists_a_user_and_a_client_of_one_name_apart,
    ];
    FoldsCase => folds_case: [
        tells_hostile_subjects_apart,
    ];
    DropsAField => drops_a_field_of_a_payload: [
        lists_grants_as_they_are,
    ];
    ForgetsTheDecided => forgets_the_decided: [
        lists_a_grant_once_it_is_approved,
    ];
    ListsADozen => lists_a_dozen: [
        lists_all_grants_of_the_subject_and_no_others,
    ];
    ListsTwice => lists_twice: [
        lists_a_grant_once_however_often_it_was_opened,
    ];
    TakesTheTimeFromTheMachine => takes_the_time_from_the_machine: [
        lists_grants_as_they_are,
        lists_no_expired_grant,
    ];
}
