use async_trait::async_trait;
use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Scope, StoreError, UserId};
use sqlx::SqlStr;
use time::OffsetDateTime;

use super::SqliteStore;
use super::store::BEGIN;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::keep_trying;
use crate::row::{self, CONSENT, Columns, client_key, microseconds, user_key};

pub(in crate::sqlite) struct Statements {
    find: SqlStr,
    list: SqlStr,
    scope: SqlStr,
    record: SqlStr,
    withdraw: SqlStr,
}

impl Statements {
    pub(in crate::sqlite) fn new(prefix: &Prefix) -> Self {
        Self {
            find: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = ?1 AND client_key = ?2"
            )),
            list: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = ?1 ORDER BY client_id"
            )),
            scope: prefix.statement(
                "SELECT scope FROM {prefix}consents WHERE user_key = ?1 AND client_key = ?2",
            ),
            record: prefix.statement(
                "INSERT INTO {prefix}consents
                   (user_key, client_key, user_id, client_id, scope, recorded_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (user_key, client_key) DO UPDATE
                 SET recorded_at = excluded.recorded_at, scope = excluded.scope",
            ),
            withdraw: prefix
                .statement("DELETE FROM {prefix}consents WHERE user_key = ?1 AND client_key = ?2"),
        }
    }
}

impl SqliteStore {
    async fn try_find_consent(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Consent>, Failure> {
        let mut connection = self.readers.acquire().await?;
        let row = sqlx::query(self.statements.consent.find.clone())
            .bind(user_key(user).to_vec())
            .bind(client_key(client).to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(row::consent).transpose()
    }

    async fn try_list_consents(&self, user: &UserId) -> Result<Vec<Consent>, Failure> {
        let mut connection = self.readers.acquire().await?;
        let rows = sqlx::query(self.statements.consent.list.clone())
            .bind(user_key(user).to_vec())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(row::consent).collect()
    }

    async fn try_record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), Failure> {
        let (user_key, client_key) = (user_key(user).to_vec(), client_key(client).to_vec());
        let mut transaction = self.writer.begin_with(BEGIN).await?;
        let known = sqlx::query(self.statements.consent.scope.clone())
            .bind(user_key.clone())
            .bind(client_key.clone())
            .fetch_optional(&mut *transaction)
            .await?;
        let scope = match known {
            Some(row) => row::scope(&row.optional_text(0)?.unwrap_or_default())?.union(scope),
            None => scope.clone(),
        };
        sqlx::query(self.statements.consent.record.clone())
            .bind(user_key)
            .bind(client_key)
            .bind(user.as_str().as_bytes().to_vec())
            .bind(client.as_str().as_bytes().to_vec())
            .bind(scope.as_str())
            .bind(microseconds(now))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn try_withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), Failure> {
        let mut connection = self.writer.acquire().await?;
        sqlx::query(self.statements.consent.withdraw.clone())
            .bind(user_key(user).to_vec())
            .bind(client_key(client).to_vec())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl ConsentStore for SqliteStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_find_consent(user, client))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_list_consents(user))
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_record(user, client, scope, now))
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_withdraw(user, client))
    }
}
