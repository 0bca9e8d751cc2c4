//! What the stores promise holds for a host whose connections are stricter than the default.

use std::time::Duration;

use oauth_sqlx::postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};

async fn pool() -> PgPool {
    let options = crate::options().options([("default_transaction_isolation", "serializable")]);
    let pool = PostgresStore::pool_options().max_connections(8);
    pool.connect_with(options).await.unwrap()
}

async fn fresh() -> PostgresStore {
    again(&crate::fresh().await).await
}

async fn again(store: &PostgresStore) -> PostgresStore {
    let store = PostgresStore::new(pool().await).with_prefix(store.prefix());
    store.unwrap()
}

async fn place() -> PostgresStore {
    again(&crate::place().await).await
}

#[test]
fn connections_are_stricter() {
    crate::support::run(crate::server_is_there, async {
        let pool = pool().await;
        let row = sqlx::query("SHOW transaction_isolation").fetch_one(&pool);
        let isolation: String = row.await.unwrap().get(0);
        assert_eq!(isolation, "serializable");
    });
}

/// What was committed while it waited for its turn is not in the snapshot of a stricter transaction.
#[test]
fn whoever_waited_for_another_to_migrate_sees_the_tables() {
    crate::support::run(crate::server_is_there, async {
        let store = place().await;
        let lock = format!("oauth-sqlx {}", store.prefix());
        let mut first = PgConnection::connect(&crate::url()).await.unwrap();
        first.execute("BEGIN").await.unwrap();
        let take = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        let take = sqlx::query(take).bind(&lock);
        take.execute(&mut first).await.unwrap();

        let second = store.clone();
        let second = tokio::spawn(async move { second.migrate().await });
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                       AND (classid::int8 << 32) | objid::int8 = hashtextextended($1, 0)";
        let mut watching = PgConnection::connect(&crate::url()).await.unwrap();
        while {
            let waiting = sqlx::query(waiting).bind(&lock).fetch_one(&mut watching);
            waiting.await.unwrap().get::<i64, _>(0) == 0
        } {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let schema = store.prefix().trim_end_matches('.');
        let mut sql = format!("CREATE SCHEMA {schema};");
        sql.extend(PostgresStore::migrations(store.prefix()).unwrap());
        sql.push_str("COMMIT");
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        first.execute(sql).await.unwrap();
        second.await.unwrap().unwrap();
        store.check_schema().await.unwrap();
    });
}

mod grants {
    oauth_testkit::grant_store_contract!(
        super::fresh,
        failing = crate::refuse_credentials,
        second_connection = super::again,
        when = crate::server_is_there
    );
}
