//! The Redis that is running already, of which each store here has a prefix of its own.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oauth_redis::RedisStore;
use redis::Client;

use crate::server::{at_the_end, skip};

/// What all prefixes of this run begin with. Their keys are removed when the run ends.
static RUN: LazyLock<String> = LazyLock::new(|| {
    let run = format!("oauth-test-{:016x}-", RandomState::new().hash_one(0));
    let remove =
        r#"redis-cli -u "$1" --scan --pattern "$2*" | xargs -r -n 500 redis-cli -u "$1" unlink"#;
    at_the_end(remove, &[url(), run.clone()]);
    run
});

pub(crate) fn url() -> String {
    std::env::var("OAUTH_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379/".to_owned())
}

/// Whether it is there. Says on the console what is skipped when it is not.
pub(crate) fn is_there() -> bool {
    static IS_THERE: LazyLock<bool> = LazyLock::new(|| {
        let client = Client::open(url()).expect("OAUTH_TEST_REDIS_URL is an address");
        let connected = client.get_connection_with_timeout(Duration::from_secs(2));
        connected.is_ok() || skip(&format!("no Redis answers at {}", url()))
    });
    *IS_THERE
}

/// A prefix that no other test has.
pub(crate) fn prefix() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{}{}:", *RUN, NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) async fn fresh() -> RedisStore {
    let store = RedisStore::connect(&url()).await.unwrap();
    store.with_prefix(prefix()).unwrap()
}

/// Another connection to the same data.
pub(crate) async fn again(store: &RedisStore) -> RedisStore {
    let second = RedisStore::connect(&url()).await.unwrap();
    second.with_prefix(store.prefix()).unwrap()
}

/// A connection to look at keys with.
pub(crate) fn redis() -> redis::Connection {
    Client::open(url()).unwrap().get_connection().unwrap()
}

/// All keys of a store.
pub(crate) fn keys(redis: &mut redis::Connection, store: &RedisStore) -> Vec<String> {
    let (mut cursor, mut keys) = (0, Vec::new());
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(format!("{}*", store.prefix()))
            .arg("COUNT")
            .arg(10_000);
        let (next, some): (u64, Vec<String>) = scan.query(redis).unwrap();
        keys.extend(some);
        cursor = next;
        if cursor == 0 {
            keys.sort();
            keys.dedup();
            return keys;
        }
    }
}
