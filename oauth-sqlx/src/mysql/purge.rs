use std::iter;
use std::sync::atomic::{AtomicI64, Ordering};

use oauth_core::StoreError;
use sqlx::mysql::MySqlArguments;
use sqlx::query::Query;
use sqlx::{Connection, MySql, MySqlConnection, SqlStr};
use time::OffsetDateTime;

use super::MySqlStore;
use super::store::BEGIN;
use crate::connection::InTransaction;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, CREDENTIALS_AT_ONCE, Columns, Looked, microseconds};

/// So many grants go into one list. A shorter list repeats its last, so that one statement does for all.
const LISTED: usize = 50;

/// The server is told which index to use where it could count rows that were just removed, and then
/// read the whole table.
///
/// Grants that another process looks at, or that an exchange holds, are passed over.
pub(in crate::mysql) struct Statements {
    access_tokens: SqlStr,
    access_tokens_from: Front,
    due: SqlStr,
    due_from: Front,
    claimed: SqlStr,
    keep: SqlStr,
    credentials: SqlStr,
    grants: SqlStr,
}

impl Statements {
    pub(in crate::mysql) fn new(prefix: &Prefix) -> Self {
        let list = vec!["?"; LISTED].join(", ");
        Self {
            access_tokens: prefix.statement(
                "DELETE c FROM {prefix}credentials c JOIN (
                   SELECT shard, digest FROM {prefix}credentials FORCE INDEX (to_purge)
                   WHERE kind = 'access_token' AND expires_at BETWEEN ? AND ?
                   ORDER BY expires_at LIMIT ?
                 ) d ON c.shard = d.shard AND c.digest = d.digest",
            ),
            access_tokens_from: Front::new(prefix.statement(
                "SELECT expires_at FROM {prefix}credentials FORCE INDEX (to_purge)
                 WHERE kind = 'access_token' AND expires_at >= ? ORDER BY expires_at LIMIT 1",
            )),
            due: prefix.statement(
                "SELECT id, CASE WHEN expires_at > ? AND revoked_at IS NULL THEN 1 ELSE 0 END
                 FROM {prefix}grants FORCE INDEX (to_purge)
                 WHERE purge_at BETWEEN ? AND ?
                 ORDER BY purge_at LIMIT ?
                 FOR UPDATE SKIP LOCKED",
            ),
            due_from: Front::new(prefix.statement(
                "SELECT purge_at FROM {prefix}grants FORCE INDEX (to_purge)
                 WHERE purge_at >= ? ORDER BY purge_at LIMIT 1",
            )),
            claimed: prefix.statement(&format!(
                "SELECT DISTINCT grant_id FROM {{prefix}}credentials FORCE INDEX (of_grant)
                 WHERE grant_id IN ({list})
                   AND (spent_at IS NOT NULL OR kind <> 'authorization_code')"
            )),
            keep: prefix.statement(&format!(
                "UPDATE {{prefix}}grants SET purge_at = expires_at WHERE id IN ({list})"
            )),
            credentials: prefix.statement(&format!(
                "DELETE FROM {{prefix}}credentials WHERE grant_id IN ({list}) LIMIT ?"
            )),
            grants: prefix.statement(&format!(
                "DELETE FROM {{prefix}}grants WHERE id IN ({list})"
            )),
        }
    }
}

/// Where in an index the next purge begins, in microseconds since 1970: what has expired before it was removed, but
/// for what came later or was locked by somebody, at which the purge looks that begins at the beginning again.
/// InnoDB keeps what was removed in the index for a while, and from the beginning of it a purge would step
/// over all of that, which takes the longer the more was removed just before.
pub(in crate::mysql) struct Front {
    at: AtomicI64,
    next: SqlStr,
}

impl Front {
    const BEGINNING: i64 = i64::MIN;

    /// `next` finds the first entry from a moment on.
    pub(in crate::mysql) fn new(next: SqlStr) -> Self {
        Self {
            at: AtomicI64::new(Self::BEGINNING),
            next,
        }
    }

    fn get(&self) -> i64 {
        self.at.load(Ordering::Relaxed)
    }

    /// Where to go on after so much was removed that there may be more. What others hold for now is among what
    /// is found.
    async fn next(&self, connection: &mut MySqlConnection) -> Result<i64, Failure> {
        let next = sqlx::query(self.next.clone())
            .bind(self.get())
            .fetch_optional(connection)
            .await?;
        let Some(row) = next else {
            return Ok(Self::BEGINNING);
        };
        Ok(row.number(0)?)
    }

    /// Only when what was removed before it is gone for good.
    fn set(&self, at: i64) {
        self.at.store(at, Ordering::Relaxed);
    }

    /// Whether something that has expired may have come before it.
    fn is_under_way(&self) -> bool {
        self.get() != Self::BEGINNING
    }

    fn go_back(&self) {
        self.set(Self::BEGINNING);
    }
}

/// The statement with the identifiers bound to its list.
fn listing(statement: &SqlStr, ids: &[Vec<u8>]) -> Query<'static, MySql, MySqlArguments> {
    let repeated = iter::repeat(ids.last().cloned().unwrap_or_default());
    let listed = ids.iter().cloned().chain(repeated).take(LISTED);
    listed.fold(sqlx::query(statement.clone()), |query, id| query.bind(id))
}

impl MySqlStore {
    /// Removes at most `limit` access tokens that have expired and grants that have ended, those with
    /// all that is under them.
    ///
    /// As long as there is enough to remove, each call goes on where the last one stopped. One that finds less
    /// looks from the beginning before it says so.
    pub(in crate::mysql) async fn purge_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let fronts = [
            &self.statements.purge.access_tokens_from,
            &self.statements.purge.due_from,
        ];
        let is_under_way = fronts.iter().any(|front| front.is_under_way());
        let go_back = || fronts.iter().for_each(|front| front.go_back());
        let mut removed = self.purge_from_the_fronts(now, limit).await?;
        if removed < limit && is_under_way {
            go_back();
            removed += self.purge_from_the_fronts(now, limit - removed).await?;
        }
        if removed < limit {
            go_back();
        }
        Ok(removed)
    }

    async fn purge_from_the_fronts(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut removed = self.purge_access_tokens(now, limit).await?;
        while removed < limit {
            let rest = limit - removed;
            let looked = self.purge_due_grants(now, rest).await?;
            removed += looked.removed;
            if !looked.more {
                break;
            }
        }
        Ok(removed)
    }

    async fn purge_access_tokens(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_purge_access_tokens(now, limit))
    }

    async fn purge_due_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_purge_due_grants(now, limit))
    }

    async fn try_purge_access_tokens(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, Failure> {
        let statements = &self.statements.purge;
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = async {
            let mut transaction = connection.begin_with(BEGIN).await?;
            let front = &statements.access_tokens_from;
            let looked = look(
                &mut transaction,
                &statements.access_tokens,
                front,
                now,
                limit,
            );
            let (removed, next) = looked.await?;
            transaction.commit().await?;
            front.set(next);
            Ok(removed)
        };
        let outcome = outcome.await;
        connection.settle(outcome)
    }

    async fn try_purge_due_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, Failure> {
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = self.purge_due_grants_on(&mut connection, now, limit).await;
        connection.settle(outcome)
    }

    async fn purge_due_grants_on(
        &self,
        connection: &mut InTransaction<MySql>,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, Failure> {
        let statements = &self.statements.purge;
        let from = statements.due_from.get();
        let mut transaction = connection.begin_with(BEGIN).await?;
        let due = sqlx::query(statements.due.clone())
            .bind(microseconds(now))
            .bind(from)
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let (mut ended, mut unclaimed) = (Vec::new(), Vec::new());
        for row in &due {
            let is_alive = row.number(1)? > 0;
            let list = if is_alive { &mut unclaimed } else { &mut ended };
            list.push(row.bytes(0)?);
        }
        for some in unclaimed.chunks(LISTED) {
            // The locks are held, so this statement sees every exchange that came before them.
            let claimed = listing(&statements.claimed, some)
                .fetch_all(&mut *transaction)
                .await?;
            let claimed = claimed.iter().map(|row| row.bytes(0));
            let claimed = claimed.collect::<Result<Vec<_>, _>>()?;
            if !claimed.is_empty() {
                let keep = listing(&statements.keep, &claimed);
                keep.execute(&mut *transaction).await?;
            }
            let abandoned = some.iter().filter(|id| !claimed.contains(id));
            ended.extend(abandoned.cloned());
        }
        let (mut removed, mut more) = (0, due.len() >= limit);
        let mut credentials = CREDENTIALS_AT_ONCE;
        for some in ended.chunks(LISTED) {
            let gone = listing(&statements.credentials, some)
                .bind(credentials)
                .execute(&mut *transaction)
                .await?;
            credentials = credentials.saturating_sub_unsigned(gone.rows_affected());
            if credentials <= 0 {
                // There may be more under these grants, which are there until nothing is.
                more = true;
                break;
            }
            let grants = listing(&statements.grants, some)
                .execute(&mut *transaction)
                .await?;
            removed += row::count(grants.rows_affected());
        }
        let next = if due.len() >= limit {
            statements.due_from.next(&mut transaction).await?
        } else if more {
            from
        } else {
            microseconds(now)
        };
        transaction.commit().await?;
        statements.due_from.set(next);
        Ok(Looked { removed, more })
    }
}

/// Deletes rows in transactions that lock no gaps between them, unlike the default.
pub(in crate::mysql) async fn delete(
    connection: &mut InTransaction<MySql>,
    statement: &SqlStr,
    front: &Front,
    now: OffsetDateTime,
    limit: usize,
) -> Result<usize, Failure> {
    let mut removed = 0;
    loop {
        let is_under_way = front.is_under_way();
        let mut transaction = connection.begin_with(BEGIN).await?;
        let looked = look(&mut transaction, statement, front, now, limit - removed);
        let (gone, next) = looked.await?;
        transaction.commit().await?;
        removed += gone;
        if removed >= limit {
            front.set(next);
            return Ok(removed);
        }
        front.go_back();
        if !is_under_way {
            return Ok(removed);
        }
    }
}

/// Deletes rows from the front on, and says how many, and where to go on once they are gone for good.
async fn look(
    connection: &mut MySqlConnection,
    statement: &SqlStr,
    front: &Front,
    now: OffsetDateTime,
    limit: usize,
) -> Result<(usize, i64), Failure> {
    let gone = sqlx::query(statement.clone())
        .bind(front.get())
        .bind(microseconds(now))
        .bind(row::limit(limit))
        .execute(&mut *connection)
        .await?;
    let removed = row::count(gone.rows_affected());
    let next = if removed < limit {
        microseconds(now)
    } else {
        front.next(connection).await?
    };
    Ok((removed, next))
}
