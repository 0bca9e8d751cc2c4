//! What is in the keys, and who sees them.

use oauth_core::store::{GrantStore, RequestStore};
use oauth_testkit::sample::{self, START};

use crate::running::{self, again, fresh, is_there, prefix};

#[tokio::test]
async fn stores_with_different_prefixes_see_nothing_of_each_other() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let same = again(&store).await;
    let other = again(&store).await.with_prefix(prefix()).unwrap();
    store
        .open(&sample::grant(1), &[sample::code(1)], START)
        .await
        .unwrap();
    let found = |store: oauth_redis::RedisStore| async move {
        GrantStore::find(&store, &sample::key(1))
            .await
            .unwrap()
            .is_some()
    };
    assert!(found(same).await);
    assert!(!found(other).await);
}

#[tokio::test]
async fn of_the_requests_of_an_owner_the_oldest_make_room() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let mut others = sample::parked_request(1_000);
    others.owner = sample::user("bob");
    store.put(&others, START).await.unwrap();
    for n in 0..100 {
        store.put(&sample::parked_request(n), START).await.unwrap();
    }
    // The same one again takes no room, and one that was taken gives its own back.
    store.put(&sample::parked_request(0), START).await.unwrap();
    store.take(&sample::key(50), START).await.unwrap().unwrap();
    store
        .put(&sample::parked_request(100), START)
        .await
        .unwrap();
    let is_there = async |n| store.get(&sample::key(n), START).await.unwrap().is_some();
    assert!(is_there(0).await);
    store
        .put(&sample::parked_request(101), START)
        .await
        .unwrap();
    assert!(!is_there(0).await);
    for n in (1..102).filter(|n| *n != 50) {
        assert!(is_there(n).await, "{n}");
    }
    assert!(is_there(1_000).await);
}

/// Somebody else, or a later version, wrote something that this one does not understand.
#[tokio::test]
async fn a_record_that_cannot_be_read_is_a_failure_that_stays() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let (grant, code) = (sample::grant(1), sample::code(1));
    store.open(&grant, &[code], START).await.unwrap();
    store.put(&sample::parked_request(1), START).await.unwrap();
    let mut redis = running::redis();
    let keys = running::keys(&mut redis, &store);
    let of = |what| keys.iter().find(|key| key.contains(what)).unwrap();
    for (key, field) in [
        (of(":credential:"), "expires_at"),
        (of(":credential:"), "kind"),
        (of(":credential:"), "payload"),
        (of(":grant:"), "payload"),
        (of(":grant:"), "subject_kind"),
    ] {
        let change = |redis: &mut redis::Connection, value: &[u8]| {
            let mut command = redis::cmd("HSET");
            command.arg(key).arg(field).arg(value);
            let () = command.query(redis).unwrap();
        };
        let mut read = redis::cmd("HGET");
        let before: Vec<u8> = read.arg(key).arg(field).query(&mut redis).unwrap();
        change(&mut redis, b"\xff{\"version\":2}");
        let found = GrantStore::find(&store, &sample::key(1)).await;
        assert!(!found.unwrap_err().is_transient(), "{key} {field}");
        change(&mut redis, &before);
        let found = GrantStore::find(&store, &sample::key(1)).await;
        assert!(found.unwrap().is_some());
    }
    let mut set = redis::cmd("SET");
    let () = set.arg(of(":request:")).arg("").query(&mut redis).unwrap();
    let read = store.get(&sample::key(1), START).await;
    assert!(!read.unwrap_err().is_transient());
}
