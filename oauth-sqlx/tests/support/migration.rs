//! Tables are made and brought up to date, by several processes, by none, or by somebody else's tool.

/// Makes the tests. `$place` is an `async fn() -> S` that gives a store where no tables are, `$again` an
/// `async fn(&S) -> S` that gives another connection to the same tables, `$execute` an
/// `async fn(&S, String)`.
macro_rules! migrations {
    ($store:ident, $place:path, $again:path, $execute:path, $when:expr) => {
        use oauth_core::store::{GrantStore, RequestStore};
        use oauth_sqlx::Error;
        use oauth_testkit::sample::{START, code, grant, key, parked_request};
        use tokio::task::JoinSet;

        #[test]
        fn eight_processes_may_migrate_at_once() {
            $crate::support::run($when, async {
                let store = $place().await;
                let mut tasks = JoinSet::new();
                for _ in 0..8 {
                    let other = $again(&store).await;
                    tasks.spawn(async move { other.migrate().await });
                }
                for migrated in tasks.join_all().await {
                    migrated.unwrap();
                }
                store.check_schema().await.unwrap();
                store.open(&grant(1), &[code(1)], START).await.unwrap();
                // Once more changes nothing.
                store.migrate().await.unwrap();
                assert!(GrantStore::find(&store, &key(1)).await.unwrap().is_some());
            });
        }

        #[test]
        fn tables_of_another_version_are_refused() {
            $crate::support::run($when, async {
                let store = $place().await;
                let latest = i32::try_from($store::migrations("x_").unwrap().len()).unwrap();
                let outdated = store.check_schema().await.unwrap_err();
                let expected = matches!(
                    outdated,
                    Error::OutdatedSchema { found: 0, needed } if needed == latest
                );
                assert!(expected, "{outdated}");
                // Without tables a verb fails for good.
                let error = GrantStore::find(&store, &key(1)).await.unwrap_err();
                assert!(!error.is_transient());
                store.migrate().await.unwrap();
                let prefix = store.prefix();
                let later = format!("INSERT INTO {prefix}schema_version (version) VALUES (99)");
                $execute(&store, later).await;
                for refused in [store.check_schema().await, store.migrate().await] {
                    let refused = refused.unwrap_err();
                    let expected = matches!(
                        refused,
                        Error::NewerSchema { found: 99, known } if known == latest
                    );
                    assert!(expected, "{refused}");
                }
            });
        }

        #[test]
        fn the_documented_statements_make_the_same_tables() {
            $crate::support::run($when, async {
                let store = $place().await;
                // Where there is one, this makes the schema, too.
                store.migrate().await.unwrap();
                let prefix = format!("{}own_", store.prefix());
                for sql in $store::migrations(&prefix).unwrap() {
                    $execute(&store, sql).await;
                }
                let store = store.with_prefix(&prefix).unwrap();
                store.check_schema().await.unwrap();
                store.put(&parked_request(1), START).await.unwrap();
            });
        }

        #[test]
        fn stores_with_other_prefixes_share_nothing() {
            $crate::support::run($when, async {
                let first = $place().await;
                first.migrate().await.unwrap();
                let prefix = format!("{}second_", first.prefix());
                let second = first.clone().with_prefix(&prefix).unwrap();
                second.migrate().await.unwrap();
                first.open(&grant(1), &[code(1)], START).await.unwrap();
                assert!(GrantStore::find(&first, &key(1)).await.unwrap().is_some());
                assert!(GrantStore::find(&second, &key(1)).await.unwrap().is_none());
                assert!(first.with_prefix("x; DROP TABLE y").is_err());
            });
        }
    };
}
pub(crate) use migrations;
