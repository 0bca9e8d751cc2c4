use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Executor, SqliteConnection};

use super::{client, consent, grant, purge, request};
use crate::Error;
use crate::error::Failure;
use crate::migration::{self, Migration};
use crate::names::Prefix;
use crate::retry::{Tries, WhenLost};
use crate::row::Columns;

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("../../migrations/sqlite/1_stores.sql"),
    },
    Migration {
        version: 2,
        sql: include_str!("../../migrations/sqlite/2_purge.sql"),
    },
];

/// A transaction that has the right to write from its first statement on. One that began by reading
/// could not have it any more when another has written since.
pub(in crate::sqlite) const BEGIN: &str = "BEGIN IMMEDIATE";

/// SQLite itself waits for so long for another writer before a verb counts as having met one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// With the time that SQLite waits each time.
const ATTEMPTS: u32 = 3;

/// All stores in a SQLite file. Cheap to clone.
///
/// Several processes of one machine may share the file; it must not lie on a network file system.
/// Readers wait for nobody, and there is one writer at a time.
///
/// ```
/// use oauth_core::{AuthorizationServer, Client};
/// use oauth_sqlx::sqlite::SqliteStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let url = format!("sqlite://{}/auth.db", directory.path().display());
/// # let url = &*url;
/// // let url = "sqlite:///var/lib/auth/auth.db";
/// let store = SqliteStore::connect(url).await?;
/// store.migrate().await?;
/// let web = Client::builder("web").redirect_uri("https://app.example.com/callback").build()?;
/// store.save(&web).await?;
/// let server = AuthorizationServer::builder("https://auth.example.com")
///     .store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    pub(in crate::sqlite) readers: SqlitePool,
    pub(in crate::sqlite) writer: SqlitePool,
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

/// Returns when a busy file is to be tried again.
async fn again(tries: &mut Tries, error: sqlx::Error) -> Result<(), Error> {
    let failed = tries.after(Failure::from(error)).await;
    failed.map_err(|error| Error::Database(error.into()))
}

impl SqliteStore {
    /// Opens the file, and makes it if it is not there. The tables begin with `oauth_` and are not made
    /// by this: see [`migrate`](Self::migrate).
    ///
    /// `url` is `sqlite:` and a path, or `sqlite::memory:` for a database that lives as long as the
    /// store. The write-ahead log is on; every commit is on the disk when it is acknowledged
    /// (`synchronous = FULL`); another writer is waited for 5 seconds. There is one connection for
    /// writing and at most 8 for reading, in memory one for both.
    ///
    /// On Unix, a file that is made is its owner's alone (mode 0600), and with it the log beside it. One
    /// that is there already keeps its mode.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] when the URL cannot be read or the file cannot be opened.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            .synchronous(SqliteSynchronous::Full);
        if url.contains(":memory:") || url.contains("mode=memory") {
            // The database ends with its connection.
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false);
            return Ok(Self::new(pool.connect_with(options).await?));
        }
        let options = options.journal_mode(SqliteJournalMode::Wal);
        make_private(options.get_filename());
        let pool = || SqlitePoolOptions::new().test_before_acquire(false);
        let mut tries = Tries::new(crate::retry::ATTEMPTS, WhenLost::GiveUp);
        // When several begin at once with a new file, all but one find it busy for a moment.
        let writer = loop {
            let writer = pool().max_connections(1).connect_with(options.clone());
            match writer.await {
                Ok(writer) => break writer,
                Err(error) => again(&mut tries, error).await?,
            }
        };
        let readers = pool().max_connections(8).connect_lazy_with(options);
        Ok(Self::of(readers, writer))
    }

    /// The stores in a database that the host has opened already.
    ///
    /// The host chooses the options: without the write-ahead log readers and writers wait for each
    /// other, and without a busy timeout writers meet more often than a verb is tried.
    pub fn new(pool: SqlitePool) -> Self {
        Self::of(pool.clone(), pool)
    }

    fn of(readers: SqlitePool, writer: SqlitePool) -> Self {
        let prefix = Prefix::default();
        Self {
            readers,
            writer,
            statements: Arc::new(Statements::new(&prefix)),
            prefix,
            attempts: ATTEMPTS,
        }
    }

    /// What the names of the tables begin with: letters, digits and underscores. Default: `oauth_`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPrefix`] for anything else; SQLite has no schemas.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, Error> {
        let prefix = Prefix::parse(prefix)?;
        if prefix.schema().is_some() {
            return Err(Error::InvalidPrefix);
        }
        Ok(Self {
            statements: Arc::new(Statements::new(&prefix)),
            prefix,
            ..self
        })
    }

    /// How often a verb is tried that finds the file busy, each time after the busy timeout, before it
    /// fails as transient. Default: 3. At least 1.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// What the names of the tables begin with.
    pub fn prefix(&self) -> &str {
        self.prefix.as_str()
    }

    /// The pool that is read from, for the host's own use.
    pub fn pool(&self) -> &SqlitePool {
        &self.readers
    }

    /// Makes the tables, or brings them up to date.
    ///
    /// Any number of processes may do so at once: they wait for each other, for some 50 seconds with the busy
    /// timeout of [`connect`](Self::connect). Everything happens in one transaction, so when it fails, nothing has
    /// happened; until it ends, nobody else writes. Version 2 makes an index of all credentials anew, which takes
    /// seconds where there are millions. A process of an earlier version goes on in the meantime and afterwards, but
    /// reads whole tables where it looked into that index, so it should be ended soon. Leave it out to run [`migrations`](Self::migrations) with a tool of
    /// your own.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] when a later version of this crate was here; [`Error::Database`] when the
    /// database refuses.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut tries = Tries::new(crate::retry::ATTEMPTS, WhenLost::GiveUp);
        // Another process that migrates a large file takes longer than a writer waits for another.
        let mut transaction = loop {
            match self.writer.begin_with(BEGIN).await {
                Ok(transaction) => break transaction,
                Err(error) => again(&mut tries, error).await?,
            }
        };
        let found = self.version(&mut transaction).await?;
        for migration in migration::missing(MIGRATIONS, found)? {
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
        let mut connection = self.readers.acquire().await?;
        migration::check(MIGRATIONS, self.version(&mut connection).await?)
    }

    async fn version(&self, connection: &mut SqliteConnection) -> Result<i32, Error> {
        let exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?1)";
        let exists = sqlx::query(exists).bind(self.prefix.apply("{prefix}schema_version"));
        if exists.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(0);
        }
        let version = "SELECT coalesce(max(version), 0) FROM {prefix}schema_version";
        let version = sqlx::query(self.prefix.statement(version));
        let version = version.fetch_one(connection).await?.number(0)?;
        Ok(i32::try_from(version).unwrap_or(i32::MAX))
    }

    /// The migrations, with `prefix` in the place where it belongs: the first makes the tables of
    /// version 1, and so on.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPrefix`] as in [`with_prefix`](Self::with_prefix).
    pub fn migrations(prefix: &str) -> Result<Vec<String>, Error> {
        migration::texts(MIGRATIONS, prefix)
    }

    pub(super) fn notice(&self, failure: &Failure) {
        tracing::debug!(%failure, "a verb failed");
    }

    pub(super) fn tries(&self) -> Tries {
        // There is no connection that could be lost.
        Tries::new(self.attempts, WhenLost::GiveUp)
    }
}

/// Makes the file, where it is not there, for its owner alone: SQLite would let everybody read it. The files
/// that SQLite makes beside it get the same mode.
#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = std::fs::OpenOptions::new();
    // What is in the way of it, SQLite will say.
    let _ = options.write(true).create_new(true).mode(0o600).open(file);
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("SqliteStore");
        debug.field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
