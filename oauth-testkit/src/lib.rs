//! Contract tests for stores of `oauth-core`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod backend;
pub mod contract;
mod dropped;
mod hostile;
pub mod sample;

pub use backend::{Backend, run};
