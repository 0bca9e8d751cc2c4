//! The statements of the stores, issued with the driver and nothing around them: each side of a token
//! request that speaks to a database. A test compares them with what the stores issue.

mod mysql;
mod postgres;
mod redis;
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use oauth_core::store::{Credential, ExchangeId, Grant};
use oauth_core::{ClientId, CredentialKey};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Pool, SqlSafeStr, SqlStr};
use time::OffsetDateTime;

pub(crate) use mysql::Mysql;
pub(crate) use postgres::Postgres;
pub(crate) use redis::Redis;
pub(crate) use sqlite::Sqlite;

/// What a code exchange and a refresh write.
#[derive(Debug)]
pub(crate) struct Spending {
    pub(crate) client: ClientId,
    pub(crate) grant: Grant,
    pub(crate) spent: CredentialKey,
    pub(crate) exchange: ExchangeId,
    pub(crate) successors: [Credential; 2],
    pub(crate) now: OffsetDateTime,
}

/// What `client_credentials` writes.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) client: ClientId,
    pub(crate) grant: Grant,
    pub(crate) credential: Credential,
    pub(crate) now: OffsetDateTime,
}

/// Where the statements of a request take their connections from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    /// One from each pool for all of them.
    One,
    /// One for each of them, or for each transaction, as whoever calls sqlx with a pool does.
    Each,
}

impl Connections {
    /// The connection for the next statement.
    async fn next<D: Database>(
        self,
        pool: &Pool<D>,
        connection: PoolConnection<D>,
    ) -> PoolConnection<D> {
        match self {
            Self::One => connection,
            Self::Each => {
                drop(connection);
                pool.acquire().await.expect("a connection")
            }
        }
    }
}

/// What a request takes. Redis has one connection, and SQLite one for writing beside a single statement that reads in
/// [`open`](Self::open), whichever way they are asked for.
#[async_trait]
pub(crate) trait Bare {
    /// Reads a client and a credential, spends it and records its successors.
    async fn spend(&self, spending: &Spending, connections: Connections);

    /// Reads a client, records a grant and a credential. What is to be spent is recorded by it, too, so that either side
    /// finds what it wrote itself.
    async fn open(&self, opening: &Opening, connections: Connections);
}

/// The columns of a grant and a credential that the stores read.
const FOUND: &str =
    "g.id, g.client_id, g.subject_kind, g.subject_id, g.expires_at, g.revoked_at, g.payload,
    c.kind, c.expires_at, c.spent_at, c.spent_by, c.payload";

/// The statement with the prefix in it, cheap to clone.
fn statement(prefix: &str, sql: &str) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(sql.replace("{prefix}", prefix))).into_sql_str()
}
