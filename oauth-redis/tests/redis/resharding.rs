//! A slot of the cluster moves to another node while its grants are used.

use oauth_core::store::{Exchange, Exchanged, GrantStore, Spend};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};
use redis::{FromRedisValue, cmd};

use crate::cluster::{start, urls};
use crate::server::{Server, can_be_started};

const SHARD: u16 = 4_711;

fn ask<T: FromRedisValue>(node: &Server, command: &str, arguments: &[&str]) -> T {
    let mut command = cmd(command);
    command
        .arg(arguments)
        .query(&mut node.connection())
        .unwrap()
}

/// Moves the keys of a slot on their way from `from` to `to` that have this in their name.
fn migrate(from: &Server, to: &Server, pattern: &str) {
    let keys: Vec<String> = ask(from, "KEYS", &[pattern]);
    let port = to.port.to_string();
    for key in keys {
        let moved: String = ask(from, "MIGRATE", &["127.0.0.1", &port, &key, "0", "5000"]);
        assert_eq!(moved, "OK");
    }
}

async fn open(store: &RedisStore, n: u32) {
    let (mut grant, mut code) = (sample::grant(n), sample::code(n));
    grant.id = sample::grant_id_in(SHARD, n);
    code.key = sample::key_in(SHARD, n);
    store.open(&grant, &[code], START).await.unwrap();
}

async fn exchange(store: &RedisStore, n: u32) -> Result<Exchanged, oauth_core::StoreError> {
    let mut successor = sample::refresh_token(n + 100);
    successor.key = sample::key_in(SHARD, n + 100);
    let exchange = Exchange {
        id: sample::exchange_id(n),
        grant: sample::grant_id_in(SHARD, n),
        spend: Spend::Once(sample::key_in(SHARD, n)),
        successors: vec![successor].into(),
        now: at(1),
    };
    store.exchange(exchange).await
}

/// What is there is not taken for absent, whichever half of it has moved already.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_on_its_way_to_another_node_is_found() {
    if !can_be_started() {
        return;
    }
    let nodes = start();
    let store = RedisStore::connect_cluster(urls(&nodes)).await.unwrap();
    for n in 0..2 {
        open(&store, n).await;
    }
    let tag = format!("oauth:{{{SHARD:04x}}}:");
    let slot: u16 = ask(&nodes[0], "CLUSTER", &["KEYSLOT", &tag]);
    let slot = slot.to_string();
    let count = |node: &&Server| ask::<usize>(node, "CLUSTER", &["COUNTKEYSINSLOT", &slot]);
    let from = nodes.iter().find(|node| count(node) > 0).unwrap();
    let to = nodes.iter().find(|node| count(node) == 0).unwrap();
    let id = |node: &Server| ask::<String>(node, "CLUSTER", &["MYID"]);
    // There with its credential first, and back with its grant first.
    for (n, from, to, moved_first) in [(0, from, to, "credential"), (1, to, from, "grant")] {
        let (from_id, to_id) = (id(from), id(to));
        let () = ask(to, "CLUSTER", &["SETSLOT", &slot, "IMPORTING", &from_id]);
        let () = ask(from, "CLUSTER", &["SETSLOT", &slot, "MIGRATING", &to_id]);
        migrate(from, to, &format!("{tag}{moved_first}:*"));
        for n in 0..2 {
            let found = store.find(&sample::key_in(SHARD, n)).await.unwrap();
            assert!(found.is_some(), "{moved_first} moved first");
        }
        match exchange(&store, n).await {
            Ok(exchanged) => assert_eq!(exchanged, Exchanged::Done, "{moved_first}"),
            Err(error) => assert!(error.is_transient(), "{moved_first}: {error:?}"),
        }
        migrate(from, to, &format!("{tag}*"));
        for node in [to, from] {
            let () = ask(node, "CLUSTER", &["SETSLOT", &slot, "NODE", &to_id]);
        }
    }
    for n in 0..2 {
        assert_eq!(exchange(&store, n).await.unwrap(), Exchanged::Done);
    }
    assert_eq!(store.find(&sample::key_in(SHARD, 9)).await.unwrap(), None);
}
