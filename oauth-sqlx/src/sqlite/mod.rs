//! Stores on SQLite, which is compiled in.
//!
//! # Statements
//!
//! There are no round trips. Beside these, `open`, `exchange`, `put`, `record` and what removes grants begin and
//! commit a transaction; `open` has one statement for each credential, and `exchange` one for each successor, of
//! which there are one and two here:
//!
#![doc = include_str!("statements.md")]
//!
//! # Tables
//!
//! ```sql
#![doc = include_str!("../../migrations/sqlite/1_stores.sql")]
//! ```

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::SqliteStore;
