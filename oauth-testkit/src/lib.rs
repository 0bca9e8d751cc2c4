//! Contract tests for the stores of an OAuth authorization server that is built with `oauth-core`, with
//! a clock that tests set and a small client.
//!
//! Who keeps grants and tokens in a database of their own runs this against it, after `cargo add --dev
//! oauth-testkit`, in one file of tests:
//!
//! ```
//! # use oauth_core::store::memory::MemoryGrantStore as MyGrantStore;
//! async fn fresh() -> MyGrantStore {
//!     MyGrantStore::default() // empty, and nobody else's: a schema or a prefix of its own
//! }
//!
//! mod grants {
//!     oauth_testkit::grant_store_contract!(super::fresh);
//! }
//! # macro_rules! keeps {
//! #     ($backend:block $contract:ident $($clause:ident)*) => {
//! #         $(oauth_testkit::run($backend, oauth_testkit::contract::$contract::$clause);)*
//! #     };
//! # }
//! # oauth_testkit::grant_store_contract!(@each [keeps] { oauth_testkit::Backend::new(fresh) });
//! ```
//!
//! That is one test for each sentence of the contract of
//! [`GrantStore`](oauth_core::store::GrantStore), named after it: single use, expiry to the microsecond,
//! races, retries, futures that are dropped half way, awkward identifiers, moments long ago and far away.
//!
//! | macro | store |
//! |---|---|
//! | [`grant_store_contract!`] | [`GrantStore`](oauth_core::store::GrantStore) |
//! | [`grant_directory_contract!`] | [`GrantDirectory`](oauth_core::store::GrantDirectory) |
//! | [`request_store_contract!`] | [`RequestStore`](oauth_core::store::RequestStore) |
//! | [`consent_store_contract!`] | [`ConsentStore`](oauth_core::store::ConsentStore) |
//! | [`client_store_contract!`] | [`ClientStore`](oauth_core::store::ClientStore) |
//!
//! Options follow the function: `second_connection` gives another connection to the same data, for races
//! between two, `when` says whether the database is there, and `failing` makes inserts fail.
//!
//! ```
//! # use oauth_core::store::memory::MemoryGrantStore as MyGrantStore;
//! # async fn fresh() -> MyGrantStore { MyGrantStore::default() }
//! # async fn connect_again(_: &MyGrantStore) -> MyGrantStore { MyGrantStore::default() }
//! # async fn refuse_inserts(_: &MyGrantStore) {}
//! # fn server_is_there() -> bool { true }
//! oauth_testkit::grant_store_contract!(
//!     fresh,
//!     failing = refuse_inserts,              // async fn(&MyGrantStore)
//!     second_connection = connect_again,     // async fn(&MyGrantStore) -> MyGrantStore
//!     when = server_is_there,                // fn() -> bool
//! );
//! ```
//!
//! Each test has a tokio runtime of its own, with several threads, which is gone when it ends. [`sample`] has
//! the grants and credentials that the tests use, for tests of one's own; [`TestClock`] and [`TestClient`] are
//! for tests of a whole server.

#![warn(missing_docs)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod backend;
mod client;
mod clock;
pub mod contract;
mod dropped;
mod hostile;
pub mod sample;

pub use backend::{Backend, run};
pub use client::{AuthorizationAnswer, TestClient, TokenAnswer};
pub use clock::TestClock;
