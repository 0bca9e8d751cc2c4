//! Stores on SQLite, which is compiled in.

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::SqliteStore;
