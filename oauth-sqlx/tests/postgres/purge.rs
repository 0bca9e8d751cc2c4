//! Purging where the tables are not quite those of the migrations.

use std::time::Duration;

use oauth_core::store::{Credential, Grant, GrantStore};
use oauth_sqlx::postgres::PostgresStore;
use oauth_testkit::sample::{START, access_token, at, code, grant, key, refresh_token};

use crate::{fresh, run, server_is_there, support};

async fn execute(store: &PostgresStore, sql: &str) {
    run(sql.replace("{prefix}", store.prefix())).await.unwrap();
}

/// Places of rows are those of each partition, so that two rows have the same.
#[test]
fn nothing_that_lives_goes_from_tables_in_partitions() {
    support::run(server_is_there, async {
        let store = fresh().await;
        let partitions = "
            ALTER TABLE {prefix}grants RENAME TO grants_before;
            CREATE TABLE {prefix}grants (LIKE {prefix}grants_before) PARTITION BY HASH (id);
            CREATE TABLE {prefix}grants_0 PARTITION OF {prefix}grants
                FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE {prefix}grants_1 PARTITION OF {prefix}grants
                FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            CREATE UNIQUE INDEX ON {prefix}grants (id);
            ALTER TABLE {prefix}credentials RENAME TO credentials_before;
            CREATE TABLE {prefix}credentials (LIKE {prefix}credentials_before) PARTITION BY HASH (digest);
            CREATE TABLE {prefix}credentials_0 PARTITION OF {prefix}credentials
                FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE {prefix}credentials_1 PARTITION OF {prefix}credentials
                FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            CREATE UNIQUE INDEX ON {prefix}credentials (shard, digest);";
        execute(&store, partitions).await;
        for n in 0..20 {
            let lives = n % 2 == 0;
            let grant = Grant {
                expires_at: at(if lives { 5_000 } else { 1_000 }),
                ..grant(n)
            };
            let token = Credential {
                expires_at: grant.expires_at,
                ..access_token(100 + n)
            };
            let own = [refresh_token(n), token];
            let own = own.map(|credential| Credential {
                expires_at: grant.expires_at,
                ..credential
            });
            store.open(&grant, &own, START).await.unwrap();
        }
        // Ten access tokens, and ten grants with the rest.
        for limit in [3, 100] {
            GrantStore::purge(&store, at(1_000), limit).await.unwrap();
        }
        for n in 0..20 {
            for key in [key(n), key(100 + n)] {
                let found = store.find(&key).await.unwrap();
                assert_eq!(found.is_some(), n % 2 == 0, "{n}");
            }
        }
    });
}

#[test]
fn a_purge_ends_where_the_database_removes_nothing() {
    support::run(server_is_there, async {
        let store = fresh().await;
        let refuse = "
            CREATE FUNCTION {prefix}keep() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER keep BEFORE DELETE ON {prefix}credentials
                FOR EACH ROW EXECUTE FUNCTION {prefix}keep();";
        execute(&store, refuse).await;
        store.open(&grant(1), &[code(1)], START).await.unwrap();
        let purging = GrantStore::purge(&store, at(1_000), 10);
        let purged = tokio::time::timeout(Duration::from_secs(20), purging).await;
        assert_eq!(purged.expect("an end").unwrap(), 0);
        assert!(store.find(&key(1)).await.unwrap().is_some());
    });
}
