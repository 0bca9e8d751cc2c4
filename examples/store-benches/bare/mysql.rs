use async_trait::async_trait;
use oauth_core::GrantId;
use oauth_core::store::Credential;
use oauth_sqlx::mysql::MySqlStore;
use sqlx::mysql::MySqlPool;
use sqlx::{Connection, MySqlConnection, SqlStr};

use super::{Bare, Connections, FOUND, Opening, Spending, statement};
use crate::row::{client_key, microseconds, subject_key};

const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

/// On the pool of the store.
pub(crate) struct Mysql {
    pool: MySqlPool,
    client: SqlStr,
    find: SqlStr,
    hold: SqlStr,
    spend: SqlStr,
    record: [SqlStr; 2],
    open: SqlStr,
}

impl Mysql {
    pub(crate) fn new(store: &MySqlStore) -> Self {
        let statement = |sql: &str| statement(store.prefix(), sql);
        Self {
            pool: store.pool().clone(),
            client: statement("SELECT client FROM {prefix}clients WHERE client_key = ?"),
            find: statement(&format!(
                "SELECT {FOUND}
                 FROM {{prefix}}credentials c JOIN {{prefix}}grants g ON g.id = c.grant_id
                 WHERE c.shard = ? AND c.digest = ?"
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
            record: [
                "(?, ?, ?, ?, ?, ?, ?, ?)",
                "(?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?)",
            ]
            .map(|rows| {
                statement(&format!(
                    "INSERT INTO {{prefix}}credentials
                           (shard, digest, grant_id, kind, expires_at, spent_at, spent_by, payload)
                         VALUES {rows}
                         ON DUPLICATE KEY UPDATE shard = VALUES(shard)"
                ))
            }),
            open: statement(
                "INSERT IGNORE INTO {prefix}grants (id, client_id, subject_kind, subject_id,
                   subject_key, expires_at, revoked_at, purge_at, payload)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ),
        }
    }

    async fn record(&self, connection: &mut MySqlConnection, under: &GrantId, all: &[Credential]) {
        let mut record = sqlx::query(self.record[all.len() - 1].clone());
        for it in all {
            record = record
                .bind(it.key.shard())
                .bind(it.key.digest().to_vec())
                .bind(under.to_bytes().to_vec())
                .bind(it.kind.as_str().as_bytes())
                .bind(microseconds(it.expires_at))
                .bind(None::<i64>)
                .bind(None::<Vec<u8>>)
                .bind(it.payload.encode());
        }
        record.execute(connection).await.expect("credentials");
    }
}

#[async_trait]
impl Bare for Mysql {
    async fn spend(&self, spending: &Spending, connections: Connections) {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let client = sqlx::query(self.client.clone()).bind(client_key(&spending.client).to_vec());
        client.fetch_one(&mut *connection).await.expect("a client");
        connection = connections.next(&self.pool, connection).await;
        let (shard, digest) = (spending.spent.shard(), spending.spent.digest().as_slice());
        let find = sqlx::query(self.find.clone()).bind(shard).bind(digest);
        find.fetch_one(&mut *connection)
            .await
            .expect("a credential");
        connection = connections.next(&self.pool, connection).await;
        let grant = spending.grant.id.to_bytes().to_vec();
        let now = microseconds(spending.now);
        let mut transaction = connection.begin_with(BEGIN).await.expect("a transaction");
        let hold = sqlx::query(self.hold.clone()).bind(&grant).bind(now);
        hold.fetch_one(&mut *transaction).await.expect("a grant");
        let spend = sqlx::query(self.spend.clone())
            .bind(now)
            .bind(spending.exchange.as_bytes().as_slice())
            .bind(shard)
            .bind(digest)
            .bind(&grant)
            .bind(now);
        let spent = spend.execute(&mut *transaction).await.expect("an update");
        assert_eq!(spent.rows_affected(), 1);
        self.record(&mut transaction, &spending.grant.id, &spending.successors)
            .await;
        transaction.commit().await.expect("a commit");
    }

    async fn open(&self, opening: &Opening, connections: Connections) {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let client = sqlx::query(self.client.clone()).bind(client_key(&opening.client).to_vec());
        client.fetch_one(&mut *connection).await.expect("a client");
        connection = connections.next(&self.pool, connection).await;
        let grant = &opening.grant;
        let subject = grant.subject.as_ref().expect("a subject");
        let mut transaction = connection.begin_with(BEGIN).await.expect("a transaction");
        let open = sqlx::query(self.open.clone())
            .bind(grant.id.to_bytes().to_vec())
            .bind(grant.client_id.as_str().as_bytes())
            .bind(subject.kind().as_bytes())
            .bind(subject.id().as_bytes())
            .bind(subject_key(subject).to_vec())
            .bind(microseconds(grant.expires_at))
            .bind(None::<i64>)
            .bind(microseconds(grant.expires_at))
            .bind(grant.payload.encode());
        let opened = open.execute(&mut *transaction).await.expect("a grant");
        assert_eq!(opened.rows_affected(), 1);
        let credentials = std::slice::from_ref(&opening.credential);
        self.record(&mut transaction, &grant.id, credentials).await;
        transaction.commit().await.expect("a commit");
    }
}
