use async_trait::async_trait;
use oauth_core::store::Credential;
use oauth_sqlx::postgres::PostgresStore;
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::query::Query;
use sqlx::{Row, SqlStr};

use super::{Bare, Connections, FOUND, Opening, Spending, statement};
use crate::row::{client_key, microseconds, subject_key};

/// On the pool of the store.
pub(crate) struct Postgres {
    pool: PgPool,
    client: SqlStr,
    find: SqlStr,
    exchange: SqlStr,
    open: SqlStr,
}

impl Postgres {
    pub(crate) fn new(store: &PostgresStore) -> Self {
        let statement = |sql: &str| statement(store.prefix(), sql);
        Self {
            pool: store.pool().clone(),
            client: statement("SELECT client FROM {prefix}clients WHERE client_key = $1"),
            find: statement(&format!(
                "SELECT {FOUND}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = $1 AND c.digest = $2"
            )),
            exchange: statement(
                "WITH held AS MATERIALIZED (
                   SELECT id FROM {prefix}grants
                   WHERE id = $1 AND subject_key IS NOT NULL AND revoked_at IS NULL AND expires_at > $4
                   FOR SHARE
                 ), spent AS (
                   UPDATE {prefix}credentials c
                   SET spent_at = $4, spent_by = $5
                   FROM held
                   WHERE c.shard = $2 AND c.digest = $3 AND c.grant_id = held.id
                     AND c.spent_at IS NULL AND c.expires_at > $4
                   RETURNING held.id
                 ), recorded AS (
                   INSERT INTO {prefix}credentials
                     (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                   SELECT s.shard, s.digest, spent.id, s.kind, s.expires_at, s.spent_at, s.spent_by,
                     s.payload
                   FROM spent, unnest($6::int4[], $7::bytea[], $8::text[], $9::int8[], $10::int8[],
                     $11::bytea[], $12::bytea[])
                     AS s (shard, digest, kind, expires_at, spent_at, spent_by, payload)
                   ON CONFLICT (shard, digest) DO NOTHING
                 )
                 SELECT count(*) FROM spent",
            ),
            open: statement(
                "WITH opened AS (
                   INSERT INTO {prefix}grants (id, client_id, subject_kind, subject_id, subject_key,
                     expires_at, revoked_at, purge_at, payload)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (id) DO NOTHING
                   RETURNING id
                 )
                 INSERT INTO {prefix}credentials
                   (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                 SELECT s.shard, s.digest, opened.id, s.kind, s.expires_at, s.spent_at, s.spent_by,
                   s.payload
                 FROM opened, unnest($10::int4[], $11::bytea[], $12::text[], $13::int8[], $14::int8[],
                   $15::bytea[], $16::bytea[])
                   AS s (shard, digest, kind, expires_at, spent_at, spent_by, payload)
                 ON CONFLICT (shard, digest) DO NOTHING",
            ),
        }
    }
}

fn bind_recorded<'q>(
    query: Query<'q, sqlx::Postgres, PgArguments>,
    credentials: &[Credential],
) -> Query<'q, sqlx::Postgres, PgArguments> {
    fn each<T>(credentials: &[Credential], column: impl Fn(&Credential) -> T) -> Vec<T> {
        credentials.iter().map(column).collect()
    }
    query
        .bind(each(credentials, |it| i32::from(it.key.shard())))
        .bind(each(credentials, |it| it.key.digest().to_vec()))
        .bind(each(credentials, |it| it.kind.as_str()))
        .bind(each(credentials, |it| microseconds(it.expires_at)))
        .bind(each(credentials, |_| None::<i64>))
        .bind(each(credentials, |_| None::<Vec<u8>>))
        .bind(each(credentials, |it| it.payload.encode()))
}

#[async_trait]
impl Bare for Postgres {
    async fn spend(&self, spending: &Spending, connections: Connections) {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let client = sqlx::query(self.client.clone()).bind(client_key(&spending.client));
        client.fetch_one(&mut *connection).await.expect("a client");
        connection = connections.next(&self.pool, connection).await;
        let (shard, digest) = (i32::from(spending.spent.shard()), spending.spent.digest());
        let find = sqlx::query(self.find.clone()).bind(shard).bind(digest);
        find.fetch_one(&mut *connection)
            .await
            .expect("a credential");
        connection = connections.next(&self.pool, connection).await;
        let exchange = sqlx::query(self.exchange.clone())
            .bind(spending.grant.id.to_bytes())
            .bind(shard)
            .bind(digest)
            .bind(microseconds(spending.now))
            .bind(spending.exchange.as_bytes());
        let exchange = bind_recorded(exchange, &spending.successors);
        let spent = exchange.fetch_one(&mut *connection).await.expect("a count");
        assert_eq!(spent.get::<i64, _>(0), 1);
    }

    async fn open(&self, opening: &Opening, connections: Connections) {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let client = sqlx::query(self.client.clone()).bind(client_key(&opening.client));
        client.fetch_one(&mut *connection).await.expect("a client");
        connection = connections.next(&self.pool, connection).await;
        let grant = &opening.grant;
        let subject = grant.subject.as_ref().expect("a subject");
        let open = sqlx::query(self.open.clone())
            .bind(grant.id.to_bytes())
            .bind(grant.client_id.as_str().as_bytes())
            .bind(subject.kind())
            .bind(subject.id().as_bytes())
            .bind(subject_key(subject))
            .bind(microseconds(grant.expires_at))
            .bind(None::<i64>)
            .bind(microseconds(grant.expires_at))
            .bind(grant.payload.encode());
        let open = bind_recorded(open, std::slice::from_ref(&opening.credential));
        let opened = open.execute(&mut *connection).await.expect("a grant");
        assert_eq!(opened.rows_affected(), 1);
    }
}
