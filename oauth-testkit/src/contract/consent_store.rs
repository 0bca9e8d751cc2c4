//! What a [`ConsentStore`] has to do.

use std::sync::Arc;

use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Scope, UserId};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Backend;
use crate::dropped::dropped_after;
use crate::hostile::{client_ids, user_ids};
use crate::sample::{at, client_id, scope};

/// Tests of a [`ConsentStore`], one for each clause of its contract.
///
/// `$fresh` is an `async fn() -> S`. Options, in this order, each of which may be left out:
///
/// - `second_connection`, an `async fn(&S) -> S`: another connection to the data of a store.
/// - `when`, a `fn() -> bool`: whether the database is there.
///
/// ```
/// # fn main() {}
/// # mod tests {
/// use oauth_core::store::memory::MemoryConsentStore;
///
/// async fn fresh() -> MemoryConsentStore {
///     MemoryConsentStore::default()
/// }
///
/// mod consents {
///     oauth_testkit::consent_store_contract!(super::fresh);
/// }
/// # }
/// ```
#[macro_export]
macro_rules! consent_store_contract {
    (@each [$($callback:tt)+] $context:tt) => {
        $($callback)+! { $context consent_store
            finds_what_was_recorded
            finds_nothing_where_nothing_was_recorded
            unites_what_is_recorded
            an_empty_scope_is_a_consent
            of_any_number_at_once_none_is_lost
            a_recording_that_is_dropped_can_be_asked_again
            withdrawing_forgets_this_consent_only
            a_consent_after_a_withdrawal_begins_anew
            withdrawing_nothing_does_nothing
            lists_each_client_once
            hostile_users_and_clients_are_told_apart
            hostile_values_are_told_apart
            a_union_may_have_many_values
            the_time_of_a_consent_is_the_callers
        }
    };
    ($fresh:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::consent_store_contract! { @each [$crate::contract_tests] {
            $crate::Backend::new($fresh)$(.$option($value))*
        } }
    };
}

fn alice() -> UserId {
    UserId::new("alice")
}

fn web() -> ClientId {
    client_id("web")
}

/// What alice allows to `web`.
async fn record(store: &impl ConsentStore, values: &str, now: OffsetDateTime) {
    let recorded = store.record(&alice(), &web(), &scope(values), now).await;
    recorded.unwrap();
}

async fn found(store: &impl ConsentStore) -> Option<Consent> {
    store.find(&alice(), &web()).await.unwrap()
}

/// The order of values means nothing.
#[track_caller]
fn assert_allows(consent: Option<Consent>, values: &str) {
    let allowed = consent.expect("a consent").scope;
    let expected = scope(values);
    let same = allowed.is_subset(&expected) && expected.is_subset(&allowed);
    assert!(same, "{allowed} is not {expected}");
}

/// What was allowed is found, with the client and the moment, to the microsecond.
pub async fn finds_what_was_recorded<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let now = at(1) + Duration::microseconds(123_457);
    record(&store, "profile", now).await;
    let expected = Consent {
        client_id: web(),
        scope: scope("profile"),
        recorded_at: now,
    };
    assert_eq!(found(&store).await, Some(expected.clone()));
    assert_eq!(store.list(&alice()).await.unwrap(), [expected]);
}

/// Somebody who has allowed nothing is no error.
pub async fn finds_nothing_where_nothing_was_recorded<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    assert_eq!(found(&store).await, None);
    assert_eq!(store.list(&alice()).await.unwrap(), []);
    record(&store, "profile", at(1)).await;
    let (bob, other) = (UserId::new("bob"), client_id("other"));
    assert_eq!(store.find(&bob, &web()).await.unwrap(), None);
    assert_eq!(store.find(&alice(), &other).await.unwrap(), None);
    assert_eq!(store.list(&bob).await.unwrap(), []);
}

/// What is allowed later is added to what was allowed before, and the moment is the last.
pub async fn unites_what_is_recorded<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    for (n, values) in (1..).zip(["b", "a", "b c", "a"]) {
        record(&store, values, at(n)).await;
    }
    let consent = found(&store).await;
    assert_eq!(consent.as_ref().unwrap().recorded_at, at(4));
    assert_allows(consent, "a b c");
    assert_eq!(store.list(&alice()).await.unwrap().len(), 1);
}

/// A consent to nothing in particular is a consent.
pub async fn an_empty_scope_is_a_consent<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    record(&store, "", at(1)).await;
    let consent = found(&store).await.expect("a consent");
    assert!(consent.scope.is_empty());
    assert_eq!(store.list(&alice()).await.unwrap(), [consent]);
    record(&store, "profile", at(2)).await;
    assert_allows(found(&store).await, "profile");
    record(&store, "", at(3)).await;
    let consent = found(&store).await;
    assert_eq!(consent.as_ref().unwrap().recorded_at, at(3));
    assert_allows(consent, "profile");
}

/// Of any number that are recorded at once none is lost.
pub async fn of_any_number_at_once_none_is_lost<S: ConsentStore>(backend: &Backend<S>) {
    let connections = backend.connections().await;
    let [store, _] = &connections;
    for round in 0..8 {
        let user = UserId::new(format!("user {round}"));
        let start = Arc::new(Barrier::new(16));
        let mut tasks = JoinSet::new();
        for (n, store) in (0..16).zip(connections.iter().cycle()) {
            let (store, start) = (Arc::clone(store), Arc::clone(&start));
            let user = user.clone();
            tasks.spawn(async move {
                let values = scope(&format!("common value-{n}"));
                start.wait().await;
                store.record(&user, &web(), &values, at(n)).await.unwrap();
            });
        }
        tasks.join_all().await;
        let all: Vec<String> = (0..16).map(|n| format!("value-{n}")).collect();
        let consent = store.find(&user, &web()).await.unwrap();
        assert_allows(consent, &format!("common {}", all.join(" ")));
    }
}

/// A recording that was dropped at any await can be asked again.
pub async fn a_recording_that_is_dropped_can_be_asked_again<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let values = scope("profile email");
    for polls in 1..100 {
        let user = UserId::new(format!("user {polls}"));
        let client = web();
        let recording = store.record(&user, &client, &values, at(1));
        let ended = dropped_after(polls, recording).await;
        if let Some(consent) = store.find(&user, &client).await.unwrap() {
            assert_allows(Some(consent), "profile email");
        }
        let again = store.record(&user, &client, &values, at(2)).await;
        again.unwrap();
        let consent = store.find(&user, &client).await.unwrap();
        assert_allows(consent, "profile email");
        if let Some(outcome) = ended {
            return outcome.unwrap();
        }
    }
}

/// Withdrawing forgets everything that this user allowed this client, and nothing else.
pub async fn withdrawing_forgets_this_consent_only<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let (bob, other) = (UserId::new("bob"), client_id("other"));
    record(&store, "profile email", at(1)).await;
    let values = scope("profile");
    for (user, client) in [(&alice(), &other), (&bob, &web())] {
        store.record(user, client, &values, at(2)).await.unwrap();
    }
    store.withdraw(&alice(), &web()).await.unwrap();
    assert_eq!(found(&store).await, None);
    let left = store.list(&alice()).await.unwrap();
    let clients: Vec<&ClientId> = left.iter().map(|consent| &consent.client_id).collect();
    assert_eq!(clients, [&other]);
    let of_bob = store.find(&bob, &web()).await.unwrap();
    assert_allows(of_bob, "profile");
}

/// What was withdrawn is not back with the next consent.
pub async fn a_consent_after_a_withdrawal_begins_anew<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    record(&store, "profile email", at(1)).await;
    store.withdraw(&alice(), &web()).await.unwrap();
    record(&store, "calendar", at(2)).await;
    assert_allows(found(&store).await, "calendar");
}

/// Withdrawing what was never allowed is no error.
pub async fn withdrawing_nothing_does_nothing<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    store.withdraw(&alice(), &web()).await.unwrap();
    record(&store, "profile", at(1)).await;
    store.withdraw(&alice(), &client_id("other")).await.unwrap();
    assert_allows(found(&store).await, "profile");
}

/// What a user allowed is listed once for each client.
pub async fn lists_each_client_once<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let mut expected = Vec::new();
    for n in 10..40 {
        let client = client_id(&format!("client {n}"));
        for values in ["profile", "email"] {
            let recorded = store.record(&alice(), &client, &scope(values), at(n)).await;
            recorded.unwrap();
        }
        expected.push((client, at(n)));
    }
    let mut listed = Vec::new();
    for consent in store.list(&alice()).await.unwrap() {
        listed.push((consent.client_id.clone(), consent.recorded_at));
        assert_allows(Some(consent), "profile email");
    }
    listed.sort();
    assert_eq!(listed, expected);
}

/// Users and clients are compared byte for byte, whatever their length and characters.
pub async fn hostile_users_and_clients_are_told_apart<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let of_user = |n: usize| scope(&format!("user-{n}"));
    let of_client = |n: usize| scope(&format!("client-{n}"));
    for (n, user) in user_ids().iter().enumerate() {
        let recorded = store.record(user, &web(), &of_user(n), at(1)).await;
        recorded.unwrap();
    }
    let carol = UserId::new("carol");
    for (n, client) in client_ids().iter().enumerate() {
        let recorded = store.record(&carol, client, &of_client(n), at(1)).await;
        recorded.unwrap();
    }
    for (n, user) in user_ids().iter().enumerate() {
        let consent = Consent {
            client_id: web(),
            scope: of_user(n),
            recorded_at: at(1),
        };
        assert_eq!(store.list(user).await.unwrap(), [consent], "{user:?}");
    }
    for (n, client) in client_ids().iter().enumerate() {
        let consent = Consent {
            client_id: client.clone(),
            scope: of_client(n),
            recorded_at: at(1),
        };
        let found = store.find(&carol, client).await.unwrap();
        assert_eq!(found, Some(consent), "{client:?}");
    }
    let (last_user, last_client) = (user_ids().remove(0), client_ids().remove(0));
    store.withdraw(&last_user, &web()).await.unwrap();
    store.withdraw(&carol, &last_client).await.unwrap();
    let left = store.list(&carol).await.unwrap().len();
    assert_eq!(left, client_ids().len() - 1);
    for user in user_ids().iter().skip(1) {
        assert!(
            store.find(user, &web()).await.unwrap().is_some(),
            "{user:?}"
        );
    }
}

/// Values of a scope are compared byte for byte, and may be many, long and made of any character
/// that the core allows.
pub async fn hostile_values_are_told_apart<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    // Longer than the identifier of any resource.
    let long = format!("https://api.example/{}^profile", "x".repeat(4_000));
    let values = [
        "profile",
        "Profile",
        "PROFILE",
        "profile:read",
        "'",
        "%",
        "_",
        "*",
        "$1",
        "{a}:b",
        "NULL",
        "https://api.example/a?b=%00&c",
        "https://api.example/^profile",
        "https://api.example/^",
        "--",
        ";",
        "`",
        &long,
    ];
    for value in values {
        record(&store, value, at(1)).await;
    }
    assert_allows(found(&store).await, &values.join(" "));
}

/// A union may have more values than the hundred that one scope is read with, and so may what is recorded
/// at once.
pub async fn a_union_may_have_many_values<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let mut expected = Scope::default();
    for hundred in 0..3 {
        let values: Vec<String> = (0..100).map(|n| format!("{hundred}:{n}")).collect();
        record(&store, &values.join(" "), at(1)).await;
        expected = expected.union(&scope(&values.join(" ")));
    }
    let consent = found(&store).await.expect("a consent");
    assert!(expected.is_subset(&consent.scope));
    assert_eq!(consent.scope.values().count(), 300);

    let (bob, added) = (UserId::new("bob"), scope("profile"));
    for allowed in [&expected, &expected.union(&added)] {
        store.record(&bob, &web(), allowed, at(1)).await.unwrap();
        let consent = store.find(&bob, &web()).await.unwrap();
        let consent = consent.expect("a consent");
        assert!(allowed.is_subset(&consent.scope));
        let values = consent.scope.values().count();
        assert_eq!(values, allowed.values().count());
    }
}

/// The moment is the caller's, in 1970 and in the year 9999.
pub async fn the_time_of_a_consent_is_the_callers<S: ConsentStore>(backend: &Backend<S>) {
    let store = backend.empty().await;
    let late = datetime!(9999-12-31 23:59:59.999999 UTC);
    for now in [OffsetDateTime::UNIX_EPOCH, at(0), late] {
        record(&store, "profile", now).await;
        let recorded_at = found(&store).await.unwrap().recorded_at;
        assert_eq!(recorded_at, now);
    }
}
