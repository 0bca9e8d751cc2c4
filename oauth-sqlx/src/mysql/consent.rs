use async_trait::async_trait;
use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Scope, StoreError, UserId};
use sqlx::{Connection, MySql, SqlStr};
use time::OffsetDateTime;

use super::MySqlStore;
use super::store::BEGIN;
use crate::connection::InTransaction;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, CONSENT, Columns, client_key, microseconds, user_key};

pub(in crate::mysql) struct Statements {
    find: SqlStr,
    list: SqlStr,
    begin: SqlStr,
    scope: SqlStr,
    record: SqlStr,
    withdraw: SqlStr,
}

impl Statements {
    pub(in crate::mysql) fn new(prefix: &Prefix) -> Self {
        Self {
            find: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = ? AND client_key = ?"
            )),
            list: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = ? ORDER BY client_id"
            )),
            // Locks the row, whether it was there or not.
            begin: prefix.statement(
                "INSERT INTO {prefix}consents
                   (user_key, client_key, user_id, client_id, scope, recorded_at)
                 VALUES (?, ?, ?, ?, '', ?)
                 ON DUPLICATE KEY UPDATE recorded_at = VALUES(recorded_at)",
            ),
            scope: prefix.statement(
                "SELECT scope FROM {prefix}consents WHERE user_key = ? AND client_key = ? FOR UPDATE",
            ),
            record: prefix.statement(
                "UPDATE {prefix}consents SET scope = ? WHERE user_key = ? AND client_key = ?",
            ),
            withdraw: prefix
                .statement("DELETE FROM {prefix}consents WHERE user_key = ? AND client_key = ?"),
        }
    }
}

impl MySqlStore {
    async fn try_find_consent(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Consent>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(self.statements.consent.find.clone())
            .bind(user_key(user).to_vec())
            .bind(client_key(client).to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(row::consent).transpose()
    }

    async fn try_list_consents(&self, user: &UserId) -> Result<Vec<Consent>, Failure> {
        let mut connection = self.pool.acquire().await?;
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
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = self
            .record_on(&mut connection, user, client, scope, now)
            .await;
        connection.settle(outcome)
    }

    async fn record_on(
        &self,
        connection: &mut InTransaction<MySql>,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), Failure> {
        let statements = &self.statements.consent;
        let (user_key, client_key) = (user_key(user).to_vec(), client_key(client).to_vec());
        let mut transaction = connection.begin_with(BEGIN).await?;
        sqlx::query(statements.begin.clone())
            .bind(&user_key)
            .bind(&client_key)
            .bind(user.as_str().as_bytes())
            .bind(client.as_str().as_bytes())
            .bind(microseconds(now))
            .execute(&mut *transaction)
            .await?;
        let known = sqlx::query(statements.scope.clone())
            .bind(&user_key)
            .bind(&client_key)
            .fetch_one(&mut *transaction)
            .await?;
        let known = row::scope(&known.optional_text(0)?.unwrap_or_default())?;
        sqlx::query(statements.record.clone())
            .bind(known.union(scope).as_str().as_bytes())
            .bind(&user_key)
            .bind(&client_key)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn try_withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.consent.withdraw.clone())
            .bind(user_key(user).to_vec())
            .bind(client_key(client).to_vec())
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl ConsentStore for MySqlStore {
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_find_consent(user, client))
    }

    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_list_consents(user))
    }

    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_record(user, client, scope, now))
    }

    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_withdraw(user, client))
    }
}
