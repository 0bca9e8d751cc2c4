//! No verb reads a whole table, however many rows are in it.

use std::collections::BTreeMap;
use std::time::Duration;

use oauth_core::store::GrantStore;
use oauth_testkit::sample::{at, client_id};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::server::plan::{ROWS, fill};
use crate::support::verbs::{each_verb, web};
use crate::{again, fresh, server_is_there, support, url};

/// Of each table, how often it was read from its beginning and how often through an index.
async fn scans(connection: &mut PgConnection, schema: &str) -> BTreeMap<String, (i64, i64)> {
    let scans = "SELECT relname::text, seq_scan, idx_scan FROM pg_stat_user_tables
                 WHERE schemaname = $1 AND relname <> 'schema_version'";
    let scans = sqlx::query(scans).bind(schema);
    let rows = scans.fetch_all(connection).await.unwrap();
    let rows = rows
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))));
    rows.collect()
}

#[test]
fn every_verb_finds_its_rows_through_an_index() {
    support::run(server_is_there, async {
        let store = fresh().await;
        let schema = store.prefix().trim_end_matches('.').to_owned();
        fill(&store).await;
        store.save(&web()).await.unwrap();
        let mut connection = PgConnection::connect(&url()).await.unwrap();
        let many = format!(
            "INSERT INTO {schema}.clients SELECT sha256(n::text::bytea), n::text::bytea, ''
             FROM generate_series(1, {ROWS}) n;
             ANALYZE {schema}.grants, {schema}.credentials, {schema}.parked_requests,
                     {schema}.consents, {schema}.clients"
        );
        let many = sqlx::raw_sql(AssertSqlSafe(many));
        connection.execute(many).await.unwrap();
        // Closed connections have told what they did.
        let other = again(&store).await;
        store.pool().close().await;
        connection.close().await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut connection = PgConnection::connect(&url()).await.unwrap();
        let before = scans(&mut connection, &schema).await;
        assert_eq!(before.len(), 5);

        // Often enough for plans that no longer look at the values.
        for n in 1..=8 {
            each_verb(&other, n, async |_| ()).await;
            other.remove(&client_id("another")).await.unwrap();
            // What was revoked or not come for has ended.
            let removed = GrantStore::purge(&other, at(900), 10_000).await;
            assert!(removed.unwrap() > 0);
        }
        other.pool().close().await;
        loop {
            let after = scans(&mut connection, &schema).await;
            let read = |table: &String| after[table].1 - before[table].1 >= 8;
            if before.keys().all(read) {
                let whole = |table: &&String| after[*table].0 > before[*table].0;
                let whole: Vec<&String> = before.keys().filter(whole).collect();
                assert!(whole.is_empty(), "{whole:?} were read from the beginning");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}
