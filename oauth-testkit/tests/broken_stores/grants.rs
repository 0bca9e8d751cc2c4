//! Grant stores, each with one defect.

mod store;

use oauth_testkit::Backend;
use store::{BrokenGrantStore, Defect};

/// The clauses that a store with this defect does not keep.
fn failed(defect: Defect) -> Vec<&'static str> {
    let backend = || {
        let backend = Backend::new(move || async move { BrokenGrantStore::with(defect) })
            .failing(async |store: &BrokenGrantStore| store.fill());
        match defect {
            Defect::KeepsToItself => backend.second_connection(async |_: &BrokenGrantStore| {
                BrokenGrantStore::with(Defect::None)
            }),
            _ => backend,
        }
    };
    let mut failed = oauth_testkit::grant_store_contract!(@each [crate::failures] { backend() });
    let more = oauth_testkit::grant_store_contract!(@each_failing [crate::failures] { backend() });
    failed.extend(more);
    failed
}

fn clauses() -> Vec<&'static str> {
    let mut names = oauth_testkit::grant_store_contract!(@each [crate::names] {});
    names.extend(oauth_testkit::grant_store_contract!(@each_failing [crate::names] {}));
    names
}

crate::broken_stores! { Defect,
    ChecksThenActs => checks_and_then_acts: [
        of_any_number_at_once_one_is_done,
    ];
    RevokesWithoutLock => revokes_without_a_lock: [
        no_exchange_slips_in_behind_a_revocation,
    ];
    SpendsWithoutInsert => spends_without_insert: [
        an_exchange_spends_and_records,
        a_successor_can_be_spent,
        spending_nothing_records_and_leaves_the_credential_unspent,
        the_same_exchange_at_once_is_done_each_time,
    ];
    InsertsWithoutSpending => inserts_without_spending: [
        an_exchange_spends_and_records,
        another_exchange_is_told_when_it_was_spent,
        the_same_exchange_again_makes_no_successor_unspent,
        spending_nothing_fails_once_the_credential_is_spent,
        purge_resurrects_nothing,
    ];
    SpendsAndInsertsInTwoSteps => spends_and_inserts_in_two_steps: [
        an_exchange_that_is_dropped_happens_whole_or_not_at_all,
        a_failed_insert_leaves_the_credential_unspent,
    ];
    InsertsAndSpendsInTwoSteps => inserts_and_spends_in_two_steps: [
        an_exchange_that_is_dropped_happens_whole_or_not_at_all,
        of_any_number_at_once_one_is_done,
    ];
    SpendsBeforeAFailedInsert => spends_before_a_failed_insert: [
        a_failed_insert_leaves_the_credential_unspent,
    ];
    OpensInTwoSteps => opens_in_two_steps: [
        an_opening_that_is_dropped_can_be_asked_again,
        a_failed_insert_leaves_no_grant,
    ];
    OpensBeforeAFailedInsert => opens_before_a_failed_insert: [
        a_failed_insert_leaves_no_grant,
    ];
    ForgetsSpentRows => forgets_spent_rows: [
        purge_keeps_what_is_needed_to_see_a_replay,
    ];
    ForgetsRevokedGrants => forgets_revoked_grants: [
        purge_keeps_a_revoked_grant_for_ten_minutes,
    ];
    IgnoresExpiry => ignores_expiry: [
        a_credential_is_expired_from_its_end_on,
        purge_keeps_an_expired_code_with_its_family,
        purge_keeps_a_grant_ten_minutes_after_its_only_code,
    ];
    IgnoresExpiryOfGrants => ignores_the_expiry_of_grants: [
        a_grant_is_inactive_from_its_end_on,
    ];
    ExpiresLate => is_late_by_a_microsecond: [
        a_credential_is_expired_from_its_end_on,
        a_grant_is_inactive_from_its_end_on,
        a_decision_comes_too_late_from_the_end_on,
    ];
    DropsAField => drops_a_field_of_a_payload: [
        gives_back_what_was_opened,
        a_grant_keeps_its_payload,
        an_undecided_grant_is_found,
        an_approval_completes_the_grant,
        a_decision_about_nothing_is_unknown,
        purge_leaves_other_grants_whole,
    ];
    Truncates => changes_long_payloads: [
        a_long_payload_is_kept,
    ];
    ConfusesUserAndClient => confuses_user_and_client: [
        a_user_and_a_client_of_one_name_stay_apart,
    ];
    TakesTheTimeFromTheMachine => takes_the_time_from_the_machine: [
        the_time_is_the_callers,
        nothing_expires_by_the_machines_time,
        purge_keeps_what_still_counts,
        an_expired_credential_is_found,
        a_grant_without_credentials_is_opened,
        every_kind_of_credential_keeps_its_payload,
        a_credential_that_is_not_there_is_unknown,
        revoking_a_grant_ends_no_other,
    ];
    KeepsMilliseconds => keeps_milliseconds: [
        moments_are_kept_to_the_microsecond,
        the_time_is_the_callers,
    ];
    ForgetsWhoSpent => forgets_who_spent: [
        the_same_exchange_again_is_done_and_changes_nothing,
        a_spent_credential_is_found,
        a_spent_credential_keeps_who_spent_it,
    ];
    OverwritesSuccessors => overwrites_successors: [
        a_successor_that_is_there_is_left_as_it_is,
    ];
    Reopens => opens_again: [
        opening_again_changes_nothing,
        opening_again_brings_nothing_back,
        opening_at_once_opens_once,
    ];
    LooksAtTheCredentialFirst => looks_at_the_credential_first: [
        a_grant_that_is_not_there_is_inactive,
        an_undecided_grant_is_inactive,
        a_revoked_grant_is_inactive,
        a_grant_is_inactive_from_its_end_on,
        the_same_exchange_is_inactive_once_the_grant_is,
    ];
    LooksAtExpiryFirst => looks_at_expiry_first: [
        spent_comes_before_expired,
        the_same_exchange_again_is_done_and_changes_nothing,
    ];
    AcceptsOtherGrants => accepts_credentials_of_other_grants: [
        a_credential_of_another_grant_is_unknown,
        spending_nothing_checks_grant_credential_and_expiry,
    ];
    AcceptsUndecidedGrants => accepts_undecided_grants: [
        an_undecided_grant_is_inactive,
    ];
    SpendsWhenToldNotTo => spends_when_told_not_to: [
        spending_nothing_records_and_leaves_the_credential_unspent,
    ];
    AddsToSpentCredentials => adds_to_spent_credentials: [
        spending_nothing_fails_once_the_credential_is_spent,
    ];
    DecidesAgain => decides_again: [
        an_approval_is_final,
        a_refusal_is_final,
        what_needs_no_decision_is_already_decided,
        of_decisions_at_once_one_counts,
    ];
    DecidesLate => decides_late: [
        a_decision_comes_too_late_from_the_end_on,
    ];
    KeepsTheLifetimeOfUndecided => keeps_the_lifetime_of_the_undecided: [
        an_approval_completes_the_grant,
        an_approval_prolongs_the_grant_for_purge_too,
    ];
    RefusesWithoutRevoking => refuses_without_revoking: [
        a_refusal_revokes_the_grant,
    ];
    RevokesAgain => revokes_again: [
        revoking_a_grant_is_final,
        an_access_token_can_be_revoked,
        a_spent_credential_keeps_who_spent_it,
    ];
    RevokesNothingOfACredential => revokes_no_credential: [
        a_revoked_credential_counts_as_spent,
        an_access_token_can_be_revoked,
        purge_keeps_a_revoked_credential,
    ];
    RevokesCredentialsInTwoSteps => revokes_credentials_in_two_steps: [
        a_credential_is_either_spent_or_revoked,
    ];
    RevokesFromAMoment => revokes_from_a_moment_on: [
        no_exchange_is_done_after_a_revocation,
    ];
    RevokesByReplacing => revokes_by_replacing: [
        a_revocation_that_is_dropped_can_be_asked_again,
    ];
    RemovesWhatItRevokes => removes_what_it_revokes: [
        a_revoked_grant_is_found,
        revoking_a_grant_is_final,
        opening_again_brings_nothing_back,
    ];
    KeepsToItself => keeps_to_itself: [
        what_one_connection_does_another_sees,
    ];
    PurgesWithoutLimit => purges_without_limit: [
        purge_removes_no_more_than_its_limit,
    ];
    PurgesEverything => purges_everything: [
        purge_keeps_what_still_counts,
        purge_leaves_other_grants_whole,
        purge_removes_no_more_than_its_limit,
    ];
    SaysTheLimit => says_the_limit_after_a_purge: [
        purge_of_an_empty_store_removes_nothing,
        purge_removes_no_more_than_its_limit,
    ];
    FoldsCase => folds_case: [
        hostile_subjects_come_back,
        hostile_client_identifiers_come_back,
    ];
    IgnoresShards => ignores_shards: [
        the_same_bytes_in_another_shard_are_something_else,
        every_shard_and_every_byte_is_kept,
    ];
    TreatsAbsenceAsAnError => treats_absence_as_an_error: [
        what_was_never_opened_is_not_found,
        revoking_what_is_not_there_does_nothing,
    ];
}
