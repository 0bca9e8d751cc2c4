//! Stores of `oauth-core` on PostgreSQL, SQLite and MySQL/MariaDB, with sqlx.
//!
//! One type for each database implements every store trait: [`PostgresStore`](postgres::PostgresStore),
//! [`SqliteStore`](sqlite::SqliteStore) and [`MySqlStore`](mysql::MySqlStore). Any number of processes may
//! work on one database.
//!
//! ```
//! use std::time::Duration;
//!
//! use oauth_core::{AuthorizationServer, Client};
//! use oauth_sqlx::Sweeping;
//! # #[cfg(feature = "sqlite")]
//! use oauth_sqlx::sqlite::SqliteStore;
//!
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::connect("sqlite::memory:").await?;
//! store.migrate().await?;
//! let web = Client::builder("web").redirect_uri("https://app.example.com/callback").build()?;
//! store.save(&web).await?;
//!
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .store(store)
//!     .build()?;
//! let sweeping = Sweeping::start(server.clone(), Duration::from_secs(60));
//! // ... serve, until the process is told to end ...
//! sweeping.shutdown().await;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `postgres` | PostgreSQL 12 or later |
//! | `sqlite` | SQLite, compiled in |
//! | `mysql` | MySQL 8 or later, MariaDB 10.6 or later |
//! | `tls-rustls` | encrypted connections with rustls, and roots that are compiled in |
//! | `tls-rustls-native-roots` | the same with the operating system's roots |
//!
//! None is on by default. Without one for TLS, a server on another machine is reached in plain text, unless
//! the URL demands otherwise (`sslmode=verify-full`, `ssl-mode=VERIFY_IDENTITY`), which then fails.
//! Accounts of MySQL 8 with `caching_sha2_password`, its default, need TLS.
//!
//! # Tables
//!
//! `grants`, `credentials`, `parked_requests`, `consents`, `clients` and `schema_version`, with a prefix,
//! `oauth_` by default, or in a schema of their own. `migrate` makes them, and any number of processes may call
//! it at once. To use your own tool, leave it out, take the statements from `migrations`, and have the program
//! ask `check_schema` at start. Identifiers are kept as bytes, so no collation takes one for another; moments
//! are microseconds since 1970. The statements stand in [`postgres`], [`sqlite`] and [`mysql`].
//!
//! # Time
//!
//! Each verb is one statement or one short transaction, and finds its rows through an index: its cost does
//! not grow with the tables. On PostgreSQL nearly all take one round trip, a code exchange and a refresh
//! included; each module has the numbers. Beside them, sqlx asks a connection that is given back to the pool
//! whether it is still there, for which nobody waits.
//!
//! # When something fails
//!
//! - Deadlocks, serialization failures and a busy file are tried again, with pauses that grow, a bounded number
//!   of times; then the error is transient.
//! - A lost connection is looked for among the others of the pool, too. Verbs that change nothing when they are
//!   asked twice are asked again once: an exchange is recognised by its identifier, so it is `Done` when its
//!   first answer was lost. `take` and `decide` fail as transient instead. The next request has a working
//!   connection as soon as the server gives one.
//! - A future may be dropped at any await. A connection on which a transaction was left in the middle is closed,
//!   and its transaction is rolled back by the server.
//! - Nothing can be acknowledged and lost afterwards unless the database was told that it may be
//!   (`synchronous_commit = off`, an asynchronous replica that takes over).
//!
//! # Mixing
//!
//! Each store trait is set separately on the builder, and a store is cheap to clone: grants here and consent
//! tickets in Redis, say, or clients from the table that you have already:
//!
//! ```no_run
//! # #[cfg(feature = "postgres")]
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use oauth_core::AuthorizationServer;
//! use oauth_core::store::memory::MemoryClientStore;
//! use oauth_sqlx::postgres::PostgresStore;
//!
//! let store = Arc::new(PostgresStore::connect("postgres://auth@db.example.com/auth").await?);
//! let server = AuthorizationServer::builder("https://auth.example.com")
//!     .client_store(Arc::new(MemoryClientStore::default()))
//!     .grant_directory(store.clone())
//!     .request_store(store.clone())
//!     .consent_store(store)
//!     .build()?;
//! # Ok(())
//! # }
//! ```

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
