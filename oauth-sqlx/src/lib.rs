//! Stores of `oauth-core` on PostgreSQL, SQLite and MySQL/MariaDB.

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod connection;
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
mod error;
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
mod migration;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
mod names;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
mod retry;
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
mod row;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod sweeping;

#[cfg(any(feature = "postgres", feature = "sqlite", feature = "mysql"))]
pub use error::Error;
pub use sweeping::Sweeping;
