use std::collections::HashSet;

use oauth_core::StoreError;
use sqlx::{Connection, Postgres, SqlStr};
use time::OffsetDateTime;

use super::PostgresStore;
use super::store::BEGIN;
use crate::connection::InTransaction;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, CREDENTIALS_AT_ONCE, Columns, Looked, microseconds};

/// Rows that another process is about to remove, or that an exchange holds, are passed over.
///
/// What is locked stays in its place, and is removed there: to look for it in an index once more is to read one more
/// page of a large table. Where somebody has partitioned a table, places are those of each partition, so that what
/// is there has to be what was locked as well.
pub(in crate::postgres) struct Statements {
    access_tokens: SqlStr,
    due: SqlStr,
    keep: SqlStr,
    credentials: SqlStr,
    grants: SqlStr,
}

impl Statements {
    pub(in crate::postgres) fn new(prefix: &Prefix) -> Self {
        Self {
            access_tokens: prefix.statement(
                "DELETE FROM {prefix}credentials WHERE ctid = ANY (ARRAY(
                   SELECT ctid FROM {prefix}credentials
                   WHERE kind = 'access_token' AND expires_at <= $1
                   ORDER BY expires_at LIMIT $2
                   FOR UPDATE SKIP LOCKED
                 )) AND kind = 'access_token' AND expires_at <= $1",
            ),
            due: prefix.statement(
                "SELECT id, CASE WHEN expires_at > $1 AND revoked_at IS NULL THEN 1::int8 ELSE 0::int8 END,
                   ctid::text
                 FROM {prefix}grants WHERE purge_at <= $1
                 ORDER BY purge_at LIMIT $2
                 FOR UPDATE SKIP LOCKED",
            ),
            keep: prefix.statement(
                "UPDATE {prefix}grants g SET purge_at = g.expires_at
                 WHERE g.id = ANY ($1) AND EXISTS (
                   SELECT 1 FROM {prefix}credentials c WHERE c.grant_id = g.id
                   AND (c.spent_at IS NOT NULL OR c.kind <> 'authorization_code')
                 )
                 RETURNING g.id",
            ),
            credentials: prefix.statement(
                "WITH held AS MATERIALIZED (
                   SELECT ctid FROM {prefix}credentials WHERE grant_id = ANY ($1) LIMIT $2
                   FOR UPDATE
                 ), gone AS (
                   DELETE FROM {prefix}credentials
                   WHERE ctid = ANY (ARRAY(SELECT ctid FROM held)) AND grant_id = ANY ($1)
                   RETURNING 1
                 ) SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM gone)",
            ),
            grants: prefix.statement(
                "DELETE FROM {prefix}grants WHERE ctid = ANY ($1::text[]::tid[]) AND id = ANY ($2)",
            ),
        }
    }
}

impl PostgresStore {
    /// Removes at most `limit` access tokens that have expired and grants that have ended, those with
    /// all that is under them.
    pub(in crate::postgres) async fn purge_grants(
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
        let mut connection = self.pool.acquire().await?;
        let gone = sqlx::query(self.statements.purge.access_tokens.clone())
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .execute(&mut *connection)
            .await?;
        Ok(row::count(gone.rows_affected()))
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
        connection: &mut InTransaction<Postgres>,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, Failure> {
        let statements = &self.statements.purge;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let due = sqlx::query(statements.due.clone())
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let (mut ended, mut unclaimed) = (Vec::new(), Vec::new());
        for row in &due {
            let is_alive = row.number(1)? > 0;
            let list = if is_alive { &mut unclaimed } else { &mut ended };
            list.push((row.bytes(0)?, row.optional_text(2)?.unwrap_or_default()));
        }
        if !unclaimed.is_empty() {
            // The locks are held, so this statement sees every exchange that came before them.
            let ids: Vec<_> = unclaimed.iter().map(|(id, _)| id.clone()).collect();
            let kept = sqlx::query(statements.keep.clone())
                .bind(ids)
                .fetch_all(&mut *transaction)
                .await?;
            let kept = kept.iter().map(|row| row.bytes(0));
            let kept = kept.collect::<Result<HashSet<_>, _>>()?;
            ended.extend(unclaimed.into_iter().filter(|(id, _)| !kept.contains(id)));
        }
        let (mut removed, mut more) = (0, due.len() >= limit);
        if !ended.is_empty() {
            let (ids, places): (Vec<_>, Vec<_>) = ended.into_iter().unzip();
            let credentials = sqlx::query(statements.credentials.clone())
                .bind(&ids)
                .bind(CREDENTIALS_AT_ONCE)
                .fetch_one(&mut *transaction)
                .await?;
            let (held, gone) = (credentials.number(0)?, credentials.number(1)?);
            // One that was written to while it was waited for is in a place that the statement does not see.
            if held == gone && held < CREDENTIALS_AT_ONCE {
                let grants = sqlx::query(statements.grants.clone())
                    .bind(places)
                    .bind(ids)
                    .execute(&mut *transaction)
                    .await?;
                removed = row::count(grants.rows_affected());
            } else {
                // There may be more under these grants, which are there until nothing is. Where the database
                // refuses to remove any, another round would end alike.
                more = gone > 0;
            }
        }
        transaction.commit().await?;
        Ok(Looked { removed, more })
    }
}
