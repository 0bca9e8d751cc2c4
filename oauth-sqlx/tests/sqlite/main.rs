//! The stores on SQLite, in files and in memory.

#![cfg(feature = "sqlite")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod contract;
#[cfg(unix)]
mod file;
mod purge;
mod statement;
mod migration {
    use oauth_sqlx::sqlite::SqliteStore;
    use oauth_testkit::sample::at;

    crate::support::migration::migrations!(
        SqliteStore,
        crate::place,
        crate::again,
        crate::execute,
        || true
    );

    /// A migration of a large file takes longer than one writer waits for another.
    #[test]
    fn who_migrates_waits_for_who_does_already() {
        crate::support::run(|| true, async {
            let store = crate::place().await;
            let options = (*store.pool().connect_options()).clone();
            let impatient = options.busy_timeout(std::time::Duration::from_millis(100));
            let impatient =
                SqliteStore::new(sqlx::SqlitePool::connect_with(impatient).await.unwrap());
            let mut other = store.pool().acquire().await.unwrap();
            sqlx::query("BEGIN IMMEDIATE")
                .execute(&mut *other)
                .await
                .unwrap();
            let waiting = tokio::spawn(async move { impatient.migrate().await });
            tokio::time::sleep(std::time::Duration::from_millis(350)).await;
            sqlx::query("COMMIT").execute(&mut *other).await.unwrap();
            waiting.await.unwrap().unwrap();
            store.check_schema().await.unwrap();
        });
    }

    /// As a process of the release before left them.
    #[test]
    fn tables_of_the_first_version_are_brought_up_to_date_by_eight_processes() {
        crate::support::run(|| true, async {
            let store = crate::place().await;
            let first = SqliteStore::migrations(store.prefix()).unwrap().remove(0);
            crate::execute(&store, first).await;
            store.open(&grant(1), &[code(1)], START).await.unwrap();
            let outdated = store.check_schema().await.unwrap_err();
            assert!(matches!(outdated, Error::OutdatedSchema { found: 1, .. }));
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let other = crate::again(&store).await;
                tasks.spawn(async move { other.migrate().await });
            }
            for migrated in tasks.join_all().await {
                migrated.unwrap();
            }
            store.check_schema().await.unwrap();
            assert!(GrantStore::find(&store, &key(1)).await.unwrap().is_some());
            assert_eq!(GrantStore::purge(&store, at(700), 10).await.unwrap(), 1);
            let index = "SELECT sql FROM sqlite_master WHERE name = 'oauth_credentials_grant'";
            let index = sqlx::query(index).fetch_one(store.pool()).await.unwrap();
            let index: String = sqlx::Row::get(&index, 0);
            assert!(index.ends_with("WHERE kind <> 'access_token'"), "{index}");
        });
    }
}
mod unreadable {
    crate::support::unreadable::unreadable!(crate::fresh, crate::execute, || true);
}
mod behaviour {
    crate::support::behaviour::behaviour!(crate::fresh, || true);
}
mod behaviour_in_memory {
    crate::support::behaviour::behaviour!(crate::in_memory, || true);
}
#[path = "../support/mod.rs"]
mod support;

use oauth_core::Client;
use oauth_sqlx::sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Executor};

/// The URL of a file that is removed when the runtime of the test ends.
fn fresh_url() -> String {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/auth.db", directory.path().display());
    support::at_the_end(async move {
        let _ = directory.close();
    });
    url
}

async fn opened(url: &str) -> SqliteStore {
    SqliteStore::connect(url).await.unwrap()
}

/// A store in a file of its own.
async fn fresh() -> SqliteStore {
    let store = place().await;
    store.migrate().await.unwrap();
    store
}

/// Another store in the same file.
async fn again(store: &SqliteStore) -> SqliteStore {
    let options = store.pool().connect_options();
    opened(&format!("sqlite://{}", options.get_filename().display())).await
}

/// A store with a single connection, in memory.
async fn in_memory() -> SqliteStore {
    let store = opened("sqlite::memory:").await;
    store.migrate().await.unwrap();
    store
}

/// From now on no credential can be recorded.
async fn refuse_credentials(store: &SqliteStore) {
    let sql = "CREATE TRIGGER refused BEFORE INSERT ON oauth_credentials
               BEGIN SELECT raise(ABORT, 'full'); END";
    store.pool().execute(AssertSqlSafe(sql)).await.unwrap();
}

/// A store that knows these clients.
async fn with(clients: Vec<Client>) -> SqliteStore {
    let store = fresh().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}

/// The same in memory.
async fn with_in_memory(clients: Vec<Client>) -> SqliteStore {
    let store = in_memory().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}

/// A file of its own without tables.
async fn place() -> SqliteStore {
    opened(&fresh_url()).await
}

async fn execute(store: &SqliteStore, sql: String) {
    store
        .pool()
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await
        .unwrap();
}
