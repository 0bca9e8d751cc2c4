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
//! `list` reads every credential of the subject's live grants, spent refresh tokens included, to tell when each
//! had its latest exchange. So its cost grows with how often a grant was refreshed: it is for an account page, not for
//! every request.
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
