use oauth_core::StoreError;

/// A store could not be made, or its tables not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The prefix is not made of letters, digits and underscores with at most one dot.
    #[error(
        "not a table prefix: letters, digits and underscores, at most 32, not a digit first; before it \
         a schema in the same form and a dot, except on SQLite"
    )]
    InvalidPrefix,
    /// The tables are not there, or of an earlier version.
    #[error("the tables have version {found}, and this program needs {needed}: run the migrations")]
    OutdatedSchema {
        /// The version of the tables, 0 when there are none.
        found: i32,
        /// The version that this crate works with.
        needed: i32,
    },
    /// The tables were made by a later version of this crate.
    #[error("the tables have version {found}, and this program knows no later one than {known}")]
    NewerSchema {
        /// The version of the tables.
        found: i32,
        /// The last version that this crate knows.
        known: i32,
    },
    /// The database refused.
    #[error("the database refused")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Why an attempt at a verb failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(sqlx::Error),
    #[error(transparent)]
    Refused(Refused),
    /// A row that this crate did not write, or that a later version wrote.
    #[error("{0} in a row cannot be read")]
    Unreadable(&'static str),
    /// Two verbs met in such a way that the outcome has to be asked again.
    #[error("another request was always faster")]
    Unsettled,
}

/// What a database said to a statement, without what it adds: PostgreSQL quotes the values of the row in the
/// details, and whoever logs a `StoreError` with `{:?}` would have them in the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refused {
    kind: Kind,
    code: Option<String>,
    constraint: Option<String>,
    message: String,
}

impl From<&dyn sqlx::error::DatabaseError> for Refused {
    fn from(error: &dyn sqlx::error::DatabaseError) -> Self {
        Self {
            kind: of_database(error),
            code: error.code().map(Into::into),
            constraint: error.constraint().map(Into::into),
            message: error.message().to_owned(),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::Refused(error.as_ref().into()),
            error => Self::Database(error),
        }
    }
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing has happened, because something else was going on. Trying again helps.
    Conflict,
    /// The connection broke. Whether something has happened is unknown.
    Lost,
    /// It may work later.
    Transient,
    /// It will not.
    Permanent,
}

impl Failure {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Unsettled => Kind::Conflict,
            Self::Unreadable(_) => Kind::Permanent,
            Self::Database(error) => kind(error),
            Self::Refused(refused) => refused.kind,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure.kind() {
            Kind::Permanent => Self::permanent(failure),
            Kind::Conflict | Kind::Lost | Kind::Transient => Self::transient(failure),
        }
    }
}

fn kind(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => Kind::Lost,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::BeginFailed => {
            Kind::Transient
        }
        _ => Kind::Permanent,
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError) -> Kind {
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        return of_sqlstate(error.code());
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return of_number(error.number());
    }
    #[cfg(feature = "sqlite")]
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        let code = error.code().and_then(|code| code.parse().ok());
        return of_result_code(code.unwrap_or_default());
    }
    let _ = error;
    Kind::Permanent
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
#[cfg(feature = "postgres")]
fn of_sqlstate(code: &str) -> Kind {
    match code {
        // Serialization failure, deadlock.
        "40001" | "40P01" => Kind::Conflict,
        // Lock not available, canceled (a timeout), read-only (a standby), cannot connect now.
        "55P03" | "57014" | "25006" | "57P03" => Kind::Transient,
        // Shut down, crashed, the database dropped, idle for too long.
        "57P01" | "57P02" | "57P04" | "57P05" | "25P03" => Kind::Lost,
        // Connection exceptions; out of memory, disk or connections.
        _ if code.starts_with("08") => Kind::Lost,
        _ if code.starts_with("53") => Kind::Transient,
        _ => Kind::Permanent,
    }
}

/// <https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference>
#[cfg(feature = "mysql")]
fn of_number(number: u16) -> Kind {
    match number {
        // Deadlock; a lock was waited for too long; the record has changed since it was read.
        1213 | 1205 | 1020 => Kind::Conflict,
        // Shutdown in progress, connection killed, aborted, timed out.
        1053 | 1927 | 1152 | 1158..=1161 | 4031 => Kind::Lost,
        // Too many connections, out of memory, interrupted, read-only, too many connections of a user,
        // the disk is full, the statement took too long.
        1040 | 1041 | 1037 | 1317 | 1290 | 1792 | 1836 | 1203 | 1226 | 1021 | 1114 | 1969
        | 3024 => Kind::Transient,
        _ => Kind::Permanent,
    }
}

/// <https://www.sqlite.org/rescode.html>
#[cfg(feature = "sqlite")]
fn of_result_code(code: i32) -> Kind {
    match code & 0xff {
        // Busy, locked.
        5 | 6 => Kind::Conflict,
        // Out of memory, interrupted, input or output, full, cannot open.
        7 | 9 | 10 | 13 | 14 => Kind::Transient,
        _ => Kind::Permanent,
    }
}
