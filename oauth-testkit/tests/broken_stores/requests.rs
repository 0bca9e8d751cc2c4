//! Request stores, each with one defect.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{Clock, CredentialKey, StoreError, Subject, SystemClock};
use oauth_testkit::Backend;
use time::OffsetDateTime;

use crate::{as_user, folded_user, pause};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    /// Reads, and some time later removes.
    GivesATicketTwice,
    TakesWithGet,
    NeverRemoves,
    IgnoresExpiry,
    ExpiresLate,
    TakesTheTimeFromTheMachine,
    KeepsMilliseconds,
    ConfusesUserAndClient,
    FoldsCase,
    IgnoresShards,
    KeepsOneForAnOwner,
    KeepsAHundred,
    PurgesEverything,
    PurgesWithoutLimit,
    CountsWhatWasTaken,
    /// What one connection writes, no other sees.
    KeepsToItself,
}

struct BrokenRequestStore {
    rows: Mutex<HashMap<CredentialKey, ParkedRequest>>,
    /// How many were taken.
    taken: Mutex<usize>,
    defect: Defect,
}

impl BrokenRequestStore {
    fn with(defect: Defect) -> Self {
        Self {
            rows: Mutex::default(),
            taken: Mutex::default(),
            defect,
        }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CredentialKey, ParkedRequest>> {
        self.rows.lock().unwrap()
    }

    fn key(&self, key: &CredentialKey) -> CredentialKey {
        let shard = if self.has(Defect::IgnoresShards) {
            0
        } else {
            key.shard()
        };
        CredentialKey::new(shard, *key.digest())
    }

    fn counts(&self, request: &ParkedRequest, now: OffsetDateTime) -> bool {
        match self.defect {
            Defect::IgnoresExpiry => true,
            Defect::ExpiresLate => request.expires_at >= now,
            Defect::TakesTheTimeFromTheMachine => request.expires_at > SystemClock.now(),
            _ => request.expires_at > now,
        }
    }
}

#[async_trait]
impl RequestStore for BrokenRequestStore {
    async fn put(&self, request: &ParkedRequest, _now: OffsetDateTime) -> Result<(), StoreError> {
        let mut row = request.clone();
        match (self.defect, &request.owner) {
            (Defect::ConfusesUserAndClient, owner) => row.owner = as_user(owner),
            (Defect::FoldsCase, Subject::User(user)) => {
                row.owner = Subject::User(folded_user(user))
            }
            (Defect::KeepsMilliseconds, _) => {
                let whole = request.expires_at.nanosecond() / 1_000_000 * 1_000_000;
                row.expires_at = request.expires_at.replace_nanosecond(whole).unwrap();
            }
            _ => {}
        }
        let mut rows = self.lock();
        if self.has(Defect::KeepsOneForAnOwner) {
            rows.retain(|_, other| other.owner != row.owner);
        }
        if self.has(Defect::KeepsAHundred) && rows.len() >= 100 {
            rows.clear();
        }
        rows.insert(self.key(&request.key), row);
        Ok(())
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        if self.has(Defect::TakesWithGet) {
            return self.take(key, now).await;
        }
        let row = self.lock().get(&self.key(key)).cloned();
        Ok(row
            .filter(|request| self.counts(request, now))
            .map(|request| ParkedRequest {
                key: *key,
                ..request
            }))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let taken = {
            let mut rows = self.lock();
            match self.defect {
                Defect::GivesATicketTwice | Defect::NeverRemoves => {
                    rows.get(&self.key(key)).cloned()
                }
                _ => rows.remove(&self.key(key)),
            }
        };
        let taken = taken.filter(|request| self.counts(request, now));
        if self.has(Defect::GivesATicketTwice) {
            pause().await;
            self.lock().remove(key);
        }
        *self.taken.lock().unwrap() += usize::from(taken.is_some());
        Ok(taken.map(|request| ParkedRequest {
            key: *key,
            ..request
        }))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut rows = self.lock();
        let limit = match self.defect {
            Defect::PurgesWithoutLimit => usize::MAX,
            _ => limit,
        };
        let ended: Vec<CredentialKey> = rows
            .iter()
            .filter(|(_, row)| row.expires_at <= now || self.has(Defect::PurgesEverything))
            .map(|(key, _)| *key)
            .take(limit)
            .collect();
        rows.retain(|key, _| !ended.contains(key));
        let counted = match self.defect {
            Defect::CountsWhatWasTaken => std::mem::take(&mut *self.taken.lock().unwrap()),
            _ => 0,
        };
        Ok(ended.len() + counted)
    }
}

fn failed(defect: Defect) -> Vec<&'static str> {
    let backend = || {
        let backend = Backend::new(move || async move { BrokenRequestStore::with(defect) });
        match defect {
            Defect::KeepsToItself => backend.second_connection(async |_: &BrokenRequestStore| {
                BrokenRequestStore::with(Defect::None)
            }),
            _ => backend,
        }
    };
    oauth_testkit::request_store_contract!(@each [crate::failures] { backend() })
}

fn clauses() -> Vec<&'static str> {
    oauth_testkit::request_store_contract!(@each [crate::names] {})
}

crate::broken_stores! { Defect,
    GivesATicketTwice => gives_a_ticket_twice: [
        of_any_number_that_take_at_once_one_gets_it,
    ];
    TakesWithGet => takes_with_get: [
        gives_a_request_back_until_it_is_taken,
    ];
    NeverRemoves => never_removes: [
        gives_a_request_back_until_it_is_taken,
        of_any_number_that_take_at_once_one_gets_it,
        a_take_that_is_dropped_gives_it_to_nobody_twice,
        purge_does_not_count_what_was_taken,
    ];
    IgnoresExpiry => ignores_expiry: [
        a_request_is_absent_from_its_end_on,
        the_time_of_requests_is_the_callers,
    ];
    ExpiresLate => is_late_by_a_microsecond: [
        a_request_is_absent_from_its_end_on,
    ];
    TakesTheTimeFromTheMachine => takes_the_time_from_the_machine: [
        the_time_of_requests_is_the_callers,
    ];
    KeepsMilliseconds => keeps_milliseconds: [
        payload_and_end_are_kept,
    ];
    ConfusesUserAndClient => confuses_user_and_client: [
        hostile_owners_come_back,
    ];
    FoldsCase => folds_case: [
        hostile_owners_come_back,
    ];
    IgnoresShards => ignores_shards: [
        gives_nothing_for_another_key,
        every_shard_and_every_byte_is_a_key,
    ];
    KeepsOneForAnOwner => keeps_one_for_an_owner: [
        an_owner_may_have_several,
    ];
    KeepsAHundred => keeps_a_hundred: [
        an_owner_pushes_out_nobody_elses,
    ];
    PurgesEverything => purges_everything: [
        purge_removes_expired_requests_in_steps,
    ];
    PurgesWithoutLimit => purges_without_limit: [
        purge_removes_expired_requests_in_steps,
    ];
    CountsWhatWasTaken => counts_what_was_taken: [
        purge_does_not_count_what_was_taken,
    ];
    KeepsToItself => keeps_to_itself: [
        what_one_connection_puts_another_takes,
    ];
}
