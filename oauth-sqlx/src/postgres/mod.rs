//! Stores on PostgreSQL 12 or later.

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::PostgresStore;
