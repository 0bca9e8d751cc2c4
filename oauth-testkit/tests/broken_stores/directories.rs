//! Grant directories, each with one defect.

mod list;
mod page;

use std::collections::HashSet;
use std::sync::Mutex;

use async_trait::async_trait;
use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Spend, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError, Subject};
use oauth_testkit::Backend;
use time::OffsetDateTime;

use list::is_unreadable;

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
    FailsForOneItCannotRead,
    LeavesOutWhatItCannotRead,
    PurgesNotWhatItCannotRead,
    PurgesUpToWhatItCannotRead,
    FailsToPurgeWhatItCannotRead,
    ListsADozen,
    ListsTwice,
    TakesTheTimeFromTheMachine,
    ForgetsExchanges,
    TellsTheFirstExchange,
    TellsTheLastThatCame,
    TellsExchangesInSeconds,
    ConfusesExchanges,
    CountsWhatSpendsNothing,
    CountsRefusedExchanges,
    CountsWhatIsAskedAgain,
    CountsRevocations,
    GivesAllAtOnce,
    GivesNoneForNone,
    NeverEnds,
    PagesByOffset,
    MovesOthersIntoGaps,
    PagesByShard,
    PagesWhatIsLive,
    PagesWhatIsDecided,
    TakesAnyCursor,
    CallsThemUnreadable,
}

/// An index beside a store that is right.
struct BrokenDirectory {
    grants: MemoryGrantStore,
    index: Mutex<Vec<Grant>>,
    exchanges: Mutex<Vec<(GrantId, OffsetDateTime)>>,
    exchange_ids: Mutex<HashSet<[u8; 16]>>,
    defect: Defect,
}

impl BrokenDirectory {
    fn with(defect: Defect) -> Self {
        Self {
            grants: MemoryGrantStore::default(),
            index: Mutex::default(),
            exchanges: Mutex::default(),
            exchange_ids: Mutex::default(),
            defect,
        }
    }

    /// Removes the grants that have ended, the first of them first.
    fn purge_index(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut index = self.index.lock().unwrap();
        let has_ended = |grant: &&Grant| grant.expires_at <= now;
        let mut ended: Vec<Grant> = index.iter().filter(has_ended).cloned().collect();
        ended.sort_by_key(|grant| grant.expires_at);
        if self.defect == Defect::PurgesNotWhatItCannotRead {
            ended.retain(|grant| !is_unreadable(grant));
        }
        ended.truncate(limit);
        for grant in &ended {
            if self.defect == Defect::FailsToPurgeWhatItCannotRead && is_unreadable(grant) {
                return Err(StoreError::permanent("a payload of a later version"));
            }
            if self.defect == Defect::PurgesUpToWhatItCannotRead && is_unreadable(grant) {
                return Ok(0);
            }
            let place = index.iter().position(|other| other.id == grant.id);
            match (place, self.defect) {
                (Some(place), Defect::MovesOthersIntoGaps) => _ = index.swap_remove(place),
                (Some(place), _) => _ = index.remove(place),
                (None, _) => {}
            }
        }
        Ok(ended.len())
    }
}

#[async_trait]
impl GrantDirectory for BrokenDirectory {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        self.listed(subject, now)
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        self.page_of(after, limit)
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
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        if self.defect != Defect::ForgetsTheDecided {
            let mut index = self.index.lock().unwrap();
            for grant in index.iter_mut().filter(|grant| grant.id == *id) {
                // The answer is that of the store below.
                _ = decision.clone().apply_to(Some(grant), now);
            }
        }
        self.grants.decide(id, decision, now).await
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let (id, grant, now) = (exchange.id, exchange.grant, exchange.now);
        let spends = matches!(exchange.spend, Spend::Once(_));
        let exchanged = self.grants.exchange(exchange).await?;
        let counts = match self.defect {
            Defect::CountsWhatSpendsNothing => exchanged == Exchanged::Done,
            Defect::CountsRefusedExchanges => spends,
            _ => spends && exchanged == Exchanged::Done,
        };
        let mut exchanges = self.exchanges.lock().unwrap();
        let mut ids = self.exchange_ids.lock().unwrap();
        let is_new = ids.insert(*id.as_bytes());
        if counts && (is_new || self.defect == Defect::CountsWhatIsAskedAgain) {
            exchanges.push((grant, now));
        }
        Ok(exchanged)
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        if let (Target::Credential(key), Defect::CountsRevocations) = (target, self.defect)
            && let Some(found) = self.grants.find(&key).await?
        {
            let mut exchanges = self.exchanges.lock().unwrap();
            exchanges.push((found.grant.id, now));
        }
        if let Target::Grant(id) = target {
            let mut index = self.index.lock().unwrap();
            for grant in index.iter_mut().filter(|grant| grant.id == id) {
                grant.revoked_at.get_or_insert(now);
            }
        }
        self.grants.revoke(target, now).await
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.grants.purge(now, limit).await?;
        self.purge_index(now, limit)
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
        gives_all_grants_whatever_their_state,
    ];
    ForgetsTheDecided => forgets_the_decided: [
        lists_a_grant_once_it_is_approved,
    ];
    FailsForOneItCannotRead => fails_for_one_that_it_cannot_read: [
        lists_a_grant_whose_payload_cannot_be_read,
    ];
    LeavesOutWhatItCannotRead => leaves_out_what_it_cannot_read: [
        lists_a_grant_whose_payload_cannot_be_read,
    ];
    PurgesNotWhatItCannotRead => purges_not_what_it_cannot_read: [
        purge_removes_a_grant_whose_payload_cannot_be_read,
    ];
    PurgesUpToWhatItCannotRead => purges_up_to_what_it_cannot_read: [
        purge_removes_a_grant_whose_payload_cannot_be_read,
    ];
    FailsToPurgeWhatItCannotRead => fails_to_purge_what_it_cannot_read: [
        purge_removes_a_grant_whose_payload_cannot_be_read,
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
    ForgetsExchanges => forgets_exchanges: [
        tells_when_an_exchange_last_spent_something,
    ];
    TellsTheFirstExchange => tells_the_first_exchange: [
        tells_when_an_exchange_last_spent_something,
    ];
    TellsTheLastThatCame => tells_the_last_exchange_that_came: [
        tells_when_an_exchange_last_spent_something,
    ];
    TellsExchangesInSeconds => tells_exchanges_in_seconds: [
        tells_when_an_exchange_last_spent_something,
    ];
    ConfusesExchanges => confuses_the_exchanges_of_grants: [
        tells_the_exchanges_of_each_grant_apart,
    ];
    CountsWhatSpendsNothing => counts_what_spends_nothing: [
        tells_of_no_exchange_that_spent_nothing,
    ];
    CountsRefusedExchanges => counts_refused_exchanges: [
        tells_of_no_exchange_that_spent_nothing,
    ];
    CountsWhatIsAskedAgain => counts_an_exchange_that_is_asked_again: [
        tells_of_no_exchange_that_spent_nothing,
    ];
    CountsRevocations => counts_revocations: [
        tells_of_no_exchange_that_spent_nothing,
    ];
    GivesAllAtOnce => gives_all_at_once: [
        gives_pages_of_about_the_limit,
    ];
    GivesNoneForNone => gives_none_for_none: [
        gives_pages_of_about_the_limit,
    ];
    NeverEnds => never_ends: [
        pages_through_nothing,
        gives_all_grants_whatever_their_state,
    ];
    PagesByOffset => pages_by_offset: [
        gives_what_stays_while_others_come_and_go,
        gives_all_while_each_is_revoked,
    ];
    MovesOthersIntoGaps => moves_others_into_gaps: [
        gives_what_stays_while_others_come_and_go,
    ];
    PagesByShard => pages_by_shard: [
        gives_grants_of_every_shard,
    ];
    PagesWhatIsLive => pages_what_is_live: [
        gives_all_grants_whatever_their_state,
    ];
    PagesWhatIsDecided => pages_what_is_decided: [
        gives_all_grants_whatever_their_state,
    ];
    TakesAnyCursor => takes_any_cursor: [
        refuses_a_cursor_that_is_no_place,
    ];
    CallsThemUnreadable => calls_what_can_be_read_unreadable: [
        gives_all_grants_whatever_their_state,
    ];
}
