//! Who writes while a purge goes on.

use std::cell::RefCell;

use oauth_core::StoreError;
use oauth_core::store::{Grant, GrantStore, RequestStore};
use oauth_sqlx::sqlite::SqliteStore;
use oauth_testkit::sample::{START, access_token, at, grant, parked_request, refresh_token};

use crate::support::run;

/// What ends first: a purge of everything, or the opening of a grant that was asked for right after it.
async fn first_to_end(
    store: &SqliteStore,
    purge: impl Future<Output = Result<usize, StoreError>>,
    removed: usize,
) -> &'static str {
    let ended = RefCell::new(Vec::new());
    tokio::join!(
        async {
            assert_eq!(purge.await.unwrap(), removed);
            ended.borrow_mut().push("the purge");
        },
        async {
            let grant = Grant {
                expires_at: at(5_000),
                ..grant(5_000)
            };
            store.open(&grant, &[], START).await.unwrap();
            ended.borrow_mut().push("the opening");
        }
    );
    ended.into_inner()[0]
}

#[test]
fn nobody_waits_until_all_grants_are_removed() {
    run(|| true, async {
        let store = crate::fresh().await;
        for n in 1..=100 {
            let family: Vec<_> = (1..=5).map(|m| refresh_token(10 * n + m)).collect();
            store.open(&grant(n), &family, START).await.unwrap();
        }
        let purge = GrantStore::purge(&store, at(1_000), 1_000);
        assert_eq!(first_to_end(&store, purge, 100).await, "the opening");
    });
}

#[test]
fn nobody_waits_until_all_access_tokens_are_removed() {
    run(|| true, async {
        let store = crate::fresh().await;
        let tokens: Vec<_> = (1..=500).map(access_token).collect();
        store.open(&grant(1), &tokens, START).await.unwrap();
        let expired = tokens[0].expires_at;
        let purge = GrantStore::purge(&store, expired, 1_000);
        assert_eq!(first_to_end(&store, purge, 500).await, "the opening");
    });
}

#[test]
fn nobody_waits_until_one_large_family_is_removed() {
    run(|| true, async {
        let store = crate::fresh().await;
        let family: Vec<_> = (1..=1_000).map(refresh_token).collect();
        store.open(&grant(1), &family, START).await.unwrap();
        let purge = GrantStore::purge(&store, at(1_000), 1_000);
        assert_eq!(first_to_end(&store, purge, 1).await, "the opening");
    });
}

#[test]
fn nobody_waits_until_all_requests_are_removed() {
    run(|| true, async {
        let store = crate::fresh().await;
        for n in 1..=100 {
            store.put(&parked_request(n), START).await.unwrap();
        }
        let purge = RequestStore::purge(&store, at(1_000), 1_000);
        assert_eq!(first_to_end(&store, purge, 100).await, "the opening");
    });
}
