//! Contract tests for stores of `oauth-core`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod backend;
pub mod contract;
mod hostile;
pub mod sample;

pub use backend::{Backend, run};
