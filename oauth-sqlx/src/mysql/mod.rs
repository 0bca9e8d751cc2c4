//! Stores on MySQL 8 or later and MariaDB 10.6 or later.
//!
//! # Round trips
//!
//! With statements that the connection has seen before, and when nothing is in the way:
//!
#![doc = include_str!("round_trips.md")]
//!
//! `open` and `exchange` of more than two credentials take one more for each two. An exchange that is refused takes
//! at most one more than here, and a decision that is refused one: the reason is read after the transaction.
//!
//! `list` reads every credential of the subject's live grants, spent refresh tokens included, to tell when each
//! had its latest exchange. So its cost grows with how often a grant was refreshed: it is for an account page, not for
//! every request.
//!
//! Transactions are `READ COMMITTED`, which the binary log has to allow: `binlog_format` is `ROW` or `MIXED`, as
//! it is by default.
//!
//! # Tables
//!
//! ```sql
#![doc = include_str!("../../migrations/mysql/1_stores.sql")]
//! ```

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::MySqlStore;
