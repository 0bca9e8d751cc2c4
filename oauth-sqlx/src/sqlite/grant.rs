use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Spend, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError, Subject};
use sqlx::{SqlStr, SqliteConnection};
use time::OffsetDateTime;

use super::SqliteStore;
use super::store::BEGIN;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::keep_trying;
use crate::row::{
    self, CREDENTIAL, Columns, GRANT, LAST_EXCHANGE, SETTLING, microseconds, subject_key,
};

pub(in crate::sqlite) struct Statements {
    open: SqlStr,
    record: SqlStr,
    find: SqlStr,
    approve: SqlStr,
    deny: SqlStr,
    decided: SqlStr,
    spend: SqlStr,
    unspent: SqlStr,
    claim: SqlStr,
    settle: SqlStr,
    revoke_grant: SqlStr,
    revoke_credential: SqlStr,
    list: SqlStr,
    page: SqlStr,
}

/// What the index of credentials by their grant has in it, in the words of the index. An access token goes when it
/// expires, and with it in the index each purge would write to one more place of its own.
pub(in crate::sqlite) const UNDER_A_GRANT: &str = "kind <> 'access_token'";

/// The conditions under which a credential can be spent, or count as unspent.
const SPENDABLE: &str = "c.shard = ?2 AND c.digest = ?3 AND c.grant_id = ?1
     AND c.spent_at IS NULL AND c.expires_at > ?4
     AND EXISTS (
       SELECT 1 FROM {prefix}grants g
       WHERE g.id = ?1 AND g.subject_key IS NOT NULL AND g.revoked_at IS NULL AND g.expires_at > ?4
     )";

impl Statements {
    pub(in crate::sqlite) fn new(prefix: &Prefix) -> Self {
        let statement = |sql: &str| prefix.statement(sql);
        let last_exchange =
            LAST_EXCHANGE.replace("c.spent_by", &format!("{UNDER_A_GRANT} AND c.spent_by"));
        Self {
            open: statement(
                "INSERT INTO {prefix}grants (id, client_id, subject_kind, subject_id, subject_key,
                                             expires_at, revoked_at, purge_at, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO NOTHING",
            ),
            record: statement(
                "INSERT INTO {prefix}credentials
                   (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (shard, digest) DO NOTHING",
            ),
            find: statement(&format!(
                "SELECT {GRANT}, {CREDENTIAL}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = ?1 AND c.digest = ?2"
            )),
            approve: statement(
                "UPDATE {prefix}grants
                 SET subject_kind = ?3, subject_id = ?4, subject_key = ?5, expires_at = ?6,
                     purge_at = ?6, payload = ?7
                 WHERE id = ?1 AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > ?2",
            ),
            deny: statement(
                "UPDATE {prefix}grants SET revoked_at = ?2, purge_at = min(purge_at, ?3)
                 WHERE id = ?1 AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > ?2",
            ),
            decided: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id = ?1"
            )),
            spend: statement(&format!(
                "UPDATE {{prefix}}credentials AS c SET spent_at = ?4, spent_by = ?5 WHERE {SPENDABLE}"
            )),
            unspent: statement(&format!(
                "SELECT c.kind = 'authorization_code' FROM {{prefix}}credentials c WHERE {SPENDABLE}"
            )),
            claim: statement("UPDATE {prefix}grants SET purge_at = expires_at WHERE id = ?1"),
            settle: statement(&format!(
                "SELECT {SETTLING}
                 FROM {{prefix}}grants g LEFT JOIN {{prefix}}credentials c
                   ON c.shard = ?2 AND c.digest = ?3 AND c.grant_id = g.id
                 WHERE g.id = ?1"
            )),
            revoke_grant: statement(
                "UPDATE {prefix}grants SET revoked_at = ?2, purge_at = min(purge_at, ?3)
                 WHERE id = ?1 AND revoked_at IS NULL",
            ),
            revoke_credential: statement(
                "UPDATE {prefix}credentials SET spent_at = ?3
                 WHERE shard = ?1 AND digest = ?2 AND spent_at IS NULL",
            ),
            list: statement(&format!(
                "SELECT {GRANT}, {last_exchange} FROM {{prefix}}grants g
                 WHERE g.subject_key = ?1 AND g.expires_at > ?2 AND g.revoked_at IS NULL"
            )),
            page: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id > ?1 ORDER BY g.id LIMIT ?2"
            )),
        }
    }
}

impl SqliteStore {
    async fn try_open(&self, grant: &Grant, credentials: &[Credential]) -> Result<(), Failure> {
        let subject = grant.subject.as_ref();
        let query = sqlx::query(self.statements.grant.open.clone())
            .bind(grant.id.to_bytes().to_vec())
            .bind(grant.client_id.as_str().as_bytes().to_vec())
            .bind(subject.map(Subject::kind))
            .bind(subject.map(|subject| subject.id().as_bytes().to_vec()))
            .bind(subject.map(|subject| subject_key(subject).to_vec()))
            .bind(microseconds(grant.expires_at))
            .bind(grant.revoked_at.map(microseconds))
            .bind(row::purge_at(grant, credentials))
            .bind(grant.payload.encode());
        let mut transaction = self.writer.begin_with(BEGIN).await?;
        if query.execute(&mut *transaction).await?.rows_affected() > 0 {
            self.record(&mut transaction, &grant.id, credentials)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn record(
        &self,
        connection: &mut SqliteConnection,
        grant: &GrantId,
        credentials: &[Credential],
    ) -> Result<(), sqlx::Error> {
        for credential in credentials {
            sqlx::query(self.statements.grant.record.clone())
                .bind(i64::from(credential.key.shard()))
                .bind(credential.key.digest().to_vec())
                .bind(grant.to_bytes().to_vec())
                .bind(credential.kind.as_str())
                .bind(microseconds(credential.expires_at))
                .bind(credential.spent_at.map(microseconds))
                .bind(credential.spent_by.map(|id| id.as_bytes().to_vec()))
                .bind(credential.payload.encode())
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    async fn try_find(&self, key: &CredentialKey) -> Result<Option<Found>, Failure> {
        let mut connection = self.readers.acquire().await?;
        let row = sqlx::query(self.statements.grant.find.clone())
            .bind(i64::from(key.shard()))
            .bind(key.digest().to_vec())
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
                .bind(id.to_bytes().to_vec())
                .bind(microseconds(now))
                .bind(subject.kind())
                .bind(subject.id().as_bytes().to_vec())
                .bind(subject_key(subject).to_vec())
                .bind(microseconds(*expires_at))
                .bind(payload.encode()),
            Decision::Deny => sqlx::query(statements.deny.clone())
                .bind(id.to_bytes().to_vec())
                .bind(microseconds(now))
                .bind(row::remembered_until(now)),
        };
        let mut connection = self.writer.acquire().await?;
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
        let statements = &self.statements.grant;
        let (grant, key) = (exchange.grant.to_bytes().to_vec(), exchange.spend.key());
        let about = |statement: &SqlStr| {
            sqlx::query(statement.clone())
                .bind(grant.clone())
                .bind(i64::from(key.shard()))
                .bind(key.digest().to_vec())
        };
        let now = microseconds(exchange.now);
        // Nobody else writes until it ends, so what is read in it is so.
        let mut transaction = self.writer.begin_with(BEGIN).await?;
        let may_happen = match exchange.spend {
            Spend::Once(_) => {
                let spend = about(&statements.spend).bind(now);
                let spend = spend.bind(exchange.id.as_bytes().to_vec());
                spend.execute(&mut *transaction).await?.rows_affected() > 0
            }
            Spend::Nothing { .. } => {
                let unspent = about(&statements.unspent).bind(now);
                let unspent = unspent.fetch_optional(&mut *transaction).await?;
                if let Some(row) = &unspent
                    && row.number(0)? > 0
                {
                    // A look at the grant when the code has expired would not see what is recorded now.
                    let claim = sqlx::query(statements.claim.clone()).bind(grant.clone());
                    claim.execute(&mut *transaction).await?;
                }
                unspent.is_some()
            }
        };
        if may_happen {
            self.record(&mut transaction, &exchange.grant, &exchange.successors)
                .await?;
            transaction.commit().await?;
            return Ok(Exchanged::Done);
        }
        let row = about(&statements.settle)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        row::settle(row.as_ref(), exchange)
    }

    async fn try_revoke(&self, target: &Target, now: OffsetDateTime) -> Result<(), Failure> {
        let query = match target {
            Target::Grant(id) => sqlx::query(self.statements.grant.revoke_grant.clone())
                .bind(id.to_bytes().to_vec())
                .bind(microseconds(now))
                .bind(row::remembered_until(now)),
            Target::Credential(key) => sqlx::query(self.statements.grant.revoke_credential.clone())
                .bind(i64::from(key.shard()))
                .bind(key.digest().to_vec())
                .bind(microseconds(now)),
        };
        let mut connection = self.writer.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }

    async fn try_list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, Failure> {
        let mut connection = self.readers.acquire().await?;
        let rows = sqlx::query(self.statements.grant.list.clone())
            .bind(subject_key(subject).to_vec())
            .bind(microseconds(now))
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(row::listed).collect()
    }

    async fn try_page(&self, after: &[u8], limit: usize) -> Result<GrantPage, Failure> {
        let mut connection = self.readers.acquire().await?;
        let rows = sqlx::query(self.statements.grant.page.clone())
            .bind(after.to_vec())
            .bind(row::page_limit(limit))
            .fetch_all(&mut *connection)
            .await?;
        row::page(&rows, limit)
    }
}

#[async_trait]
impl GrantStore for SqliteStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        _now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_open(grant, credentials))
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_find(key))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_decide(id, &decision, now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_exchange(&exchange))
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_revoke(&target, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        self.purge_grants(now, limit).await
    }
}

#[async_trait]
impl GrantDirectory for SqliteStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_list(subject, now))
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let after = row::place(after)?;
        let mut tries = self.tries();
        keep_trying!(self, tries, self.try_page(&after, limit))
    }
}
