//! What a [`GrantStore`] has to do.

mod decision;
mod dropped;
mod exchange;
mod exchange_checks;
mod failing;
mod hostile;
mod opening;
mod purge;
mod race;
mod revocation;
mod round_trip;

pub use decision::*;
pub use dropped::*;
pub use exchange::*;
pub use exchange_checks::*;
pub use failing::*;
pub use hostile::*;
pub use opening::*;
pub use purge::*;
pub use race::*;
pub use revocation::*;
pub use round_trip::*;

use oauth_core::store::{Credential, Exchange, Exchanged, Grant, GrantStore, Spend};
use time::OffsetDateTime;

use crate::Backend;
use crate::sample::{START, code, exchange_id, grant, grant_id, key, refresh_token};

/// Tests of a [`GrantStore`], one for each clause of its contract.
///
/// `$fresh` is an `async fn() -> S`. Options, in this order, each of which may be left out:
///
/// - `failing`, an `async fn(&S)`: from then on the store can record no more credentials, because it
///   is full, or because a trigger refuses them. What can be read and spent is not touched. With it
///   the clauses about failed inserts are tested, too.
/// - `second_connection`, an `async fn(&S) -> S`: another connection to the data of a store.
/// - `when`, a `fn() -> bool`: whether the database is there.
///
/// ```
/// # fn main() {}
/// # mod tests {
/// use oauth_core::store::memory::MemoryGrantStore;
///
/// async fn fresh() -> MemoryGrantStore {
///     MemoryGrantStore::default()
/// }
///
/// mod memory {
///     oauth_testkit::grant_store_contract!(super::fresh);
/// }
/// # }
/// ```
#[macro_export]
macro_rules! grant_store_contract {
    (@each [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context grant_store
            gives_back_what_was_opened
            what_was_never_opened_is_not_found
            the_same_bytes_in_another_shard_are_something_else
            a_grant_without_credentials_is_opened
            opening_again_changes_nothing
            opening_again_brings_nothing_back
            a_spent_credential_is_found
            an_expired_credential_is_found
            a_revoked_grant_is_found
            an_undecided_grant_is_found
            every_kind_of_credential_keeps_its_payload
            a_grant_keeps_its_payload
            a_long_payload_is_kept
            a_user_and_a_client_of_one_name_stay_apart
            every_shard_and_every_byte_is_kept
            moments_are_kept_to_the_microsecond
            the_time_is_the_callers
            nothing_expires_by_the_machines_time
            hostile_subjects_come_back
            hostile_client_identifiers_come_back
            an_exchange_spends_and_records
            a_successor_can_be_spent
            the_same_exchange_again_is_done_and_changes_nothing
            the_same_exchange_again_makes_no_successor_unspent
            the_same_exchange_is_inactive_once_the_grant_is
            another_exchange_is_told_when_it_was_spent
            spending_nothing_records_and_leaves_the_credential_unspent
            spending_nothing_fails_once_the_credential_is_spent
            spending_nothing_checks_grant_credential_and_expiry
            a_successor_that_is_there_is_left_as_it_is
            a_credential_is_expired_from_its_end_on
            a_grant_is_inactive_from_its_end_on
            a_grant_that_is_not_there_is_inactive
            an_undecided_grant_is_inactive
            a_revoked_grant_is_inactive
            a_credential_that_is_not_there_is_unknown
            a_credential_of_another_grant_is_unknown
            spent_comes_before_expired
            revoking_a_grant_is_final
            no_exchange_is_done_after_a_revocation
            revoking_a_grant_ends_no_other
            a_revoked_credential_counts_as_spent
            an_access_token_can_be_revoked
            a_spent_credential_keeps_who_spent_it
            revoking_what_is_not_there_does_nothing
            an_approval_completes_the_grant
            a_refusal_revokes_the_grant
            an_approval_is_final
            a_refusal_is_final
            what_needs_no_decision_is_already_decided
            a_decision_comes_too_late_from_the_end_on
            a_decision_about_nothing_is_unknown
            an_approval_prolongs_the_grant_for_purge_too
            purge_keeps_what_is_needed_to_see_a_replay
            purge_keeps_a_revoked_credential
            purge_keeps_what_still_counts
            purge_keeps_an_expired_code_with_its_family
            purge_keeps_a_revoked_grant_for_ten_minutes
            purge_keeps_a_grant_ten_minutes_after_its_only_code
            purge_resurrects_nothing
            purge_leaves_other_grants_whole
            purge_removes_no_more_than_its_limit
            purge_of_an_empty_store_removes_nothing
            of_any_number_at_once_one_is_done
            the_same_exchange_at_once_is_done_each_time
            what_one_connection_does_another_sees
            no_exchange_slips_in_behind_a_revocation
            a_credential_is_either_spent_or_revoked
            opening_at_once_opens_once
            of_decisions_at_once_one_counts
            an_exchange_that_is_dropped_happens_whole_or_not_at_all
            an_opening_that_is_dropped_can_be_asked_again
            a_revocation_that_is_dropped_can_be_asked_again
        }
    };
    (@each_failing [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context grant_store
            a_failed_insert_leaves_the_credential_unspent
            a_failed_insert_leaves_no_grant
        }
    };
    ($fresh:expr, failing = $failing:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::grant_store_contract! { $fresh $(, $option = $value)* }
        $crate::grant_store_contract! { @each_failing [$crate::contract_tests] {
            $crate::Backend::new($fresh).failing($failing)$(.$option($value))*
        } }
    };
    ($fresh:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::grant_store_contract! { @each [$crate::contract_tests] {
            $crate::Backend::new($fresh)$(.$option($value))*
        } }
    };
}

/// Spends a credential of grant 1.
async fn spend(
    store: &impl GrantStore,
    by: u32,
    spent: u32,
    successors: &[Credential],
    now: OffsetDateTime,
) -> Exchanged {
    spend_under(store, 1, by, spent, successors, now).await
}

async fn spend_under(
    store: &impl GrantStore,
    grant: u32,
    by: u32,
    spent: u32,
    successors: &[Credential],
    now: OffsetDateTime,
) -> Exchanged {
    let (grant, key) = (grant_id(grant), key(spent));
    let exchange = Exchange {
        id: exchange_id(by),
        grant,
        spend: Spend::Once(key),
        successors: successors.into(),
        now,
    };
    store.exchange(exchange).await.unwrap()
}

/// Adds to grant 1 while a credential is unspent.
async fn add(
    store: &impl GrantStore,
    by: u32,
    unspent: u32,
    successors: &[Credential],
    now: OffsetDateTime,
) -> Exchanged {
    let (grant, key) = (grant_id(1), key(unspent));
    let exchange = Exchange {
        id: exchange_id(by),
        grant,
        spend: Spend::Nothing { while_unspent: key },
        successors: successors.into(),
        now,
    };
    store.exchange(exchange).await.unwrap()
}

async fn open(store: &impl GrantStore, grant: &Grant, credentials: &[Credential]) {
    store.open(grant, credentials, START).await.unwrap();
}

/// A store that holds grant 1 with code 1 and, so that the grant does not end with its only
/// credential, refresh token 100.
async fn with_code<S: GrantStore>(backend: &Backend<S>) -> S {
    let store = backend.empty().await;
    open(&store, &grant(1), &[code(1), refresh_token(100)]).await;
    store
}

async fn found(store: &impl GrantStore, n: u32) -> Option<Credential> {
    let found = store.find(&key(n)).await.unwrap();
    found.map(|found| found.credential)
}

async fn is_there(store: &impl GrantStore, n: u32) -> bool {
    found(store, n).await.is_some()
}

/// The grant that credential `n` belongs to.
async fn grant_of(store: &impl GrantStore, n: u32) -> Grant {
    let found = store.find(&key(n)).await.unwrap();
    found.expect("the credential is there").grant
}

fn spent_at(moment: OffsetDateTime) -> Exchanged {
    Exchanged::Spent {
        grant: grant_id(1),
        at: moment,
    }
}
