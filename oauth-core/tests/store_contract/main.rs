//! The stores in memory, and the one in the documentation, keep the contracts.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod memory;
#[path = "../../examples/small_grant_store.rs"]
#[expect(dead_code, reason = "an example has a `main`")]
mod small_grant_store;

/// The store that the page of `GrantStore` shows, to be copied.
mod small {
    use super::small_grant_store::SmallGrantStore;

    async fn fresh() -> SmallGrantStore {
        SmallGrantStore::default()
    }

    oauth_testkit::grant_store_contract!(fresh);
}
