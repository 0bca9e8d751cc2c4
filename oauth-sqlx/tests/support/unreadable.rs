//! A row that this version cannot read, which a later one wrote or somebody by hand.

/// Makes the test. `$fresh` is an `async fn() -> S`, `$execute` an `async fn(&S, String)`.
macro_rules! unreadable {
    ($fresh:path, $execute:path, $when:expr) => {
        use oauth_core::store::{Grant, GrantDirectory, GrantStore, Target};
        use oauth_testkit::sample::{START, alice, at, grant, grant_id};

        #[test]
        fn a_grant_that_cannot_be_read_hides_no_other() {
            $crate::support::run($when, async {
                let store = $fresh().await;
                for n in 1..=7 {
                    let grant = Grant {
                        expires_at: at(1_000 + i64::from(n)),
                        ..grant(n)
                    };
                    store.open(&grant, &[], START).await.unwrap();
                }
                let prefix = store.prefix();
                for n in [2, 3, 7] {
                    let end = at(1_000 + n).unix_timestamp_nanos() / 1_000;
                    let spoil =
                        format!("UPDATE {prefix}grants SET payload = id WHERE expires_at = {end}");
                    $execute(&store, spoil).await;
                }
                let listed = async || {
                    let mut listed = store.list(&alice(), at(1)).await.unwrap();
                    listed.sort_by_key(|listed| listed.grant.id);
                    let listed = listed.into_iter().map(|listed| listed.grant);
                    let listed = listed.map(|grant| (grant.id, grant.payload.encode()));
                    listed.collect::<Vec<_>>()
                };
                let mut expected: Vec<_> = (1..=7)
                    .map(|n| (grant_id(n), grant(n).payload.encode()))
                    .collect();
                for spoilt in [1, 2, 6] {
                    let (id, payload) = &mut expected[spoilt];
                    *payload = id.to_bytes().to_vec();
                }
                assert_eq!(listed().await, expected);
                for limit in [1, 3, 100] {
                    let (mut grants, mut unreadable) = (Vec::new(), Vec::new());
                    let mut after = None;
                    loop {
                        let page = store.page(after.as_ref(), limit).await.unwrap();
                        grants.extend(page.grants.into_iter().map(|grant| grant.id));
                        unreadable.extend(page.unreadable);
                        after = page.next;
                        if after.is_none() {
                            break;
                        }
                    }
                    assert_eq!(grants, [1, 4, 5, 6].map(grant_id), "{limit}");
                    assert_eq!(unreadable, [2, 3, 7].map(grant_id), "{limit}");
                }
                let spoilt = Target::Grant(grant_id(3));
                store.revoke(spoilt, at(1)).await.unwrap();
                expected.remove(2);
                assert_eq!(listed().await, expected);
            });
        }
    };
}
pub(crate) use unreadable;
