use async_trait::async_trait;
use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{CredentialKey, StoreError};
use sqlx::SqlStr;
use time::OffsetDateTime;

use super::SqliteStore;
use super::purge::AT_ONCE;
use super::store::BEGIN;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::keep_trying;
use crate::row::{self, PARKED, REQUESTS_OF_AN_OWNER, microseconds, subject_key};

pub(in crate::sqlite) struct Statements {
    push_out: SqlStr,
    put: SqlStr,
    get: SqlStr,
    take: SqlStr,
    purge: SqlStr,
}

impl Statements {
    pub(in crate::sqlite) fn new(prefix: &Prefix) -> Self {
        Self {
            push_out: prefix.statement(&format!(
                "DELETE FROM {{prefix}}parked_requests WHERE sequence IN (
                   SELECT sequence FROM {{prefix}}parked_requests WHERE owner_key = ?1
                   ORDER BY sequence DESC LIMIT -1 OFFSET {REQUESTS_OF_AN_OWNER}
                 )"
            )),
            put: prefix.statement(
                "INSERT INTO {prefix}parked_requests
                   (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (shard, digest) DO NOTHING",
            ),
            get: prefix.statement(&format!(
                "SELECT {PARKED} FROM {{prefix}}parked_requests
                 WHERE shard = ?1 AND digest = ?2 AND expires_at > ?3"
            )),
            take: prefix.statement(&format!(
                "DELETE FROM {{prefix}}parked_requests
                 WHERE shard = ?1 AND digest = ?2 AND expires_at > ?3
                 RETURNING {PARKED}"
            )),
            purge: prefix.statement(
                "DELETE FROM {prefix}parked_requests WHERE sequence IN (
                   SELECT sequence FROM {prefix}parked_requests WHERE expires_at <= ?1
                   ORDER BY expires_at LIMIT ?2
                 )",
            ),
        }
    }
}

impl SqliteStore {
    async fn try_put(&self, request: &ParkedRequest) -> Result<(), Failure> {
        let owner_key = subject_key(&request.owner).to_vec();
        let mut transaction = self.writer.begin_with(BEGIN).await?;
        sqlx::query(self.statements.request.put.clone())
            .bind(i64::from(request.key.shard()))
            .bind(request.key.digest().to_vec())
            .bind(request.owner.kind())
            .bind(request.owner.id().as_bytes().to_vec())
            .bind(owner_key.clone())
            .bind(microseconds(request.expires_at))
            .bind(request.payload.encode())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(self.statements.request.push_out.clone())
            .bind(owner_key)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn try_get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        let row = sqlx::query(self.statements.request.get.clone())
            .bind(i64::from(key.shard()))
            .bind(key.digest().to_vec())
            .bind(microseconds(now))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(|row| row::parked(row, key)).transpose()
    }

    async fn try_take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        // All rows, since what is not read to its end is not committed.
        let rows = sqlx::query(self.statements.request.take.clone())
            .bind(i64::from(key.shard()))
            .bind(key.digest().to_vec())
            .bind(microseconds(now))
            .fetch_all(&self.writer)
            .await?;
        rows.first().map(|row| row::parked(row, key)).transpose()
    }

    async fn purge_some_requests(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_purge_requests(now, limit))
    }

    async fn try_purge_requests(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, Failure> {
        let mut connection = self.writer.acquire().await?;
        let gone = sqlx::query(self.statements.request.purge.clone())
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .execute(&mut *connection)
            .await?;
        Ok(row::count(gone.rows_affected()))
    }
}

#[async_trait]
impl RequestStore for SqliteStore {
    async fn put(&self, request: &ParkedRequest, _now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_put(request))
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_get(key, now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_take(key, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut removed = 0;
        while removed < limit {
            let wanted = AT_ONCE.min(limit - removed);
            let gone = self.purge_some_requests(now, wanted).await?;
            removed += gone;
            if gone < wanted {
                break;
            }
        }
        Ok(removed)
    }
}
