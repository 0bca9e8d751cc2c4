use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, Executor, Postgres, Row};

use super::{client, consent, grant, purge, request};
use crate::Error;
use crate::connection::{InTransaction, weed_out};
use crate::error::{Failure, Kind};
use crate::migration::{self, Migration};
use crate::names::Prefix;
use crate::retry::{ATTEMPTS, Tries, WhenLost};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: include_str!("../../migrations/postgres/1_stores.sql"),
}];

/// How a transaction begins. Each statement of it sees what was committed before that statement, a lock that
/// was waited for included, whatever the host's connections do by themselves.
pub(in crate::postgres) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A connection that was idle for so long is asked whether it is still there before it is used.
const SUSPICIOUSLY_IDLE: Duration = Duration::from_secs(30);

/// All stores on PostgreSQL. Cheap to clone.
///
/// ```no_run
/// use oauth_core::AuthorizationServer;
/// use oauth_sqlx::postgres::PostgresStore;
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgres://auth@db.example.com/auth").await?;
/// store.migrate().await?;
/// let server = AuthorizationServer::builder("https://auth.example.com")
///     .store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pub(in crate::postgres) pool: PgPool,
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

impl PostgresStore {
    /// Connects with [`pool_options`](Self::pool_options). The tables begin with `oauth_` and are not
    /// made by this: see [`migrate`](Self::migrate).
    ///
    /// `url` is `postgres://user:password@host:port/database?options`, as sqlx reads it.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] when the URL cannot be read or the server cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let options: PgConnectOptions = url.parse()?;
        Ok(Self::new(Self::pool_options().connect_with(options).await?))
    }

    /// The stores in a database to which the host is connected already.
    ///
    /// A pool that was not made with [`pool_options`](Self::pool_options) asks the server before each
    /// use of a connection whether it is there, unless told otherwise, which is one round trip more
    /// for each verb. Any isolation level will do.
    pub fn new(pool: PgPool) -> Self {
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
    pub fn pool_options() -> PgPoolOptions {
        PgPoolOptions::new()
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
    /// live in a schema of their own, the schema and a dot: `oauth_`, `auth.`, `auth.oauth_`.
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

    /// How often a verb is tried that meets a deadlock or a serialization failure, before it fails as
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
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Makes the tables, or brings them up to date, and the schema of the prefix, if there is none.
    ///
    /// Any number of processes may do so at once. Everything happens in one transaction, so when it
    /// fails, nothing has happened. Leave it out to run [`migrations`](Self::migrations) with a tool of
    /// your own.
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

    async fn migrate_on(&self, connection: &mut InTransaction<Postgres>) -> Result<(), Error> {
        let mut transaction = connection.begin_with(BEGIN).await?;
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("oauth-sqlx {}", self.prefix.as_str()))
            .execute(&mut *transaction)
            .await?;
        let found = self.version(&mut transaction).await?;
        let missing = migration::missing(MIGRATIONS, found)?;
        if let (false, Some(schema)) = (missing.is_empty(), self.prefix.schema()) {
            let exists = "SELECT 1 FROM pg_namespace WHERE nspname = lower($1)";
            let exists = sqlx::query(exists).bind(schema);
            if exists.fetch_optional(&mut *transaction).await?.is_none() {
                let create = format!("CREATE SCHEMA {schema}");
                transaction
                    .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create)))
                    .await?;
            }
        }
        for migration in missing {
            let sql = self.prefix.statement(migration.sql);
            transaction.execute(sqlx::raw_sql(sql)).await?;
        }
        Ok(transaction.commit().await?)
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

    async fn version(&self, connection: &mut sqlx::PgConnection) -> Result<i32, Error> {
        let exists = sqlx::query("SELECT to_regclass($1) IS NOT NULL")
            .bind(self.prefix.apply("{prefix}schema_version"));
        if !exists
            .fetch_one(&mut *connection)
            .await?
            .try_get::<bool, _>(0)?
        {
            return Ok(0);
        }
        let version = "SELECT coalesce(max(version), 0) FROM {prefix}schema_version";
        let version = sqlx::query(self.prefix.statement(version));
        Ok(version.fetch_one(connection).await?.try_get(0)?)
    }

    /// The migrations, with `prefix` in the place where it belongs: the first makes the tables of
    /// version 1, and so on. The schema has to be there.
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

impl fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("PostgresStore");
        debug.field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
