use oauth_core::StoreError;
use sqlx::SqlStr;
use time::OffsetDateTime;

use super::SqliteStore;
use super::grant::UNDER_A_GRANT;
use super::store::BEGIN;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::keep_trying;
use crate::row::{self, Columns, Looked, microseconds};

pub(in crate::sqlite) struct Statements {
    access_tokens: SqlStr,
    due: SqlStr,
    keep: SqlStr,
    credentials: SqlStr,
    grants: SqlStr,
}

/// So many access tokens, grants or requests go in one transaction. While it lasts nobody else can write, and a request
/// that comes meanwhile waits about as long as behind a few others.
pub(in crate::sqlite) const AT_ONCE: usize = 10;

/// And so many codes and refresh tokens of grants that go.
const CREDENTIALS_AT_ONCE: i64 = 100;

/// The grants that it is time to look at, those that it was time for first. The index has their row
/// numbers, so that no page of the table is read for this.
const DUE: &str = "purge_at <= ?1 ORDER BY purge_at, rowid LIMIT ?2";

impl Statements {
    pub(in crate::sqlite) fn new(prefix: &Prefix) -> Self {
        Self {
            access_tokens: prefix.statement(
                "DELETE FROM {prefix}credentials WHERE rowid IN (
                   SELECT rowid FROM {prefix}credentials
                   WHERE kind = 'access_token' AND expires_at <= ?1
                   ORDER BY expires_at LIMIT ?2
                 )",
            ),
            due: prefix.statement(&format!(
                "SELECT count(*) FROM (SELECT rowid FROM {{prefix}}grants WHERE {DUE})"
            )),
            keep: prefix.statement(&format!(
                "UPDATE {{prefix}}grants AS g SET purge_at = g.expires_at
                 WHERE g.rowid IN (SELECT rowid FROM {{prefix}}grants WHERE {DUE})
                 AND g.expires_at > ?1 AND g.revoked_at IS NULL AND EXISTS (
                   SELECT 1 FROM {{prefix}}credentials c WHERE c.grant_id = g.id AND {UNDER_A_GRANT}
                   AND (c.spent_at IS NOT NULL OR c.kind <> 'authorization_code')
                 )"
            )),
            credentials: prefix.statement(&format!(
                "DELETE FROM {{prefix}}credentials WHERE rowid IN (
                   SELECT rowid FROM {{prefix}}credentials
                   WHERE grant_id IN (SELECT id FROM {{prefix}}grants WHERE {DUE})
                   AND {UNDER_A_GRANT} LIMIT ?3
                 )"
            )),
            grants: prefix.statement(&format!(
                "DELETE FROM {{prefix}}grants
                 WHERE rowid IN (SELECT rowid FROM {{prefix}}grants WHERE {DUE})"
            )),
        }
    }
}

impl SqliteStore {
    /// Removes at most `limit` access tokens that have expired and grants that have ended, those with
    /// the codes and refresh tokens that are under them. Access tokens that are left find no grant any more.
    pub(in crate::sqlite) async fn purge_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut removed = 0;
        while removed < limit {
            let wanted = AT_ONCE.min(limit - removed);
            let gone = self.purge_access_tokens(now, wanted).await?;
            removed += gone;
            if gone < wanted {
                break;
            }
        }
        while removed < limit {
            let wanted = AT_ONCE.min(limit - removed);
            let looked = self.purge_due_grants(now, wanted).await?;
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
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_purge_access_tokens(now, limit))
    }

    async fn purge_due_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_purge_due_grants(now, limit))
    }

    async fn try_purge_access_tokens(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, Failure> {
        let gone = sqlx::query(self.statements.purge.access_tokens.clone())
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .execute(&self.writer)
            .await?;
        Ok(row::count(gone.rows_affected()))
    }

    async fn try_purge_due_grants(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<Looked, Failure> {
        let statements = &self.statements.purge;
        let about = |statement: &SqlStr| {
            sqlx::query(statement.clone())
                .bind(microseconds(now))
                .bind(row::limit(limit))
        };
        let mut transaction = self.writer.begin_with(BEGIN).await?;
        let due = about(&statements.due).fetch_one(&mut *transaction).await?;
        let due = due.number(0)?;
        if due == 0 {
            transaction.rollback().await?;
            return Ok(Looked {
                removed: 0,
                more: false,
            });
        }
        let kept = about(&statements.keep).execute(&mut *transaction).await?;
        // Those that are kept are not due any more. In the order that is used throughout, so many of
        // those that still are were looked at.
        let ended = due.saturating_sub(row::limit(row::count(kept.rows_affected())));
        let about = |statement: &SqlStr| {
            sqlx::query(statement.clone())
                .bind(microseconds(now))
                .bind(ended)
        };
        let credentials = about(&statements.credentials)
            .bind(CREDENTIALS_AT_ONCE)
            .execute(&mut *transaction)
            .await?;
        let is_empty = credentials.rows_affected() < CREDENTIALS_AT_ONCE.unsigned_abs();
        let mut removed = 0;
        if is_empty {
            let grants = about(&statements.grants).execute(&mut *transaction).await?;
            removed = row::count(grants.rows_affected());
        }
        transaction.commit().await?;
        Ok(Looked {
            removed,
            more: !is_empty || due >= row::limit(limit),
        })
    }
}
