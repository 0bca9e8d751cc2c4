use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

/// Has the pool look at all connections that nobody uses, when one was found broken: what ended it has
/// probably ended them, too.
///
/// The pool asks each that it is given back whether it is there, and nobody gets it before.
pub(crate) fn weed_out<DB: Database>(pool: &Pool<DB>) {
    let idle: Vec<_> = std::iter::from_fn(|| pool.try_acquire()).collect();
    if !idle.is_empty() {
        tracing::warn!(
            count = idle.len(),
            "a connection was lost; the others are checked"
        );
    }
}

/// A connection on which a transaction runs.
///
/// When a future is dropped while the server is told to begin, sqlx does not know that there is a
/// transaction, and the next user of the connection would be in it. So a connection that was left in
/// the middle goes.
pub(crate) struct InTransaction<DB: Database> {
    connection: PoolConnection<DB>,
    settled: bool,
}

impl<DB: Database> InTransaction<DB> {
    pub(crate) fn new(connection: PoolConnection<DB>) -> Self {
        Self {
            connection,
            settled: false,
        }
    }

    /// Its transaction has ended, one way or the other, and the connection is used for something else.
    #[cfg(feature = "mysql")]
    pub(crate) fn settled(&mut self) -> &mut DB::Connection {
        self.settled = true;
        &mut self.connection
    }

    /// Its transaction has ended, one way or the other.
    pub(crate) fn settle<T>(mut self, outcome: T) -> T {
        self.settled = true;
        outcome
    }
}

impl<DB: Database> Deref for InTransaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.connection
    }
}

impl<DB: Database> DerefMut for InTransaction<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

impl<DB: Database> Drop for InTransaction<DB> {
    fn drop(&mut self) {
        if !self.settled {
            self.connection.close_on_drop();
        }
    }
}
