//! What happens while another holds a lock, in an order that the test decides.

use std::time::Duration;

use oauth_core::store::{Exchange, Exchanged, GrantStore, Spend};
use oauth_testkit::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, key, refresh_token,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::{fresh, server_is_there, support, url};

/// Waits until a statement about these tables waits for a lock.
async fn somebody_waits(connection: &mut PgConnection, prefix: &str) {
    loop {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1";
        let waiting = sqlx::query(waiting).bind(format!("%{prefix}%"));
        let row = waiting.fetch_one(&mut *connection).await.unwrap();
        if row.get::<i64, _>(0) > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a statement in a transaction, begins an exchange, waits until that waits, and commits.
async fn exchange_behind(sql: &str, bound: &[u8]) -> (Exchanged, bool) {
    let store = fresh().await;
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    let mut other = PgConnection::connect(&url()).await.unwrap();
    let mut watching = PgConnection::connect(&url()).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    let sql = sql.replace("{prefix}", store.prefix());
    let statement = sqlx::query(AssertSqlSafe(sql)).bind(bound);
    let changed = statement.execute(&mut other).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let exchanging = store.clone();
    let exchanging = tokio::spawn(async move {
        let (grant, spent) = (grant_id(1), key(1));
        let exchange = Exchange {
            id: exchange_id(1),
            grant,
            spend: Spend::Once(spent),
            successors: vec![access_token(2)].into(),
            now: at(1),
        };
        exchanging.exchange(exchange).await.unwrap()
    });
    somebody_waits(&mut watching, store.prefix()).await;
    other.execute("COMMIT").await.unwrap();
    let outcome = exchanging.await.unwrap();
    (outcome, store.find(&key(2)).await.unwrap().is_some())
}

#[test]
fn an_exchange_waits_for_a_revocation_and_sees_it() {
    support::run(server_is_there, async {
        let sql = "UPDATE {prefix}grants SET revoked_at = 1 WHERE id = $1";
        let (outcome, recorded) = exchange_behind(sql, &grant_id(1).to_bytes()).await;
        assert_eq!((outcome, recorded), (Exchanged::Inactive, false));
    });
}

#[test]
fn an_exchange_waits_for_another_and_says_when_that_was() {
    support::run(server_is_there, async {
        let sql = "UPDATE {prefix}credentials SET spent_at = 978307205000000 WHERE digest = $1";
        let (outcome, recorded) = exchange_behind(sql, key(1).digest()).await;
        let spent = Exchanged::Spent {
            grant: grant_id(1),
            at: at(5),
        };
        assert_eq!((outcome, recorded), (spent, false));
    });
}

#[test]
fn an_exchange_that_waited_for_nothing_happens() {
    support::run(server_is_there, async {
        let sql =
            "UPDATE {prefix}grants SET revoked_at = NULL, purge_at = purge_at + 1 WHERE id = $1";
        let (outcome, recorded) = exchange_behind(sql, &grant_id(1).to_bytes()).await;
        assert_eq!((outcome, recorded), (Exchanged::Done, true));
    });
}

/// A row that is written is in another place afterwards.
#[test]
fn a_purge_that_waits_for_a_revocation_leaves_no_row() {
    support::run(server_is_there, async {
        let store = fresh().await;
        let own = [code(1), refresh_token(2), refresh_token(3)];
        store.open(&grant(1), &own, START).await.unwrap();
        let mut other = PgConnection::connect(&url()).await.unwrap();
        let mut watching = PgConnection::connect(&url()).await.unwrap();
        other.execute("BEGIN").await.unwrap();
        let revoke = format!(
            "UPDATE {}credentials SET spent_at = 1 WHERE digest = $1",
            store.prefix()
        );
        let revoke = sqlx::query(AssertSqlSafe(revoke)).bind(key(2).digest());
        let revoked = revoke.execute(&mut other).await.unwrap();
        assert_eq!(revoked.rows_affected(), 1);
        let purging = store.clone();
        let purging =
            tokio::spawn(async move { GrantStore::purge(&purging, at(1_000), 10).await.unwrap() });
        somebody_waits(&mut watching, store.prefix()).await;
        other.execute("COMMIT").await.unwrap();
        assert_eq!(purging.await.unwrap(), 1);
        let left = format!("SELECT count(*) FROM {}credentials", store.prefix());
        let left = sqlx::query(AssertSqlSafe(left));
        let left: i64 = left.fetch_one(&mut watching).await.unwrap().get(0);
        assert_eq!(left, 0);
    });
}
