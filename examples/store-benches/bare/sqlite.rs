use async_trait::async_trait;
use oauth_core::GrantId;
use oauth_core::store::Credential;
use oauth_sqlx::sqlite::SqliteStore;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{SqlStr, SqliteConnection};

use super::{Bare, Connections, FOUND, Opening, Spending, statement};
use crate::row::{client_key, microseconds, subject_key};

/// Reads on the pool of the store, and writes on one connection like its own.
pub(crate) struct Sqlite {
    readers: SqlitePool,
    writer: SqlitePool,
    client: SqlStr,
    find: SqlStr,
    spend: SqlStr,
    record: SqlStr,
    open: SqlStr,
}

impl Sqlite {
    pub(crate) async fn new(store: &SqliteStore) -> Self {
        let options = store.pool().connect_options();
        let writer = SqlitePoolOptions::new()
            .test_before_acquire(false)
            .max_connections(1);
        let writer = writer.connect_with(options.as_ref().clone()).await;
        let statement = |sql: &str| statement(store.prefix(), sql);
        Self {
            readers: store.pool().clone(),
            writer: writer.expect("the file"),
            client: statement("SELECT client FROM {prefix}clients WHERE client_key = ?1"),
            find: statement(&format!(
                "SELECT {FOUND}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = ?1 AND c.digest = ?2"
            )),
            spend: statement(
                "UPDATE {prefix}credentials AS c SET spent_at = ?4, spent_by = ?5
                 WHERE c.shard = ?2 AND c.digest = ?3 AND c.grant_id = ?1
                   AND c.spent_at IS NULL AND c.expires_at > ?4
                   AND EXISTS (
                     SELECT 1 FROM {prefix}grants g
                     WHERE g.id = ?1 AND g.subject_key IS NOT NULL AND g.revoked_at IS NULL
                       AND g.expires_at > ?4
                   )",
            ),
            record: statement(
                "INSERT INTO {prefix}credentials
                   (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (shard, digest) DO NOTHING",
            ),
            open: statement(
                "INSERT INTO {prefix}grants (id, client_id, subject_kind, subject_id, subject_key,
                   expires_at, revoked_at, purge_at, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO NOTHING",
            ),
        }
    }

    async fn record(&self, connection: &mut SqliteConnection, under: &GrantId, it: &Credential) {
        let record = sqlx::query(self.record.clone())
            .bind(i64::from(it.key.shard()))
            .bind(it.key.digest().to_vec())
            .bind(under.to_bytes().to_vec())
            .bind(it.kind.as_str())
            .bind(microseconds(it.expires_at))
            .bind(None::<i64>)
            .bind(None::<Vec<u8>>)
            .bind(it.payload.encode());
        record.execute(connection).await.expect("a credential");
    }
}

#[async_trait]
impl Bare for Sqlite {
    async fn spend(&self, spending: &Spending, connections: Connections) {
        let mut reader = self.readers.acquire().await.expect("a connection");
        let client = sqlx::query(self.client.clone()).bind(client_key(&spending.client).to_vec());
        client.fetch_one(&mut *reader).await.expect("a client");
        reader = connections.next(&self.readers, reader).await;
        let (shard, digest) = (i64::from(spending.spent.shard()), spending.spent.digest());
        let find = sqlx::query(self.find.clone())
            .bind(shard)
            .bind(digest.to_vec());
        find.fetch_one(&mut *reader).await.expect("a credential");
        drop(reader);
        let mut transaction = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .expect("a transaction");
        let spend = sqlx::query(self.spend.clone())
            .bind(spending.grant.id.to_bytes().to_vec())
            .bind(shard)
            .bind(digest.to_vec())
            .bind(microseconds(spending.now))
            .bind(spending.exchange.as_bytes().to_vec());
        let spent = spend.execute(&mut *transaction).await.expect("an update");
        assert_eq!(spent.rows_affected(), 1);
        for successor in &spending.successors {
            self.record(&mut transaction, &spending.grant.id, successor)
                .await;
        }
        transaction.commit().await.expect("a commit");
    }

    async fn open(&self, opening: &Opening, _: Connections) {
        let client = sqlx::query(self.client.clone()).bind(client_key(&opening.client).to_vec());
        client.fetch_one(&self.readers).await.expect("a client");
        let grant = &opening.grant;
        let subject = grant.subject.as_ref().expect("a subject");
        let mut transaction = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .expect("a transaction");
        let open = sqlx::query(self.open.clone())
            .bind(grant.id.to_bytes().to_vec())
            .bind(grant.client_id.as_str().as_bytes().to_vec())
            .bind(subject.kind())
            .bind(subject.id().as_bytes().to_vec())
            .bind(subject_key(subject).to_vec())
            .bind(microseconds(grant.expires_at))
            .bind(None::<i64>)
            .bind(microseconds(grant.expires_at))
            .bind(grant.payload.encode());
        let opened = open.execute(&mut *transaction).await.expect("a grant");
        assert_eq!(opened.rows_affected(), 1);
        self.record(&mut transaction, &grant.id, &opening.credential)
            .await;
        transaction.commit().await.expect("a commit");
    }
}
