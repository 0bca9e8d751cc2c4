//! Grant directories, each with one defect.

use std::collections::HashSet;
use std::sync::Mutex;

use async_trait::async_trait;
use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Payload, Spend, Target,
};
use oauth_core::{Clock, CredentialKey, GrantId, StoreError, Subject, SystemClock};
use oauth_testkit::{Backend, sample};
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
    ListsNoneForOne,
    LeavesOutWhatItCannotRead,
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

impl BrokenDirectory {
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

    /// Goes by how many came before, which changes when one of them goes.
    fn page_by_offset(
        &self,
        all: &[Grant],
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let offset: Option<usize> = after
            .map(|cursor| cursor.as_str().parse())
            .transpose()
            .map_err(StoreError::permanent)?;
        let offset = offset.unwrap_or(0);
        let grants: Vec<Grant> = all.iter().skip(offset).take(limit).cloned().collect();
        let next = offset + grants.len();
        let next = (!grants.is_empty()).then(|| GrantCursor::new(next.to_string()));
        Ok(GrantPage {
            grants,
            unreadable: Vec::new(),
            next,
        })
    }
}

#[async_trait]
impl GrantDirectory for BrokenDirectory {
    async fn list(
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
        let cannot_read =
            |listed: &ListedGrant| Payload::decode(&listed.grant.payload.encode()).is_err();
        match self.defect {
            Defect::ListsADozen => listed.truncate(12),
            Defect::LeavesOutWhatItCannotRead => listed.retain(|listed| !cannot_read(listed)),
            Defect::ListsNoneForOne if listed.iter().any(cannot_read) => {
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

    /// The index in the order of identifiers.
    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let limit = match self.defect {
            Defect::GivesAllAtOnce => usize::MAX,
            Defect::GivesNoneForNone if limit == 0 => {
                return Ok(GrantPage {
                    grants: Vec::new(),
                    unreadable: Vec::new(),
                    next: None,
                });
            }
            _ => limit.max(1),
        };
        let mut all = self.index.lock().unwrap().clone();
        if self.defect == Defect::MovesOthersIntoGaps {
            return self.page_by_offset(&all, after, limit);
        }
        all.sort_by_key(|grant| grant.id);
        if self.defect == Defect::PagesByOffset {
            all.retain(|grant| grant.revoked_at.is_none());
            return self.page_by_offset(&all, after, limit);
        }
        if self.defect == Defect::PagesWhatIsLive {
            all.retain(|grant| grant.revoked_at.is_none() && grant.expires_at > sample::at(1));
        }
        if self.defect == Defect::PagesWhatIsDecided {
            all.retain(|grant| grant.subject.is_some());
        }
        let after: Option<GrantId> = match after.map(|cursor| cursor.as_str().parse()) {
            Some(Err(_)) if self.defect == Defect::TakesAnyCursor => None,
            after => after.transpose().map_err(StoreError::permanent)?,
        };
        if self.defect == Defect::PagesByShard {
            all.retain(|grant| after.is_none_or(|after| grant.id.shard() > after.shard()));
        } else {
            all.retain(|grant| after.is_none_or(|after| grant.id > after));
        }
        let has_more = all.len() > limit;
        all.truncate(limit);
        if self.defect == Defect::DropsAField {
            for grant in &mut all {
                grant.payload = without_amr(&grant.payload);
            }
        }
        let last = match self.defect {
            Defect::NeverEnds => all
                .last()
                .map(|last| last.id)
                .or(Some(GrantId::from_bytes([0; 18]))),
            _ => all.last().filter(|_| has_more).map(|last| last.id),
        };
        let next = last.map(|last| GrantCursor::new(last.to_string()));
        let unreadable = match self.defect {
            Defect::CallsThemUnreadable => all.iter().map(|grant| grant.id).collect(),
            _ => Vec::new(),
        };
        Ok(GrantPage {
            grants: all,
            unreadable,
            next,
        })
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
        if self.defect == Defect::MovesOthersIntoGaps {
            let mut index = self.index.lock().unwrap();
            for _ in 0..limit {
                if let Some(gone) = index.iter().position(|grant| grant.expires_at <= now) {
                    index.swap_remove(gone);
                }
            }
        }
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
        gives_all_grants_whatever_their_state,
    ];
    ForgetsTheDecided => forgets_the_decided: [
        lists_a_grant_once_it_is_approved,
    ];
    ListsNoneForOne => lists_none_for_one_that_it_cannot_read: [
        lists_a_grant_whose_payload_cannot_be_read,
    ];
    LeavesOutWhatItCannotRead => leaves_out_what_it_cannot_read: [
        lists_a_grant_whose_payload_cannot_be_read,
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
