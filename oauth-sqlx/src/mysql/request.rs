use async_trait::async_trait;
use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{CredentialKey, StoreError};
use sqlx::{MySqlConnection, SqlStr};
use time::OffsetDateTime;

use super::MySqlStore;
use super::purge::{Front, delete};
use crate::connection::InTransaction;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, Columns, PARKED, REQUESTS_OF_AN_OWNER, microseconds, subject_key};

pub(in crate::mysql) struct Statements {
    put: SqlStr,
    excess: SqlStr,
    push_out: SqlStr,
    get: SqlStr,
    take: SqlStr,
    purge: SqlStr,
    purge_from: Front,
}

impl Statements {
    pub(in crate::mysql) fn new(prefix: &Prefix) -> Self {
        Self {
            put: prefix.statement(
                "INSERT INTO {prefix}parked_requests
                   (shard, digest, owner_kind, owner_id, owner_key, expires_at, payload)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON DUPLICATE KEY UPDATE sequence = sequence",
            ),
            excess: prefix.statement(&format!(
                "SELECT sequence FROM {{prefix}}parked_requests WHERE owner_key = ?
                 ORDER BY sequence DESC LIMIT 100 OFFSET {REQUESTS_OF_AN_OWNER}"
            )),
            push_out: prefix.statement(
                "DELETE FROM {prefix}parked_requests
                 WHERE owner_key = ? AND sequence <= ? ORDER BY sequence LIMIT 100",
            ),
            get: prefix.statement(&format!(
                "SELECT {PARKED} FROM {{prefix}}parked_requests
                 WHERE shard = ? AND digest = ? AND expires_at > ?"
            )),
            take: prefix.statement(
                "DELETE FROM {prefix}parked_requests
                 WHERE shard = ? AND digest = ? AND expires_at > ?",
            ),
            purge: prefix.statement(
                "DELETE p FROM {prefix}parked_requests p JOIN (
                   SELECT sequence FROM {prefix}parked_requests FORCE INDEX (to_purge)
                   WHERE expires_at BETWEEN ? AND ? ORDER BY expires_at LIMIT ?
                 ) d ON p.sequence = d.sequence",
            ),
            purge_from: Front::new(prefix.statement(
                "SELECT expires_at FROM {prefix}parked_requests FORCE INDEX (to_purge)
                 WHERE expires_at >= ? ORDER BY expires_at LIMIT 1",
            )),
        }
    }
}

impl MySqlStore {
    /// Two statements, or three: each is all that its part of the work needs, and when a later one does not
    /// happen, an owner has a request too many for a while.
    async fn try_put(&self, request: &ParkedRequest) -> Result<(), Failure> {
        let statements = &self.statements.request;
        let owner_key = subject_key(&request.owner).to_vec();
        let mut connection = self.pool.acquire().await?;
        sqlx::query(statements.put.clone())
            .bind(request.key.shard())
            .bind(request.key.digest().as_slice())
            .bind(request.owner.kind().as_bytes())
            .bind(request.owner.id().as_bytes())
            .bind(&owner_key)
            .bind(microseconds(request.expires_at))
            .bind(request.payload.encode())
            .execute(&mut *connection)
            .await?;
        let excess = sqlx::query(statements.excess.clone())
            .bind(&owner_key)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(newest) = excess {
            sqlx::query(statements.push_out.clone())
                .bind(&owner_key)
                .bind(newest.number(0)?)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    async fn try_get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        let mut connection = self.pool.acquire().await?;
        self.read(&mut connection, key, now).await
    }

    /// What is parked under a key never changes, so whoever removes it has read it.
    async fn try_take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let Some(request) = self.read(&mut connection, key, now).await? else {
            return Ok(None);
        };
        let taken = sqlx::query(self.statements.request.take.clone())
            .bind(key.shard())
            .bind(key.digest().as_slice())
            .bind(microseconds(now))
            .execute(&mut *connection)
            .await?;
        Ok((taken.rows_affected() > 0).then_some(request))
    }

    async fn read(
        &self,
        connection: &mut MySqlConnection,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, Failure> {
        let row = sqlx::query(self.statements.request.get.clone())
            .bind(key.shard())
            .bind(key.digest().as_slice())
            .bind(microseconds(now))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(|row| row::parked(row, key)).transpose()
    }

    async fn try_purge_requests(
        &self,
        now: OffsetDateTime,
        limit: usize,
    ) -> Result<usize, Failure> {
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let statements = &self.statements.request;
        let outcome = delete(
            &mut connection,
            &statements.purge,
            &statements.purge_from,
            now,
            limit,
        );
        let outcome = outcome.await;
        connection.settle(outcome)
    }
}

#[async_trait]
impl RequestStore for MySqlStore {
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
        keep_trying!(self, tries, self.try_get(key, now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        // One that may have been given to nobody is not looked for again: it would be found absent.
        let mut tries = self.tries(WhenLost::GiveUp);
        keep_trying!(self, tries, self.try_take(key, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_purge_requests(now, limit))
    }
}
