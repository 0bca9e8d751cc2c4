use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Spend, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError, Subject};
use sqlx::{Connection, MySql, MySqlConnection, SqlStr};
use time::OffsetDateTime;

use super::MySqlStore;
use super::store::BEGIN;
use crate::connection::InTransaction;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{self, CREDENTIAL, GRANT, LAST_EXCHANGE, SETTLING, microseconds, subject_key};

pub(in crate::mysql) struct Statements {
    open: SqlStr,
    record: [SqlStr; 2],
    find: SqlStr,
    approve: SqlStr,
    deny: SqlStr,
    decided: SqlStr,
    hold: SqlStr,
    spend: SqlStr,
    unspent: SqlStr,
    settle: SqlStr,
    revoke_grant: SqlStr,
    revoke_credential: SqlStr,
    list: SqlStr,
    page: SqlStr,
}

/// So many credentials go into one statement: a code exchange and a refresh record two.
const RECORDED_AT_ONCE: usize = 2;

impl Statements {
    pub(in crate::mysql) fn new(prefix: &Prefix) -> Self {
        let statement = |sql: &str| prefix.statement(sql);
        Self {
            // A row that is there counts as found, not as inserted.
            open: statement(
                "INSERT IGNORE INTO {prefix}grants (id, client_id, subject_kind, subject_id,
                                subject_key, expires_at, revoked_at, purge_at, payload)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ),
            record: [1, RECORDED_AT_ONCE].map(|rows| {
                let row = "(?, ?, ?, ?, ?, ?, ?, ?)";
                statement(&format!(
                    "INSERT INTO {{prefix}}credentials
                       (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                     VALUES {}
                     ON DUPLICATE KEY UPDATE shard = VALUES(shard)",
                    vec![row; rows].join(", ")
                ))
            }),
            find: statement(&format!(
                "SELECT {GRANT}, {CREDENTIAL}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = ? AND c.digest = ?"
            )),
            approve: statement(
                "UPDATE {prefix}grants
                 SET subject_kind = ?, subject_id = ?, subject_key = ?, expires_at = ?,
                     purge_at = ?, payload = ?
                 WHERE id = ? AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > ?",
            ),
            deny: statement(
                "UPDATE {prefix}grants SET revoked_at = ?, purge_at = least(purge_at, ?)
                 WHERE id = ? AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > ?",
            ),
            decided: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id = ?"
            )),
            hold: statement(
                "SELECT 1 FROM {prefix}grants
                 WHERE id = ? AND subject_key IS NOT NULL AND revoked_at IS NULL AND expires_at > ?
                 LOCK IN SHARE MODE",
            ),
            spend: statement(
                "UPDATE {prefix}credentials SET spent_at = ?, spent_by = ?
                 WHERE shard = ? AND digest = ? AND grant_id = ?
                   AND spent_at IS NULL AND expires_at > ?",
            ),
            unspent: statement(
                "SELECT 1 FROM {prefix}credentials
                 WHERE shard = ? AND digest = ? AND grant_id = ?
                   AND spent_at IS NULL AND expires_at > ?
                 LOCK IN SHARE MODE",
            ),
            settle: statement(&format!(
                "SELECT {SETTLING}
                 FROM {{prefix}}grants g LEFT JOIN {{prefix}}credentials c
                   ON c.shard = ? AND c.digest = ? AND c.grant_id = g.id
                 WHERE g.id = ?"
            )),
            revoke_grant: statement(
                "UPDATE {prefix}grants SET revoked_at = ?, purge_at = least(purge_at, ?)
                 WHERE id = ? AND revoked_at IS NULL",
            ),
            revoke_credential: statement(
                "UPDATE {prefix}credentials SET spent_at = ?
                 WHERE shard = ? AND digest = ? AND spent_at IS NULL",
            ),
            list: statement(&format!(
                "SELECT {GRANT}, {LAST_EXCHANGE} FROM {{prefix}}grants g
                 WHERE g.subject_key = ? AND g.expires_at > ? AND g.revoked_at IS NULL"
            )),
            page: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id > ? ORDER BY g.id LIMIT ?"
            )),
        }
    }
}

impl MySqlStore {
    async fn try_open(&self, grant: &Grant, credentials: &[Credential]) -> Result<(), Failure> {
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = self.open_on(&mut connection, grant, credentials).await;
        connection.settle(outcome)
    }

    async fn open_on(
        &self,
        connection: &mut InTransaction<MySql>,
        grant: &Grant,
        credentials: &[Credential],
    ) -> Result<(), Failure> {
        let subject = grant.subject.as_ref();
        let mut transaction = connection.begin_with(BEGIN).await?;
        let opened = sqlx::query(self.statements.grant.open.clone())
            .bind(grant.id.to_bytes().to_vec())
            .bind(grant.client_id.as_str().as_bytes())
            .bind(subject.map(|subject| subject.kind().as_bytes()))
            .bind(subject.map(|subject| subject.id().as_bytes()))
            .bind(subject.map(|subject| subject_key(subject).to_vec()))
            .bind(microseconds(grant.expires_at))
            .bind(grant.revoked_at.map(microseconds))
            .bind(row::purge_at(grant, credentials))
            .bind(grant.payload.encode())
            .execute(&mut *transaction)
            .await?;
        if opened.rows_affected() > 0 {
            self.record(&mut transaction, &grant.id, credentials)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn record(
        &self,
        connection: &mut MySqlConnection,
        grant: &GrantId,
        credentials: &[Credential],
    ) -> Result<(), sqlx::Error> {
        let [one, several] = &self.statements.grant.record;
        for some in credentials.chunks(RECORDED_AT_ONCE) {
            let statement = if some.len() == RECORDED_AT_ONCE {
                several
            } else {
                one
            };
            let mut query = sqlx::query(statement.clone());
            for credential in some {
                query = query
                    .bind(credential.key.shard())
                    .bind(credential.key.digest().to_vec())
                    .bind(grant.to_bytes().to_vec())
                    .bind(credential.kind.as_str().as_bytes())
                    .bind(microseconds(credential.expires_at))
                    .bind(credential.spent_at.map(microseconds))
                    .bind(credential.spent_by.map(|id| id.as_bytes().to_vec()))
                    .bind(credential.payload.encode());
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn try_find(&self, key: &CredentialKey) -> Result<Option<Found>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(self.statements.grant.find.clone())
            .bind(key.shard())
            .bind(key.digest().as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(|row| row::found(row, key)).transpose()
    }

    async fn try_decide(
        &self,
        id: &GrantId,
        decision: &Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, Failure> {
        let statements = &self.statements.grant;
        let query = match decision {
            Decision::Approve {
                subject,
                expires_at,
                payload,
            } => sqlx::query(statements.approve.clone())
                .bind(subject.kind().as_bytes())
                .bind(subject.id().as_bytes())
                .bind(subject_key(subject).to_vec())
                .bind(microseconds(*expires_at))
                .bind(microseconds(*expires_at))
                .bind(payload.encode())
                .bind(id.to_bytes().to_vec())
                .bind(microseconds(now)),
            Decision::Deny => sqlx::query(statements.deny.clone())
                .bind(microseconds(now))
                .bind(row::remembered_until(now))
                .bind(id.to_bytes().to_vec())
                .bind(microseconds(now)),
        };
        let mut connection = self.pool.acquire().await?;
        if query.execute(&mut *connection).await?.rows_affected() > 0 {
            return Ok(Decided::Done);
        }
        let row = sqlx::query(statements.decided.clone())
            .bind(id.to_bytes().to_vec())
            .fetch_optional(&mut *connection)
            .await?;
        row::undecided(row.as_ref(), now)
    }

    async fn try_exchange(&self, exchange: &Exchange<'_>) -> Result<Exchanged, Failure> {
        let mut connection = InTransaction::new(self.pool.acquire().await?);
        let outcome = self.exchange_on(&mut connection, exchange).await;
        let connection = connection.settled();
        if outcome? {
            return Ok(Exchanged::Done);
        }
        // After the transaction, a statement sees what the winner of a race has written.
        let key = exchange.spend.key();
        let row = sqlx::query(self.statements.grant.settle.clone())
            .bind(key.shard())
            .bind(key.digest().as_slice())
            .bind(exchange.grant.to_bytes().to_vec())
            .fetch_optional(connection)
            .await?;
        row::settle(row.as_ref(), exchange)
    }

    /// Whether it happened.
    async fn exchange_on(
        &self,
        connection: &mut InTransaction<MySql>,
        exchange: &Exchange<'_>,
    ) -> Result<bool, Failure> {
        let statements = &self.statements.grant;
        let (grant, key) = (exchange.grant.to_bytes().to_vec(), exchange.spend.key());
        let now = microseconds(exchange.now);
        let mut transaction = connection.begin_with(BEGIN).await?;
        let held = sqlx::query(statements.hold.clone()).bind(&grant).bind(now);
        if held.fetch_optional(&mut *transaction).await?.is_none() {
            transaction.rollback().await?;
            return Ok(false);
        }
        let may_happen = match exchange.spend {
            Spend::Once(_) => {
                let spent = sqlx::query(statements.spend.clone())
                    .bind(now)
                    .bind(exchange.id.as_bytes().as_slice())
                    .bind(key.shard())
                    .bind(key.digest().as_slice())
                    .bind(&grant)
                    .bind(now);
                spent.execute(&mut *transaction).await?.rows_affected() > 0
            }
            Spend::Nothing { .. } => {
                let unspent = sqlx::query(statements.unspent.clone())
                    .bind(key.shard())
                    .bind(key.digest().as_slice())
                    .bind(&grant)
                    .bind(now);
                unspent.fetch_optional(&mut *transaction).await?.is_some()
            }
        };
        if may_happen {
            self.record(&mut transaction, &exchange.grant, &exchange.successors)
                .await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(may_happen)
    }

    async fn try_revoke(&self, target: &Target, now: OffsetDateTime) -> Result<(), Failure> {
        let query = match target {
            Target::Grant(id) => sqlx::query(self.statements.grant.revoke_grant.clone())
                .bind(microseconds(now))
                .bind(row::remembered_until(now))
                .bind(id.to_bytes().to_vec()),
            Target::Credential(key) => sqlx::query(self.statements.grant.revoke_credential.clone())
                .bind(microseconds(now))
                .bind(key.shard())
                .bind(key.digest().as_slice()),
        };
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }

    async fn try_list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let rows = sqlx::query(self.statements.grant.list.clone())
            .bind(subject_key(subject).to_vec())
            .bind(microseconds(now))
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(row::listed).collect()
    }

    async fn try_page(&self, after: &[u8], limit: usize) -> Result<GrantPage, Failure> {
        let mut connection = self.pool.acquire().await?;
        let rows = sqlx::query(self.statements.grant.page.clone())
            .bind(after.to_vec())
            .bind(row::page_limit(limit))
            .fetch_all(&mut *connection)
            .await?;
        row::page(&rows, limit)
    }
}

#[async_trait]
impl GrantStore for MySqlStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        _now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_open(grant, credentials))
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_find(key))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        // A decision that may have been made would be found made by somebody.
        let mut tries = self.tries(WhenLost::GiveUp);
        keep_trying!(self, tries, self.try_decide(id, &decision, now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_exchange(&exchange))
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_revoke(&target, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.purge_grants(now, limit).await
    }
}

#[async_trait]
impl GrantDirectory for MySqlStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_list(subject, now))
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let after = row::place(after)?;
        let mut tries = self.tries(WhenLost::AskAgain);
        keep_trying!(self, tries, self.try_page(&after, limit))
    }
}
