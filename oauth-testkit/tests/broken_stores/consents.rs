//! Consent stores, each with one defect.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Clock, Scope, StoreError, SystemClock, UserId};
use oauth_testkit::Backend;
use time::OffsetDateTime;

use crate::{folded_client, folded_user, pause};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    /// Reads what was allowed, and some time later writes the union.
    LosesAUnion,
    /// Writes the moment, and some time later the values.
    RecordsInTwoSteps,
    Replaces,
    ForgetsEmptyScopes,
    KeepsTheFirstMoment,
    WithdrawsEverything,
    WithdrawsNothing,
    WithdrawsByHiding,
    ListsEverybodys,
    ListsValues,
    FindsAnybodys,
    FoldsCase,
    FoldsValues,
    ReadsAtMostAHundredValues,
    TreatsAbsenceAsAnError,
    TakesTheTimeFromTheMachine,
    KeepsMilliseconds,
}

type Rows = HashMap<(UserId, ClientId), Consent>;

struct BrokenConsentStore {
    rows: Mutex<Rows>,
    hidden: Mutex<Rows>,
    defect: Defect,
}

impl BrokenConsentStore {
    fn with(defect: Defect) -> Self {
        Self {
            rows: Mutex::default(),
            hidden: Mutex::default(),
            defect,
        }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap()
    }

    fn key(&self, user: &UserId, client: &ClientId) -> (UserId, ClientId) {
        if self.has(Defect::FoldsCase) {
            (folded_user(user), folded_client(client))
        } else {
            (user.clone(), client.clone())
        }
    }

    fn moment(&self, now: OffsetDateTime) -> OffsetDateTime {
        match self.defect {
            Defect::TakesTheTimeFromTheMachine => SystemClock.now(),
            Defect::KeepsMilliseconds => {
                let whole = now.nanosecond() / 1_000_000 * 1_000_000;
                now.replace_nanosecond(whole).unwrap()
            }
            _ => now,
        }
    }

    fn absent<T>(&self, otherwise: T) -> Result<T, StoreError> {
        if self.has(Defect::TreatsAbsenceAsAnError) {
            Err(StoreError::permanent("no such row"))
        } else {
            Ok(otherwise)
        }
    }
}

#[async_trait]
impl ConsentStore for BrokenConsentStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let rows = self.lock();
        let found = match self.defect {
            Defect::FindsAnybodys => rows.values().next(),
            _ => rows.get(&self.key(user, client)),
        };
        match found {
            Some(consent) if self.has(Defect::ReadsAtMostAHundredValues) => {
                let read = Scope::parse(consent.scope.as_str());
                read.map_err(StoreError::permanent)?;
                Ok(Some(consent.clone()))
            }
            Some(consent) => Ok(Some(consent.clone())),
            None => self.absent(None),
        }
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let user = match self.defect {
            Defect::FoldsCase => folded_user(user),
            _ => user.clone(),
        };
        let rows = self.lock();
        let all = self.has(Defect::ListsEverybodys);
        let own = rows.iter().filter(|((of, _), _)| all || *of == user);
        let mut listed: Vec<Consent> = own.map(|(_, consent)| consent.clone()).collect();
        if self.has(Defect::ListsValues) {
            listed = listed
                .into_iter()
                .flat_map(|consent| {
                    let values: Vec<String> = consent.scope.values().map(str::to_owned).collect();
                    values.into_iter().map(move |value| Consent {
                        scope: Scope::parse(&value).unwrap(),
                        ..consent.clone()
                    })
                })
                .collect();
        }
        Ok(listed)
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let key = self.key(user, client);
        let now = self.moment(now);
        let scope = match self.defect {
            Defect::ForgetsEmptyScopes if scope.is_empty() => return Ok(()),
            Defect::FoldsValues => Scope::parse(&scope.as_str().to_lowercase()).unwrap(),
            _ => scope.clone(),
        };
        let before = self.lock().get(&key).cloned();
        let empty = Consent {
            client_id: key.1.clone(),
            scope: Scope::default(),
            recorded_at: now,
        };
        match self.defect {
            Defect::LosesAUnion => pause().await,
            Defect::RecordsInTwoSteps => {
                self.lock()
                    .entry(key.clone())
                    .or_insert_with(|| empty.clone());
                pause().await;
            }
            _ => {}
        }
        let mut rows = self.lock();
        let before = match self.defect {
            Defect::LosesAUnion => before,
            Defect::Replaces => None,
            Defect::WithdrawsByHiding => {
                let hidden = self.hidden.lock().unwrap().remove(&key);
                hidden.or_else(|| rows.get(&key).cloned())
            }
            _ => rows.get(&key).cloned(),
        };
        let mut consent = before.unwrap_or(empty);
        consent.scope = consent.scope.union(&scope);
        if !self.has(Defect::KeepsTheFirstMoment) {
            consent.recorded_at = now;
        }
        rows.insert(key, consent);
        Ok(())
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let key = self.key(user, client);
        let mut rows = self.lock();
        match self.defect {
            Defect::WithdrawsEverything => rows.retain(|(of, _), _| *of != key.0),
            Defect::WithdrawsNothing => {}
            _ => {
                let Some(consent) = rows.remove(&key) else {
                    return self.absent(());
                };
                self.hidden.lock().unwrap().insert(key, consent);
            }
        }
        Ok(())
    }
}

fn failed(defect: Defect) -> Vec<&'static str> {
    oauth_testkit::consent_store_contract!(@each [crate::failures] {
        Backend::new(move || async move { BrokenConsentStore::with(defect) })
    })
}

fn clauses() -> Vec<&'static str> {
    oauth_testkit::consent_store_contract!(@each [crate::names] {})
}

crate::broken_stores! { Defect,
    LosesAUnion => loses_a_union: [
        of_any_number_at_once_none_is_lost,
    ];
    RecordsInTwoSteps => records_in_two_steps: [
        a_recording_that_is_dropped_can_be_asked_again,
    ];
    Replaces => replaces: [
        unites_what_is_recorded,
        a_union_may_have_many_values,
    ];
    ForgetsEmptyScopes => forgets_empty_scopes: [
        an_empty_scope_is_a_consent,
    ];
    KeepsTheFirstMoment => keeps_the_first_moment: [
        unites_what_is_recorded,
        the_time_of_a_consent_is_the_callers,
    ];
    WithdrawsEverything => withdraws_everything: [
        withdrawing_forgets_this_consent_only,
        withdrawing_nothing_does_nothing,
    ];
    WithdrawsNothing => withdraws_nothing: [
        withdrawing_forgets_this_consent_only,
        a_consent_after_a_withdrawal_begins_anew,
    ];
    WithdrawsByHiding => withdraws_by_hiding: [
        a_consent_after_a_withdrawal_begins_anew,
    ];
    ListsEverybodys => lists_everybodys: [
        finds_nothing_where_nothing_was_recorded,
        hostile_users_and_clients_are_told_apart,
    ];
    ListsValues => lists_values: [
        lists_each_client_once,
    ];
    FindsAnybodys => finds_anybodys: [
        finds_nothing_where_nothing_was_recorded,
    ];
    FoldsCase => folds_case: [
        hostile_users_and_clients_are_told_apart,
    ];
    FoldsValues => folds_values: [
        hostile_values_are_told_apart,
    ];
    ReadsAtMostAHundredValues => reads_at_most_a_hundred_values: [
        a_union_may_have_many_values,
    ];
    TreatsAbsenceAsAnError => treats_absence_as_an_error: [
        finds_nothing_where_nothing_was_recorded,
        withdrawing_nothing_does_nothing,
    ];
    TakesTheTimeFromTheMachine => takes_the_time_from_the_machine: [
        the_time_of_a_consent_is_the_callers,
    ];
    KeepsMilliseconds => keeps_milliseconds: [
        finds_what_was_recorded,
    ];
}
