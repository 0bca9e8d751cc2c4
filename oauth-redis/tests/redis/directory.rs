//! The index of a subject's grants.

use oauth_core::store::{Grant, GrantDirectory, GrantStore, Target};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};

use crate::running::{self, fresh, is_there};

/// Grants of alice in many shards.
async fn open_many(store: &RedisStore, count: u16) -> Vec<Grant> {
    let mut grants = Vec::new();
    for n in 0..count {
        let grant = Grant {
            id: sample::grant_id_in(n.wrapping_mul(331), n.into()),
            ..sample::grant(n.into())
        };
        store.open(&grant, &[], START).await.unwrap();
        grants.push(grant);
    }
    grants
}

fn entries(store: &RedisStore) -> usize {
    let mut redis = running::redis();
    let keys = running::keys(&mut redis, store);
    let index = keys.iter().find(|key| key.contains("subject:user:"));
    index.map_or(0, |index| {
        redis::cmd("ZCARD").arg(index).query(&mut redis).unwrap()
    })
}

/// Removes a grant behind the store's back, as a Redis that lost it.
fn lose(store: &RedisStore, grant: &Grant) {
    let shard = grant.id.shard();
    let key = format!("{}{{{shard:04x}}}:grant:{}", store.prefix(), grant.id);
    let lost: usize = redis::cmd("DEL")
        .arg(key)
        .query(&mut running::redis())
        .unwrap();
    assert_eq!(lost, 1);
}

#[tokio::test]
async fn more_grants_than_are_read_at_once_are_listed() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let mut opened = open_many(&store, 250).await;
    let mut listed = store.list(&sample::alice(), at(1)).await.unwrap();
    opened.sort_by_key(|grant| grant.id);
    listed.sort_by_key(|grant| grant.id);
    assert_eq!(listed, opened);
}

#[tokio::test]
async fn entries_of_what_is_gone_are_removed_when_they_are_seen() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grants = open_many(&store, 5).await;
    lose(&store, &grants[0]);
    store
        .revoke(Target::Grant(&grants[1].id), at(1))
        .await
        .unwrap();
    assert_eq!(
        store.list(&sample::alice(), at(601)).await.unwrap().len(),
        3
    );
    assert_eq!(entries(&store), 3);
    assert_eq!(
        store.list(&sample::alice(), at(601)).await.unwrap().len(),
        3
    );
}

/// Its entry is written first, so it may be on its way.
#[tokio::test]
async fn the_entry_of_a_grant_that_is_being_opened_stays() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grants = open_many(&store, 1).await;
    lose(&store, &grants[0]);
    assert_eq!(store.list(&sample::alice(), at(1)).await.unwrap(), []);
    assert_eq!(entries(&store), 1);
    store.open(&grants[0], &[], START).await.unwrap();
    assert_eq!(store.list(&sample::alice(), at(1)).await.unwrap(), grants);
}

#[tokio::test]
async fn a_grant_that_was_opened_twice_is_listed_once() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grants = open_many(&store, 1).await;
    store.open(&grants[0], &[], at(1)).await.unwrap();
    assert_eq!(store.list(&sample::alice(), at(2)).await.unwrap(), grants);
}

/// A client that asks for a token each minute has one entry for each that has not expired.
#[tokio::test]
async fn the_index_does_not_grow_with_what_has_expired() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    for n in 0..100 {
        let opened_at = at(i64::from(n) * 60);
        let grant = Grant {
            expires_at: opened_at + time::Duration::minutes(5),
            ..sample::grant(n)
        };
        store.open(&grant, &[], opened_at).await.unwrap();
    }
    // Five minutes of life and ten of slack.
    assert!((5..=17).contains(&entries(&store)), "{}", entries(&store));
}
