//! The stores on MySQL or MariaDB: `OAUTH_TEST_MYSQL_URL`, or the usual port of this machine.

#![cfg(feature = "mysql")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod contract;
mod isolation;
mod lock;
mod plan;
mod migration {
    use oauth_sqlx::mysql::MySqlStore;

    crate::support::migration::migrations!(
        MySqlStore,
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
        include_str!("../../src/mysql/round_trips.md"),
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
use oauth_sqlx::mysql::MySqlStore;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, MySqlPool, Row};

use server::proxy::Proxy;

fn url() -> String {
    std::env::var("OAUTH_TEST_MYSQL_URL")
        .unwrap_or_else(|_| "mysql://root@127.0.0.1:3306/test".to_owned())
}

fn server_is_there() -> bool {
    server::server_is_there(&url())
}

async fn run(sql: String) -> Result<(), sqlx::Error> {
    let mut connection = MySqlConnection::connect(&url()).await?;
    connection.execute("SET lock_wait_timeout = 10").await?;
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await?;
    connection.close().await
}

/// Removes what was left behind by tests that were ended.
async fn remove_abandoned() {
    let mut connection = MySqlConnection::connect(&url()).await.unwrap();
    let databases = "SELECT CAST(schema_name AS BINARY) FROM information_schema.schemata
                     WHERE schema_name LIKE 'oauth\\_test\\_%'";
    for row in sqlx::query(databases)
        .fetch_all(&mut connection)
        .await
        .unwrap()
    {
        let database = String::from_utf8(row.get(0)).unwrap();
        if server::is_abandoned(&database) {
            // Another test may be faster.
            let _ = run(format!("DROP DATABASE IF EXISTS {database}")).await;
        }
    }
}

/// The name of a database for one test, which is not there yet.
async fn fresh_database() -> String {
    static ONCE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    ONCE.get_or_init(remove_abandoned).await;
    let database = server::fresh_name();
    let drop = format!("DROP DATABASE IF EXISTS {database}");
    support::at_the_end(async move {
        let _ = run(drop).await;
    });
    database
}

async fn pool() -> MySqlPool {
    MySqlStore::pool_options()
        .max_connections(8)
        .connect(&url())
        .await
        .unwrap()
}

/// A store with tables of its own, in a database of its own.
async fn fresh() -> MySqlStore {
    let store = place().await;
    store.migrate().await.unwrap();
    store
}

/// Another pool for the tables of a store.
async fn again(store: &MySqlStore) -> MySqlStore {
    MySqlStore::new(pool().await)
        .with_prefix(store.prefix())
        .unwrap()
}

/// From now on no credential can be recorded.
async fn refuse_credentials(store: &MySqlStore) {
    let prefix = store.prefix();
    let sql = format!(
        "CREATE TRIGGER {prefix}refused BEFORE INSERT ON {prefix}credentials FOR EACH ROW
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'full'"
    );
    run(sql).await.unwrap();
}

/// A store that knows these clients.
async fn with(clients: Vec<Client>) -> MySqlStore {
    let store = fresh().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}

fn options() -> MySqlConnectOptions {
    url().parse().unwrap()
}

/// Host and port of the server.
fn address() -> String {
    format!("{}:{}", options().get_host(), options().get_port())
}

/// The tables of a store through a proxy, on one connection.
async fn through(store: &MySqlStore, proxy: &Proxy) -> MySqlStore {
    // The proxy has to tell what is sent.
    let options = options()
        .host("127.0.0.1")
        .port(proxy.port())
        .ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlStore::pool_options().max_connections(1);
    let pool = pool.connect_with(options).await.unwrap();
    MySqlStore::new(pool).with_prefix(store.prefix()).unwrap()
}

/// The server ends all idle connections of the store's pool.
async fn end_connections(store: &MySqlStore) {
    all_given_back(store).await;
    let mut own = Vec::new();
    while let Some(connection) = store.pool().try_acquire() {
        own.push(connection);
    }
    let mut ids: Vec<i64> = Vec::new();
    for connection in &mut own {
        let id = sqlx::query("SELECT CAST(connection_id() AS SIGNED)");
        // Others were ended before, and nobody has noticed yet.
        if let Ok(row) = id.fetch_one(&mut **connection).await {
            ids.push(row.get(0));
        }
    }
    drop(own);
    all_given_back(store).await;
    for id in &ids {
        // It may be gone already.
        let _ = run(format!("KILL {id}")).await;
    }
    // The server says so before it is done.
    let mut connection = MySqlConnection::connect(&url()).await.unwrap();
    for id in ids {
        let running = "SELECT 1 FROM information_schema.processlist WHERE id = ?";
        let running = || sqlx::query(running).bind(id);
        while let Ok(Some(_)) = running().fetch_optional(&mut connection).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Waits until the pool has all its connections back, which it asks first whether they are there.
async fn all_given_back(store: &MySqlStore) {
    while store.pool().num_idle() < store.pool().size() as usize {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A database of its own, without tables.
async fn place() -> MySqlStore {
    let prefix = format!("{}.", fresh_database().await);
    MySqlStore::new(pool().await).with_prefix(&prefix).unwrap()
}

async fn execute(_: &MySqlStore, sql: String) {
    run(sql).await.unwrap();
}
