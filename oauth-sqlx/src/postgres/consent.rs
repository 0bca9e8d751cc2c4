use async_trait::async_trait;
use oauth_core::store::{Consent, ConsentStore};
use oauth_core::{ClientId, Scope, StoreError, UserId};
use sqlx::SqlStr;
use time::OffsetDateTime;

use super::PostgresStore;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, CONSENT, client_key, microseconds, user_key};

pub(in crate::postgres) struct Statements {
    find: SqlStr,
    list: SqlStr,
    record: SqlStr,
    withdraw: SqlStr,
}

impl Statements {
    pub(in crate::postgres) fn new(prefix: &Prefix) -> Self {
        Self {
            find: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = $1 AND client_key = $2"
            )),
            list: prefix.statement(&format!(
                "SELECT {CONSENT} FROM {{prefix}}consents WHERE user_key = $1 ORDER BY client_id"
            )),
            // The values of both, those that were there first, each once.
            record: prefix.statement(
                "INSERT INTO {prefix}consents AS c
                   (user_key, client_key, user_id, client_id, scope, recorded_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (user_key, client_key) DO UPDATE
                 SET recorded_at = excluded.recorded_at, scope = (
                   SELECT coalesce(string_agg(united.value, ' ' ORDER BY united.place), '') FROM (
                     SELECT value, min(place) AS place
                     FROM unnest(string_to_array(c.scope || ' ' || excluded.scope, ' '))
                       WITH ORDINALITY AS s (value, place)
                     WHERE value <> '' GROUP BY value
                   ) united
                 )",
            ),
            withdraw: prefix
                .statement("DELETE FROM {prefix}consents WHERE user_key = $1 AND client_key = $2"),
        }
    }
}

impl PostgresStore {
    async fn try_find_consent(
        &self,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Consent>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(self.statements.consent.find.clone())
            .bind(user_key(user))
            .bind(client_key(client))
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(row::consent).transpose()
    }

    async fn try_list_consents(&self, user: &UserId) -> Result<Vec<Consent>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let rows = sqlx::query(self.statements.consent.list.clone())
            .bind(user_key(user))
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
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.consent.record.clone())
            .bind(user_key(user))
            .bind(client_key(client))
            .bind(user.as_str().as_bytes())
            .bind(client.as_str().as_bytes())
            .bind(scope.as_str())
            .bind(microseconds(now))
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn try_withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        sqlx::query(self.statements.consent.withdraw.clone())
            .bind(user_key(user))
            .bind(client_key(client))
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl ConsentStore for PostgresStore {
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
