//! The verifier against an introspection endpoint over HTTP: one that plays every answer, and a real one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod answers;
mod cache;
mod endpoint;
mod proxy;
mod real;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
