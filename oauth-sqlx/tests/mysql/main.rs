//! The stores on MySQL or MariaDB: `OAUTH_TEST_MYSQL_URL`, or the usual port of this machine.

#![cfg(feature = "mysql")]

mod contract;
mod behaviour {
    crate::support::behaviour::behaviour!(crate::fresh, crate::server_is_there);
}
#[path = "../support/mod.rs"]
mod support;

use oauth_core::Client;
use oauth_sqlx::mysql::MySqlStore;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, MySqlPool, Row};

fn url() -> String {
    std::env::var("OAUTH_TEST_MYSQL_URL")
        .unwrap_or_else(|_| "mysql://root@127.0.0.1:3306/test".to_owned())
}

fn server_is_there() -> bool {
    support::server_is_there(&url())
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
        if support::is_abandoned(&database) {
            // Another test may be faster.
            let _ = run(format!("DROP DATABASE IF EXISTS {database}")).await;
        }
    }
}

/// The name of a database for one test, which is not there yet.
async fn fresh_database() -> String {
    static ONCE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    ONCE.get_or_init(remove_abandoned).await;
    let database = support::fresh_name();
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
    let prefix = format!("{}.", fresh_database().await);
    let store = MySqlStore::new(pool().await).with_prefix(&prefix).unwrap();
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
