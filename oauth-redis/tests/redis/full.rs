//! A Redis that has no memory left, and policies that would make some.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use oauth_core::store::{Exchange, GrantDirectory, GrantStore, RequestStore, Spend};
use oauth_redis::RedisStore;
use oauth_testkit::contract::grant_store as clause;
use oauth_testkit::sample::{self, START, at};
use oauth_testkit::{Backend, run};

use crate::running::prefix;
use crate::server::{Server, can_be_started};

/// The server of each store, by its prefix.
static SERVERS: LazyLock<Mutex<HashMap<String, Server>>> = LazyLock::new(Mutex::default);

async fn fresh() -> RedisStore {
    let server = Server::start(&[]);
    server.stop_at_the_end();
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let store = store.with_prefix(prefix()).unwrap();
    SERVERS
        .lock()
        .unwrap()
        .insert(store.prefix().to_owned(), server);
    store
}

async fn fill(store: &RedisStore) {
    let servers = SERVERS.lock().unwrap();
    let mut redis = servers[store.prefix()].connection();
    let mut command = redis::cmd("CONFIG");
    let () = command
        .arg("SET")
        .arg("maxmemory")
        .arg(1)
        .query(&mut redis)
        .unwrap();
}

fn backend() -> Backend<RedisStore> {
    Backend::new(fresh).failing(fill).when(can_be_started)
}

#[test]
fn a_failed_insert_leaves_the_credential_unspent() {
    run(
        backend(),
        clause::a_failed_insert_leaves_the_credential_unspent,
    );
}

#[test]
fn a_failed_insert_leaves_no_grant() {
    run(backend(), clause::a_failed_insert_leaves_no_grant);
}

/// Also when something could be freed or prolonged first, after which Redis refuses nothing more.
#[tokio::test]
async fn a_full_server_is_a_failure_that_may_pass() {
    if !can_be_started() {
        return;
    }
    let store = fresh().await;
    let (grant, code) = (sample::grant(1), sample::code(1));
    let opened = store.open(&grant, std::slice::from_ref(&code), START).await;
    opened.unwrap();
    for n in 0..100 {
        store.put(&sample::parked_request(n), START).await.unwrap();
    }
    fill(&store).await;
    let late = at(9_000);
    let opened = store.open(&sample::grant(2), &[], late).await;
    assert!(opened.unwrap_err().is_transient());
    let put = store.put(&sample::parked_request(100), START).await;
    assert!(put.unwrap_err().is_transient());
    let exchange = Exchange {
        id: sample::exchange_id(1),
        grant: grant.id,
        spend: Spend::Once(code.key),
        successors: Vec::new().into(),
        now: at(1),
    };
    let exchanged = store.exchange(exchange).await;
    assert!(exchanged.unwrap_err().is_transient());

    let listed = store.list(&sample::alice(), at(1)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0].grant, listed[0].last_exchange_at),
        (&grant, None)
    );
    let found = GrantStore::find(&store, &code.key).await.unwrap().unwrap();
    assert_eq!(found.credential, code);
    let oldest = store.get(&sample::key(0), START).await.unwrap();
    assert!(oldest.is_some());
}
