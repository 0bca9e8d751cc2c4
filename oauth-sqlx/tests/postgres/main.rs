//! The stores on PostgreSQL: `OAUTH_TEST_POSTGRES_URL`, or the usual port of this machine.

#![cfg(feature = "postgres")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod contract;
mod error;
mod isolation;
mod lock;
mod plan;
mod purge;
mod migration {
    use oauth_sqlx::postgres::PostgresStore;

    crate::support::migration::migrations!(
        PostgresStore,
        crate::place,
        crate::again,
        crate::execute,
        crate::server_is_there
    );
}
mod connection {
    crate::server::connection::connections!(
        crate::fresh,
        crate::through,
        crate::address(),
        crate::end_connections,
        include_str!("../../src/postgres/round_trips.md"),
        crate::server_is_there
    );
}
mod unreadable {
    crate::support::unreadable::unreadable!(crate::fresh, crate::execute, crate::server_is_there);
}
mod behaviour {
    crate::support::behaviour::behaviour!(crate::fresh, crate::server_is_there);
}
#[path = "../support/server/mod.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use oauth_core::Client;
use oauth_sqlx::postgres::PostgresStore;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};

use server::proxy::Proxy;

fn url() -> String {
    std::env::var("OAUTH_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

fn server_is_there() -> bool {
    server::server_is_there(&url())
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
        if server::is_abandoned(&schema) {
            // Another test may be faster.
            let _ = run(format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
        }
    }
}

/// A schema for one test, without tables.
async fn fresh_schema() -> String {
    static ONCE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    ONCE.get_or_init(remove_abandoned).await;
    let schema = server::fresh_name();
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
    let store = place().await;
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

fn options() -> PgConnectOptions {
    url().parse().unwrap()
}

/// Host and port of the server.
fn address() -> String {
    format!("{}:{}", options().get_host(), options().get_port())
}

/// The tables of a store through a proxy, on one connection.
async fn through(store: &PostgresStore, proxy: &Proxy) -> PostgresStore {
    // The proxy has to tell what is sent.
    let options = options()
        .host("127.0.0.1")
        .port(proxy.port())
        .ssl_mode(PgSslMode::Disable);
    let pool = PostgresStore::pool_options().max_connections(1);
    let pool = pool.connect_with(options).await.unwrap();
    PostgresStore::new(pool)
        .with_prefix(store.prefix())
        .unwrap()
}

/// The server ends all idle connections of the store's pool.
async fn end_connections(store: &PostgresStore) {
    all_given_back(store).await;
    let mut own = Vec::new();
    while let Some(connection) = store.pool().try_acquire() {
        own.push(connection);
    }
    let mut ids: Vec<i32> = Vec::new();
    for connection in &mut own {
        let id = sqlx::query("SELECT pg_backend_pid()");
        // Others were ended before, and nobody has noticed yet.
        if let Ok(row) = id.fetch_one(&mut **connection).await {
            ids.push(row.get(0));
        }
    }
    drop(own);
    all_given_back(store).await;
    let mut connection = PgConnection::connect(&url()).await.unwrap();
    for id in ids {
        let end = sqlx::query("SELECT pg_terminate_backend($1, 5000)").bind(id);
        end.execute(&mut connection).await.unwrap();
    }
}

/// Waits until the pool has all its connections back, which it asks first whether they are there.
async fn all_given_back(store: &PostgresStore) {
    while store.pool().num_idle() < store.pool().size() as usize {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A schema of its own, without tables.
async fn place() -> PostgresStore {
    let prefix = format!("{}.", fresh_schema().await);
    PostgresStore::new(pool().await)
        .with_prefix(&prefix)
        .unwrap()
}

async fn execute(_: &PostgresStore, sql: String) {
    run(sql).await.unwrap();
}
