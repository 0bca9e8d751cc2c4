//! The stores on PostgreSQL: `OAUTH_TEST_POSTGRES_URL`, or the usual port of this machine.

#![cfg(feature = "postgres")]

mod contract;
mod behaviour {
    crate::support::behaviour::behaviour!(crate::fresh, crate::server_is_there);
}
#[path = "../support/mod.rs"]
mod support;

use oauth_core::Client;
use oauth_sqlx::postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};

fn url() -> String {
    std::env::var("OAUTH_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

fn server_is_there() -> bool {
    support::server_is_there(&url())
}

async fn run(sql: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(&url()).await?;
    connection.execute("SET lock_timeout = '10s'").await?;
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await?;
    connection.close().await
}

/// Removes what was left behind by tests that were ended.
async fn remove_abandoned() {
    let mut connection = PgConnection::connect(&url()).await.unwrap();
    let schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'oauth\\_test\\_%'";
    for row in sqlx::query(schemas)
        .fetch_all(&mut connection)
        .await
        .unwrap()
    {
        let schema: String = row.get(0);
        if support::is_abandoned(&schema) {
            // Another test may be faster.
            let _ = run(format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
        }
    }
}

/// A schema for one test, without tables.
async fn fresh_schema() -> String {
    static ONCE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    ONCE.get_or_init(remove_abandoned).await;
    let schema = support::fresh_name();
    let drop = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
    support::at_the_end(async move {
        let _ = run(drop).await;
    });
    schema
}

async fn pool() -> PgPool {
    PostgresStore::pool_options()
        .max_connections(8)
        .connect(&url())
        .await
        .unwrap()
}

/// A store with tables of its own, in a schema of its own.
async fn fresh() -> PostgresStore {
    let prefix = format!("{}.", fresh_schema().await);
    let store = PostgresStore::new(pool().await)
        .with_prefix(&prefix)
        .unwrap();
    store.migrate().await.unwrap();
    store
}

/// Another pool for the tables of a store.
async fn again(store: &PostgresStore) -> PostgresStore {
    PostgresStore::new(pool().await)
        .with_prefix(store.prefix())
        .unwrap()
}

/// From now on no credential can be recorded.
async fn refuse_credentials(store: &PostgresStore) {
    let prefix = store.prefix();
    let sql = format!("ALTER TABLE {prefix}credentials ADD CHECK (length(payload) < 0) NOT VALID");
    run(sql).await.unwrap();
}

/// A store that knows these clients.
async fn with(clients: Vec<Client>) -> PostgresStore {
    let store = fresh().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}
