//! Stores on PostgreSQL 12 or later.
//!
//! # Round trips
//!
//! With statements that the connection has seen before, and when nothing is in the way:
//!
#![doc = include_str!("round_trips.md")]
//!
//! An exchange that is refused takes one more, and so does a decision: the reason is read with a statement
//! of its own, which sees what the winner of a race has written.
//!
//! `list` reads every credential of the subject's live grants, spent refresh tokens included, to tell when each
//! had its latest exchange. So its cost grows with how often a grant was refreshed: it is for an account page, not for
//! every request.
//!
//! A server that cannot keep prepared statements between transactions (PgBouncer before 1.21, in its
//! transaction mode) has to be told to keep them, or left out.
//!
//! # Tables
//!
//! ```sql
#![doc = include_str!("../../migrations/postgres/1_stores.sql")]
//! ```

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::PostgresStore;
