use async_trait::async_trait;
use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{CredentialKey, StoreError};
use sqlx::SqlStr;
use time::OffsetDateTime;

use super::PostgresStore;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, PARKED, REQUESTS_OF_AN_OWNER, microseconds, subject_key};

pub(in crate::postgres) struct Statements {
    put: SqlStr,
    get: SqlStr,
    take: SqlStr,
    purge: SqlStr,
}

impl Statements {
    pub(in crate::postgres) fn new(prefix: &Prefix) -> Self {
        // What is put is not seen in the same statement, so one fewer of the others is kept.
        let others = REQUESTS_OF_AN_OWNER - 1;
        Self {
            put: prefix.statement(&format!(
                "WITH pushed_out AS (
                   DELETE FROM {{prefix}}parked_requests p USING (
                     SELECT shard, digest FROM {{prefix}}parked_requests WHERE owner_key = $5
                     ORDER BY sequence DESC OFFSET {others}
                     FOR UPDATE SKIP LOCKED
                   ) d WHERE p.shard = d.shard AND p.digest = d.digest
                 )
                 INSERT INTO {{prefix}}parked_requests
                   (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (shard, digest) DO NOTHING"
            )),
            get: prefix.statement(&format!(
                "SELECT {PARKED} FROM {{prefix}}parked_requests
                 WHERE shard = $1 AND digest = $2 AND expires_at > $3"
            )),
            take: prefix.statement(&format!(
                "DELETE FROM {{prefix}}parked_requests
                 WHERE shard = $1 AND digest = $2 AND expires_at > $3
                 RETURNING {PARKED}"
            )),
            purge: prefix.statement(
                "DELETE FROM {prefix}parked_requests WHERE ctid = ANY (ARRAY(
                   SELECT ctid FROM {prefix}parked_requests WHERE expires_at <= $1
                   ORDER BY expires_at LIMIT $2
                   FOR UPDATE SKIP LOCKED
                 ))",
            ),
        }
    }
}

impl PostgresStore {
    async fn try_put(&self, request: &ParkedRequest) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.request.put.clone())
            .bind(i32::from(request.key.shard()))
            .bind(request.key.digest())
            .bind(request.owner.kind())
            .bind(request.owner.id().as_bytes())
            .bind(subject_key(&request.owner))
            .bind(microseconds(request.expires_at))
            .bind(request.payload.encode())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// Runs `get` or `take`.
    async fn try_read(
        &self,
        statement: &SqlStr,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(statement.clone())
            .bind(i32::from(key.shard()))
            .bind(key.digest())
            .bind(microseconds(now))
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(|row| row::parked(row, key)).transpose()
    }

    async fn try_purge_requests(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, Failure> {
        let mut connection = self.pool.acquire().await?;
        let gone = sqlx::query(self.statements.request.purge.clone())
            .bind(microseconds(now))
            .bind(row::limit(limit))
            .execute(&mut *connection)
            .await?;
        Ok(row::count(gone.rows_affected()))
    }
}

#[async_trait]
impl RequestStore for PostgresStore {
    async fn put(&self, request: &ParkedRequest, _now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_put(request))
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        let get = &self.statements.request.get;
        keep_trying!(self, tries, self.try_read(get, key, now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        // One that may have been given to nobody is not looked for again: it would be found absent.
        let mut tries = self.tries(WhenLost::GiveUp);
        let take = &self.statements.request.take;
        keep_trying!(self, tries, self.try_read(take, key, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_purge_requests(now, limit))
    }
}
