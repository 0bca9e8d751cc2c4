//! The options of the macros do what they say.

#![allow(clippy::panic, reason = "a test fails by a panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use oauth_core::store::memory::MemoryRequestStore;
use oauth_testkit::Backend;
use oauth_testkit::contract::request_store::{
    gives_a_request_back_until_it_is_taken, of_any_number_that_take_at_once_one_gets_it,
};

/// The tests are there and pass, without a store.
mod without_a_server {
    use oauth_core::store::memory::MemoryGrantStore;

    async fn fresh() -> MemoryGrantStore {
        panic!("there is nothing to connect to");
    }

    async fn again(_: &MemoryGrantStore) -> MemoryGrantStore {
        panic!("there is nothing to connect to");
    }

    async fn fail(_: &MemoryGrantStore) {}

    fn there_is_no_server() -> bool {
        println!("skipped: there is no server");
        false
    }

    oauth_testkit::grant_store_contract!(
        fresh,
        failing = fail,
        second_connection = again,
        when = there_is_no_server,
    );
}

#[test]
fn races_run_over_a_second_connection_where_there_is_one() {
    let connected = Arc::new(AtomicUsize::new(0));
    let backend = || {
        let connected = Arc::clone(&connected);
        Backend::new(async || MemoryRequestStore::default()).second_connection(
            async move |_: &MemoryRequestStore| {
                connected.fetch_add(1, Ordering::SeqCst);
                MemoryRequestStore::default()
            },
        )
    };
    oauth_testkit::run(backend(), gives_a_request_back_until_it_is_taken);
    assert_eq!(connected.load(Ordering::SeqCst), 0);
    // Two stores that know nothing of each other: each half of the callers races over its own.
    oauth_testkit::run(backend(), of_any_number_that_take_at_once_one_gets_it);
    assert_eq!(connected.load(Ordering::SeqCst), 1);
}

#[test]
fn every_clause_has_a_store_of_its_own() {
    let made = Arc::new(AtomicUsize::new(0));
    for n in 1..=3 {
        let made = Arc::clone(&made);
        let counted = Arc::clone(&made);
        let backend = Backend::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { MemoryRequestStore::default() }
        });
        oauth_testkit::run(backend, gives_a_request_back_until_it_is_taken);
        assert_eq!(made.load(Ordering::SeqCst), n);
    }
}
