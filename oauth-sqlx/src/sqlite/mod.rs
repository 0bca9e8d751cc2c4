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
//! An exchange that spends nothing while a code is unspent, which no grant type of the core asks for, has one more.
//!
//! `list` reads every code and refresh token of the subject's live grants, spent ones included, to tell when each
//! had its latest exchange. So its cost grows with how often a grant was refreshed: it is for an account page, not for
//! every request.
//!
//! What removes requests and grants goes through them ten at a time, each in a transaction of its own, whatever the
//! limit: SQLite has one writer at a time, and whoever writes meanwhile comes in between.
//!
//! # Tables
//!
//! ```sql
#![doc = include_str!("../../migrations/sqlite/1_stores.sql")]
#![doc = include_str!("../../migrations/sqlite/2_purge.sql")]
//! ```
//!
//! A grant that goes takes its code and refresh tokens with it. An access token that has not expired by then is
//! found no more, and its row stays until it has; it would be found again under a new grant with the identifier of the
//! old one, which the core never gives twice.

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::SqliteStore;
