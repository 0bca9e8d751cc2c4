//! No verb reads a whole table, however many rows are in it.

use oauth_core::store::GrantStore;
use oauth_testkit::sample::at;
use sqlx::Row;

use crate::server::plan::{ROWS, fill};
use crate::server::proxy::Proxy;
use crate::support::verbs::{each_verb, web};
use crate::{address, fresh, run, server_is_there, support, through};

#[test]
fn every_verb_finds_its_rows_through_an_index() {
    support::run(server_is_there, async {
        let filled = fresh().await;
        fill(&filled).await;
        filled.save(&web()).await.unwrap();
        let prefix = filled.prefix();
        run(format!(
            "ANALYZE TABLE {prefix}grants, {prefix}credentials, {prefix}parked_requests, {prefix}consents"
        ))
        .await
        .unwrap();
        // One connection, whose counters tell what its statements read.
        let proxy = Proxy::start(address()).await;
        let store = through(&filled, &proxy).await;
        each_verb(&store, 1, async |_| ()).await;
        GrantStore::purge(&store, at(900), 10_000).await.unwrap();
        sqlx::raw_sql("FLUSH STATUS")
            .execute(store.pool())
            .await
            .unwrap();
        each_verb(&store, 2, async |_| ()).await;
        // What was revoked or not come for has ended.
        let removed = GrantStore::purge(&store, at(900), 10_000).await;
        assert!(removed.unwrap() > 0);
        let read = "SHOW SESSION STATUS WHERE variable_name IN
                    ('Handler_read_next', 'Handler_read_rnd', 'Handler_read_rnd_next', 'Handler_read_prev')";
        let rows = sqlx::raw_sql(read).fetch_all(store.pool()).await.unwrap();
        let read: u32 = rows
            .iter()
            .map(|row| row.get::<String, _>(1).parse::<u32>().unwrap())
            .sum();
        assert!(read < ROWS / 4, "{read} rows were read on the way");
    });
}
