//! The index of a subject's grants.

use oauth_core::store::{Exchange, Exchanged, Grant, GrantDirectory, GrantStore, Spend, Target};
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

async fn listed(store: &RedisStore, seconds: i64) -> Vec<Grant> {
    let listed = store.list(&sample::alice(), at(seconds)).await.unwrap();
    listed.into_iter().map(|listed| listed.grant).collect()
}

/// What the walk gives, once each.
async fn all_of(store: &RedisStore, limit: usize) -> Vec<Grant> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.page(cursor.as_ref(), limit).await.unwrap();
        found.extend(page.grants);
        cursor = page.next;
        if cursor.is_none() {
            found.sort_by_key(|grant: &Grant| grant.id);
            found.dedup();
            return found;
        }
    }
}

fn entries(store: &RedisStore) -> usize {
    let mut redis = running::redis();
    let keys = running::keys(&mut redis, store);
    let index = keys.iter().find(|key| key.contains("subject:user:"));
    index.map_or(0, |index| {
        redis::cmd("ZCARD").arg(index).query(&mut redis).unwrap()
    })
}

fn key(store: &RedisStore, grant: &Grant) -> String {
    let shard = grant.id.shard();
    format!("{}{{{shard:04x}}}:grant:{}", store.prefix(), grant.id)
}

/// Removes a grant behind the store's back, as a Redis that lost it.
fn lose(store: &RedisStore, grant: &Grant) {
    let lost: usize = redis::cmd("DEL")
        .arg(key(store, grant))
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
    let mut listed = listed(&store, 1).await;
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
        .revoke(Target::Grant(grants[1].id), at(1))
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
    assert_eq!(listed(&store, 1).await, grants);
}

#[tokio::test]
async fn a_grant_that_was_opened_twice_is_listed_once() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grants = open_many(&store, 1).await;
    store.open(&grants[0], &[], at(1)).await.unwrap();
    assert_eq!(listed(&store, 2).await, grants);
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

/// What a version wrote that did not keep the moment of the last exchange.
#[tokio::test]
async fn a_grant_without_the_moment_of_its_last_exchange_is_listed() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grant = sample::grant(1);
    let code = sample::code(1);
    let opened = store.open(&grant, std::slice::from_ref(&code), START).await;
    opened.unwrap();
    let exchange = Exchange {
        id: sample::exchange_id(1),
        grant: grant.id,
        spend: Spend::Once(code.key),
        successors: Vec::new().into(),
        now: at(1),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    let moment = async || store.list(&sample::alice(), at(2)).await.unwrap()[0].last_exchange_at;
    assert_eq!(moment().await, Some(at(1)));
    let removed: usize = redis::cmd("HDEL")
        .arg(key(&store, &grant))
        .arg("last_exchange_at")
        .query(&mut running::redis())
        .unwrap();
    assert_eq!(removed, 1);
    assert_eq!(moment().await, None);
}

/// A prefix may look like a pattern.
#[tokio::test]
async fn the_grants_of_other_prefixes_are_on_no_page() {
    if !is_there() {
        return;
    }
    let plain = fresh().await;
    let run = plain.prefix().to_owned();
    for prefix in [
        format!("{run}[ab]*:"),
        format!("{run}a:"),
        format!("{run}a?:"),
    ] {
        let store = fresh().await.with_prefix(prefix.clone()).unwrap();
        let grants = open_many(&store, 3).await;
        let found = all_of(&store, 1_000).await;
        let mut expected = grants;
        expected.sort_by_key(|grant| grant.id);
        assert_eq!(found, expected, "{prefix}");
    }
}

/// What others keep may be named by any bytes, and be named nearly as a grant.
#[tokio::test]
async fn keys_of_others_are_passed_over() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let mut grants = open_many(&store, 3).await;
    for name in [
        b"{\xff\xfe\xff\xfe}:grant:\xff".as_slice(),
        b"{beef}:grant:1",
    ] {
        let key = [store.prefix().as_bytes(), name].concat();
        let mut set = redis::cmd("SET");
        let () = set
            .arg(key)
            .arg("1")
            .arg("EX")
            .arg(600)
            .query(&mut running::redis())
            .unwrap();
    }
    let found = all_of(&store, 100).await;
    grants.sort_by_key(|grant| grant.id);
    assert_eq!(found, grants);
}

#[tokio::test]
async fn a_page_of_any_length_may_be_asked_for() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    open_many(&store, 3).await;
    assert_eq!(all_of(&store, usize::MAX).await.len(), 3);
}

/// One that a later version wrote, or somebody by hand.
#[tokio::test]
async fn a_grant_that_cannot_be_read_hides_no_other() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let mut grants = open_many(&store, 30).await;
    let spoilt = grants.remove(11);
    let mut set = redis::cmd("HSET");
    set.arg(key(&store, &spoilt)).arg("payload").arg("later");
    let new: usize = set.query(&mut running::redis()).unwrap();
    assert_eq!(new, 0);
    let page = store.page(None, usize::MAX).await.unwrap();
    let (mut unreadable, mut after) = (page.unreadable, page.next);
    while let Some(cursor) = after {
        let page = store.page(Some(&cursor), usize::MAX).await.unwrap();
        unreadable.extend(page.unreadable);
        after = page.next;
    }
    unreadable.dedup();
    assert_eq!(unreadable, [spoilt.id]);
    grants.sort_by_key(|grant| grant.id);
    let payloads = async || {
        let mut listed = listed(&store, 1).await;
        listed.sort_by_key(|grant| grant.id);
        let listed = listed.into_iter();
        let listed = listed.map(|grant| (grant.id, grant.payload.encode()));
        listed.collect::<Vec<_>>()
    };
    let of = |grant: &Grant| (grant.id, grant.payload.encode());
    let others: Vec<_> = grants.iter().map(of).collect();
    let mut all = others.clone();
    all.push((spoilt.id, b"later".to_vec()));
    all.sort();
    assert_eq!(payloads().await, all);
    assert_eq!(all_of(&store, 10).await, grants);
    let target = Target::Grant(spoilt.id);
    store.revoke(target, at(1)).await.unwrap();
    assert_eq!(payloads().await, others);
}
