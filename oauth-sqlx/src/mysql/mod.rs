//! Stores on MySQL 8 or later and MariaDB 10.6 or later.

mod client;
mod consent;
mod grant;
mod purge;
mod request;
mod store;

pub use store::MySqlStore;
