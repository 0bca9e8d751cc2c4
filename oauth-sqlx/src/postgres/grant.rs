use async_trait::async_trait;
use oauth_core::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Spend, Target,
};
use oauth_core::{CredentialKey, GrantId, StoreError, Subject};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Postgres, SqlStr};
use time::OffsetDateTime;

use super::PostgresStore;
use crate::error::Failure;
use crate::names::Prefix;
use crate::retry::{WhenLost, keep_trying};
use crate::row::{
    self, CREDENTIAL, Columns, GRANT, LAST_EXCHANGE, SETTLING, microseconds, subject_key,
};

pub(in crate::postgres) struct Statements {
    open: SqlStr,
    find: SqlStr,
    approve: SqlStr,
    deny: SqlStr,
    decided: SqlStr,
    exchange: SqlStr,
    add: SqlStr,
    settle: SqlStr,
    revoke_grant: SqlStr,
    revoke_credential: SqlStr,
    list: SqlStr,
    page: SqlStr,
}

/// The columns of credentials that are recorded together, as arrays. The parameters begin at `$first`.
fn recorded(first: u8) -> String {
    let types = ["int4", "bytea", "text", "int8", "int8", "bytea", "bytea"];
    let arrays = (first..)
        .zip(types)
        .map(|(at, of)| format!("${at}::{of}[]"));
    format!(
        "unnest({}) AS s (shard, digest, kind, expires_at, spent_at, spent_by, payload)",
        arrays.collect::<Vec<_>>().join(", ")
    )
}

/// Inserts them under each grant of `under`.
fn insert(under: &str, first: u8) -> String {
    format!(
        "INSERT INTO {{prefix}}credentials
           (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
         SELECT s.shard, s.digest, {under}.id, s.kind, s.expires_at, s.spent_at, s.spent_by,
                s.payload
         FROM {under}, {}
         ON CONFLICT (shard, digest) DO NOTHING",
        recorded(first)
    )
}

/// The live grant, locked before anything else is looked at: a `revoke` that came earlier is waited
/// for and seen, one that comes later waits. What is read from it in the same statement is checked
/// again after any wait, each row in its newest version.
const HELD: &str = "WITH held AS MATERIALIZED (
       SELECT id FROM {prefix}grants
       WHERE id = $1 AND subject_key IS NOT NULL AND revoked_at IS NULL AND expires_at > $4
       FOR SHARE
     )";

impl Statements {
    pub(in crate::postgres) fn new(prefix: &Prefix) -> Self {
        let statement = |sql: &str| prefix.statement(sql);
        Self {
            open: statement(&format!(
                "WITH opened AS (
                   INSERT INTO {{prefix}}grants (id, client_id, subject_kind, subject_id, subject_key,
                                                 expires_at, revoked_at, purge_at, payload)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (id) DO NOTHING
                   RETURNING id
                 )
                 {}",
                insert("opened", 10)
            )),
            find: statement(&format!(
                "SELECT {GRANT}, {CREDENTIAL}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = $1 AND c.digest = $2"
            )),
            approve: statement(
                "UPDATE {prefix}grants
                 SET subject_kind = $3, subject_id = $4, subject_key = $5, expires_at = $6,
                     purge_at = $6, payload = $7
                 WHERE id = $1 AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > $2",
            ),
            deny: statement(
                "UPDATE {prefix}grants SET revoked_at = $2, purge_at = least(purge_at, $3)
                 WHERE id = $1 AND subject_key IS NULL AND revoked_at IS NULL AND expires_at > $2",
            ),
            decided: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id = $1"
            )),
            exchange: statement(&format!(
                "{HELD}, spent AS (
                   UPDATE {{prefix}}credentials c
                   SET spent_at = $4, spent_by = $5
                   FROM held
                   WHERE c.shard = $2 AND c.digest = $3 AND c.grant_id = held.id
                     AND c.spent_at IS NULL AND c.expires_at > $4
                   RETURNING held.id
                 ), recorded AS (
                   {}
                 )
                 SELECT count(*) FROM spent",
                insert("spent", 6)
            )),
            add: statement(&format!(
                "{HELD}, unspent AS MATERIALIZED (
                   SELECT held.id
                   FROM {{prefix}}credentials c JOIN held ON c.grant_id = held.id
                   WHERE c.shard = $2 AND c.digest = $3
                     AND c.spent_at IS NULL AND c.expires_at > $4
                   FOR SHARE OF c
                 ), recorded AS (
                   {}
                 )
                 SELECT count(*) FROM unspent",
                insert("unspent", 5)
            )),
            settle: statement(&format!(
                "SELECT {SETTLING}
                 FROM {{prefix}}grants g LEFT JOIN {{prefix}}credentials c
                   ON c.shard = $2 AND c.digest = $3 AND c.grant_id = g.id
                 WHERE g.id = $1"
            )),
            revoke_grant: statement(
                "UPDATE {prefix}grants SET revoked_at = $2, purge_at = least(purge_at, $3)
                 WHERE id = $1 AND revoked_at IS NULL",
            ),
            revoke_credential: statement(
                "UPDATE {prefix}credentials SET spent_at = $3
                 WHERE shard = $1 AND digest = $2 AND spent_at IS NULL",
            ),
            list: statement(&format!(
                "SELECT {GRANT}, {LAST_EXCHANGE} FROM {{prefix}}grants g
                 WHERE g.subject_key = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL"
            )),
            page: statement(&format!(
                "SELECT {GRANT} FROM {{prefix}}grants g WHERE g.id > $1 ORDER BY g.id LIMIT $2"
            )),
        }
    }
}

/// Binds credentials for [`recorded`].
fn bind_recorded<'q>(
    query: Query<'q, Postgres, PgArguments>,
    credentials: &[Credential],
) -> Query<'q, Postgres, PgArguments> {
    fn each<T>(credentials: &[Credential], column: impl Fn(&Credential) -> T) -> Vec<T> {
        credentials.iter().map(column).collect()
    }
    query
        .bind(each(credentials, |it| i32::from(it.key.shard())))
        .bind(each(credentials, |it| it.key.digest().to_vec()))
        .bind(each(credentials, |it| it.kind.as_str()))
        .bind(each(credentials, |it| microseconds(it.expires_at)))
        .bind(each(credentials, |it| it.spent_at.map(microseconds)))
        .bind(each(credentials, |it| {
            it.spent_by.map(|id| id.as_bytes().to_vec())
        }))
        .bind(each(credentials, |it| it.payload.encode()))
}

impl PostgresStore {
    async fn try_open(&self, grant: &Grant, credentials: &[Credential]) -> Result<(), Failure> {
        let subject = grant.subject.as_ref();
        let query = sqlx::query(self.statements.grant.open.clone())
            .bind(grant.id.to_bytes())
            .bind(grant.client_id.as_str().as_bytes())
            .bind(subject.map(Subject::kind))
            .bind(subject.map(|subject| subject.id().as_bytes()))
            .bind(subject.map(subject_key))
            .bind(microseconds(grant.expires_at))
            .bind(grant.revoked_at.map(microseconds))
            .bind(row::purge_at(grant, credentials))
            .bind(grant.payload.encode());
        let mut connection = self.pool.acquire().await?;
        bind_recorded(query, credentials)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn try_find(&self, key: &CredentialKey) -> Result<Option<Found>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(self.statements.grant.find.clone())
            .bind(i32::from(key.shard()))
            .bind(key.digest())
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
                .bind(id.to_bytes())
                .bind(microseconds(now))
                .bind(subject.kind())
                .bind(subject.id().as_bytes())
                .bind(subject_key(subject))
                .bind(microseconds(*expires_at))
                .bind(payload.encode()),
            Decision::Deny => sqlx::query(statements.deny.clone())
                .bind(id.to_bytes())
                .bind(microseconds(now))
                .bind(row::remembered_until(now)),
        };
        let mut connection = self.pool.acquire().await?;
        if query.execute(&mut *connection).await?.rows_affected() > 0 {
            return Ok(Decided::Done);
        }
        let row = sqlx::query(statements.decided.clone())
            .bind(id.to_bytes())
            .fetch_optional(&mut *connection)
            .await?;
        row::undecided(row.as_ref(), now)
    }

    async fn try_exchange(&self, exchange: &Exchange<'_>) -> Result<Exchanged, Failure> {
        let statements = &self.statements.grant;
        let (grant, key) = (exchange.grant.to_bytes(), exchange.spend.key());
        let sql = match exchange.spend {
            Spend::Once(_) => &statements.exchange,
            Spend::Nothing { .. } => &statements.add,
        };
        let mut query = sqlx::query(sql.clone())
            .bind(grant)
            .bind(i32::from(key.shard()))
            .bind(key.digest())
            .bind(microseconds(exchange.now));
        if let Spend::Once(_) = exchange.spend {
            query = query.bind(exchange.id.as_bytes());
        }
        let mut connection = self.pool.acquire().await?;
        let done = bind_recorded(query, &exchange.successors)
            .fetch_one(&mut *connection)
            .await?;
        if done.number(0)? > 0 {
            return Ok(Exchanged::Done);
        }
        // A statement of its own sees what the winner of a race has written.
        let row = sqlx::query(statements.settle.clone())
            .bind(grant)
            .bind(i32::from(key.shard()))
            .bind(key.digest())
            .fetch_optional(&mut *connection)
            .await?;
        row::settle(row.as_ref(), exchange)
    }

    async fn try_revoke(&self, target: &Target, now: OffsetDateTime) -> Result<(), Failure> {
        let query = match target {
            Target::Grant(id) => sqlx::query(self.statements.grant.revoke_grant.clone())
                .bind(id.to_bytes())
                .bind(microseconds(now))
                .bind(row::remembered_until(now)),
            Target::Credential(key) => sqlx::query(self.statements.grant.revoke_credential.clone())
                .bind(i32::from(key.shard()))
                .bind(key.digest())
                .bind(microseconds(now)),
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
            .bind(subject_key(subject))
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
impl GrantStore for PostgresStore {
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
impl GrantDirectory for PostgresStore {
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
