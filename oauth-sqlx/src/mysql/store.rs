use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, MySql, MySqlConnection};

use super::{client, consent, grant, purge, request};
use crate::Error;
use crate::connection::{InTransaction, weed_out};
use crate::error::{Failure, Kind};
use crate::migration::{self, Migration};
use crate::names::Prefix;
use crate::retry::{ATTEMPTS, Tries, WhenLost};
use crate::row::Columns;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: include_str!("../../migrations/mysql/1_stores.sql"),
}];

/// A connection that was idle for so long is asked whether it is still there before it is used.
const SUSPICIOUSLY_IDLE: Duration = Duration::from_secs(30);

/// How a transaction begins. It locks the rows that it names and no gaps between them, in which others
/// want to insert.
pub(in crate::mysql) const BEGIN: &str =
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

/// So many seconds another process may take to migrate.
const MIGRATION_TIMEOUT: i32 = 60;

/// All stores on MySQL or MariaDB. Cheap to clone.
///
/// ```no_run
/// use oauth_core::AuthorizationServer;
/// use oauth_sqlx::mysql::MySqlStore;
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MySqlStore::connect("mysql://auth@db.example.com/auth").await?;
/// store.migrate().await?;
/// let server = AuthorizationServer::builder("https://auth.example.com")
///     .store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MySqlStore {
    pub(in crate::mysql) pool: MySqlPool,
    prefix: Prefix,
    attempts: u32,
    pub(super) statements: Arc<Statements>,
}

/// Every statement with the prefix in it, made once.
pub(super) struct Statements {
    pub(super) client: client::Statements,
    pub(super) consent: consent::Statements,
    pub(super) grant: grant::Statements,
    pub(super) purge: purge::Statements,
    pub(super) request: request::Statements,
}

impl Statements {
    fn new(prefix: &Prefix) -> Self {
        Self {
            client: client::Statements::new(prefix),
            consent: consent::Statements::new(prefix),
            grant: grant::Statements::new(prefix),
            purge: purge::Statements::new(prefix),
            request: request::Statements::new(prefix),
        }
    }
}

impl MySqlStore {
    /// Connects with [`pool_options`](Self::pool_options). The tables begin with `oauth_` and are not
    /// made by this: see [`migrate`](Self::migrate).
    ///
    /// `url` is `mysql://user:password@host:port/database?options`, as sqlx reads it.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] when the URL cannot be read or the server cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let options: MySqlConnectOptions = url.parse()?;
        Ok(Self::new(Self::pool_options().connect_with(options).await?))
    }

    /// The stores in a database to which the host is connected already.
    ///
    /// A pool that was not made with [`pool_options`](Self::pool_options) asks the server before each
    /// use of a connection whether it is there, unless told otherwise, which is one round trip more
    /// for each verb. `autocommit` has to be on, as it is by default: without it, what a single statement
    /// has written is lost with its connection, a revocation among it. Any isolation level will do.
    pub fn new(pool: MySqlPool) -> Self {
        let prefix = Prefix::default();
        Self {
            pool,
            statements: Arc::new(Statements::new(&prefix)),
            prefix,
            attempts: ATTEMPTS,
        }
    }

    /// Options of a pool as this store likes it, to change and connect with.
    ///
    /// At most 10 connections; 5 seconds to get one; one that was idle for more than 30 seconds is
    /// asked whether it is still there before it is used.
    pub fn pool_options() -> MySqlPoolOptions {
        MySqlPoolOptions::new()
            .max_connections(10)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    Ok(about.idle_for < SUSPICIOUSLY_IDLE || connection.ping().await.is_ok())
                })
            })
    }

    /// What the names of the tables begin with: letters, digits and underscores; before it, if they
    /// live in a database of their own, the database and a dot: `oauth_`, `auth.`, `auth.oauth_`.
    /// Default: `oauth_`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPrefix`] for anything else.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, Error> {
        let prefix = Prefix::parse(prefix)?;
        Ok(Self {
            statements: Arc::new(Statements::new(&prefix)),
            prefix,
            ..self
        })
    }

    /// How often a verb is tried that meets a deadlock or waits too long for a lock, before it fails as
    /// transient. Default: 10, with pauses that grow up to 64 milliseconds. At least 1.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// What the names of the tables begin with.
    pub fn prefix(&self) -> &str {
        self.prefix.as_str()
    }

    /// The pool, for the host's own use.
    pub fn pool(&self) -> &MySqlPool {
        &self.pool
    }

    /// Makes the tables, or brings them up to date, and the database of the prefix, if there is none.
    ///
    /// Any number of processes may do so at once: one works, and the others wait for it, up to a
    /// minute. When it fails in the middle, it can be run again. Leave it out to run
    /// [`migrations`](Self::migrations) with a tool of your own.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] when a later version of this crate was here; [`Error::Database`] when the
    /// database refuses.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = self.migrate_on(&mut connection).await;
        connection.settle(outcome)
    }

    async fn migrate_on(&self, connection: &mut InTransaction<MySql>) -> Result<(), Error> {
        // Names of locks are the server's and have 64 characters at most. What waits too long for it gets
        // 0, what is interrupted nothing.
        let lock = "sha1(concat('oauth-sqlx ', coalesce(database(), ''), ' ', ?))";
        let take = format!("SELECT CAST(get_lock({lock}, ?) AS SIGNED)");
        let taken = sqlx::query(AssertSqlSafe(take))
            .bind(self.prefix.as_str().as_bytes())
            .bind(MIGRATION_TIMEOUT)
            .fetch_one(&mut **connection)
            .await?;
        if taken.optional_number(0)? != Some(1) {
            return Err(Error::Database(
                "another process migrates for too long".into(),
            ));
        }
        let migrated = self.migrate_locked(connection).await;
        let release = format!("DO release_lock({lock})");
        sqlx::query(AssertSqlSafe(release))
            .bind(self.prefix.as_str().as_bytes())
            .execute(&mut **connection)
            .await?;
        migrated
    }

    async fn migrate_locked(&self, connection: &mut MySqlConnection) -> Result<(), Error> {
        let found = self.version(connection).await?;
        let missing = migration::missing(MIGRATIONS, found)?;
        if let (false, Some(database)) = (missing.is_empty(), self.prefix.schema()) {
            let exists = "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?";
            let exists = sqlx::query(exists).bind(database);
            if exists.fetch_optional(&mut *connection).await?.is_none() {
                let create = format!("CREATE DATABASE {database}");
                connection
                    .execute(sqlx::raw_sql(AssertSqlSafe(create)))
                    .await?;
            }
        }
        for migration in missing {
            let sql = self.prefix.statement(migration.sql);
            connection.execute(sqlx::raw_sql(sql)).await?;
        }
        Ok(())
    }

    /// Whether the tables are what this crate works with, for hosts that do not [`migrate`](Self::migrate).
    ///
    /// # Errors
    ///
    /// [`Error::OutdatedSchema`] and [`Error::NewerSchema`] when they are not; [`Error::Database`] when the
    /// database refuses.
    pub async fn check_schema(&self) -> Result<(), Error> {
        let mut connection = self.pool.acquire().await?;
        migration::check(MIGRATIONS, self.version(&mut connection).await?)
    }

    async fn version(&self, connection: &mut MySqlConnection) -> Result<i32, Error> {
        let exists = "SELECT 1 FROM information_schema.tables
             WHERE table_schema = coalesce(?, database()) AND table_name = ?";
        let table = self.prefix.apply("{prefix}schema_version");
        let table = table.rsplit('.').next().unwrap_or_default();
        let exists = sqlx::query(exists).bind(self.prefix.schema()).bind(table);
        if exists.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(0);
        }
        let version =
            "SELECT CAST(coalesce(max(version), 0) AS SIGNED) FROM {prefix}schema_version";
        let version = sqlx::query(self.prefix.statement(version));
        let version = version.fetch_one(connection).await?.number(0)?;
        Ok(i32::try_from(version).unwrap_or(i32::MAX))
    }

    /// The migrations, with `prefix` in the place where it belongs: the first makes the tables of
    /// version 1, and so on. The database has to be there.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPrefix`] as in [`with_prefix`](Self::with_prefix).
    pub fn migrations(prefix: &str) -> Result<Vec<String>, Error> {
        migration::texts(MIGRATIONS, prefix)
    }

    /// Looks after the pool when a connection of it was lost.
    pub(super) fn notice(&self, failure: &Failure) {
        if failure.kind() == Kind::Lost {
            weed_out(&self.pool);
        }
    }

    pub(super) fn tries(&self, when_lost: WhenLost) -> Tries {
        Tries::new(self.attempts, when_lost)
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("MySqlStore");
        debug.field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
