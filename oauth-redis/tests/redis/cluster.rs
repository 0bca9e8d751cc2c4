//! A cluster of three masters, started once for all tests.

use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::Duration;

use oauth_core::store::{ConsentStore, Exchange, Exchanged, GrantDirectory, GrantStore, Spend};
use oauth_core::{ClientId, Scope, Subject, UserId};
use oauth_redis::RedisStore;
use oauth_testkit::sample;

use crate::running::prefix;
use crate::server::{Server, can_be_started};

/// Shared by all tests but those that stop a node.
static CLUSTER: LazyLock<Vec<Server>> = LazyLock::new(|| {
    let nodes = start();
    nodes.iter().for_each(Server::stop_at_the_end);
    nodes
});

pub(crate) fn start() -> Vec<Server> {
    let enabled = [
        "--cluster-enabled",
        "yes",
        "--cluster-node-timeout",
        "15000",
    ];
    let nodes: Vec<Server> = (0..3).map(|_| Server::start(&enabled)).collect();
    let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
    let created = Command::new("redis-cli")
        .args(["--cluster", "create"])
        .args(addresses)
        .arg("--cluster-yes")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        created.status.success(),
        "{}",
        String::from_utf8_lossy(&created.stdout)
    );
    nodes.iter().for_each(wait_for);
    nodes
}

fn wait_for(node: &Server) {
    let mut connection = node.connection();
    for _ in 0..500 {
        let mut command = redis::cmd("CLUSTER");
        let state: String = command.arg("INFO").query(&mut connection).unwrap();
        if state.contains("cluster_state:ok") && state.contains("cluster_known_nodes:3") {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the cluster does not come up");
}

pub(crate) fn urls(nodes: &[Server]) -> Vec<String> {
    nodes.iter().map(Server::url).collect()
}

async fn fresh() -> RedisStore {
    let store = RedisStore::connect_cluster(urls(&CLUSTER)).await.unwrap();
    store.with_prefix(prefix()).unwrap()
}

async fn again(store: &RedisStore) -> RedisStore {
    let second = RedisStore::connect_cluster(urls(&CLUSTER)).await.unwrap();
    second.with_prefix(store.prefix()).unwrap()
}

async fn with(clients: Vec<oauth_core::Client>) -> RedisStore {
    let store = fresh().await;
    for client in clients {
        store.save(&client).await.unwrap();
    }
    store
}

mod grant_store {
    oauth_testkit::grant_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::can_be_started
    );
}

mod grant_directory {
    oauth_testkit::grant_directory_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::can_be_started
    );
}

mod request_store {
    oauth_testkit::request_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::can_be_started
    );
}

mod consent_store {
    oauth_testkit::consent_store_contract!(
        super::fresh,
        second_connection = super::again,
        when = super::can_be_started
    );
}

mod client_store {
    oauth_testkit::client_store_contract!(super::with, when = super::can_be_started);
}

/// How many keys with this prefix each node has.
fn spread(prefix: &str) -> Vec<usize> {
    let count = |node: &Server| {
        let mut command = redis::cmd("KEYS");
        let keys: Vec<String> = command
            .arg(format!("{prefix}*"))
            .query(&mut node.connection())
            .unwrap();
        keys.len()
    };
    CLUSTER.iter().map(count).collect()
}

#[tokio::test]
async fn grants_of_many_shards_are_spread_over_the_nodes_and_listed_together() {
    if !can_be_started() {
        return;
    }
    let store = fresh().await;
    let shards: Vec<u16> = (0..60).map(|n| n * 1_000 + 7).collect();
    for (n, shard) in (0..).zip(&shards) {
        let mut grant = sample::grant(n);
        grant.id = sample::grant_id_in(*shard, n);
        let (mut code, mut successor) = (sample::code(n), sample::refresh_token(n + 1_000));
        code.key = sample::key_in(*shard, n);
        successor.key = sample::key_in(*shard, n + 1_000);
        store
            .open(&grant, &[code.clone()], sample::START)
            .await
            .unwrap();
        let exchange = Exchange {
            id: sample::exchange_id(n),
            grant: grant.id,
            spend: Spend::Once(code.key),
            successors: vec![successor].into(),
            now: sample::at(1),
        };
        assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    }
    let listed = GrantDirectory::list(&store, &sample::alice(), sample::at(2))
        .await
        .unwrap();
    assert_eq!(listed.len(), shards.len());
    let spread = spread(store.prefix());
    // Three keys for each grant, and the subject's index.
    assert_eq!(spread.iter().sum::<usize>(), 3 * shards.len() + 1);
    assert!(spread.iter().all(|keys| *keys > 3), "{spread:?}");
}

#[tokio::test]
async fn braces_in_identifiers_move_nothing_to_another_node() {
    if !can_be_started() {
        return;
    }
    let store = fresh().await;
    let client = ClientId::parse("{beef}:{}").unwrap();
    for name in ["{beef}", "}{", "{}", "oauth:{0007}:grant:"] {
        let user = UserId::new(name);
        let scope = Scope::parse("profile").unwrap();
        store
            .record(&user, &client, &scope, sample::START)
            .await
            .unwrap();
        assert_eq!(ConsentStore::list(&store, &user).await.unwrap().len(), 1);
        let subject = Subject::User(user);
        assert_eq!(
            GrantDirectory::list(&store, &subject, sample::START)
                .await
                .unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn a_credential_of_another_shard_is_under_no_grant_of_this_one() {
    if !can_be_started() {
        return;
    }
    let store = fresh().await;
    let (grant, code) = (sample::grant(1), sample::code(1));
    let mut elsewhere = code.clone();
    elsewhere.key = sample::key_in(4_711, 1);
    let under = std::slice::from_ref(&elsewhere);
    let opened = store.open(&grant, under, sample::START).await;
    assert!(!opened.unwrap_err().is_transient());
    store.open(&grant, &[code], sample::START).await.unwrap();
    let spent = Exchange {
        id: sample::exchange_id(1),
        grant: grant.id,
        spend: Spend::Once(elsewhere.key),
        successors: Vec::new().into(),
        now: sample::at(1),
    };
    assert_eq!(store.exchange(spent).await.unwrap(), Exchanged::Unknown);
}

/// The node that answers has forgotten its scripts, as one that has just become master.
#[tokio::test]
async fn a_node_that_does_not_know_a_script_is_told() {
    if !can_be_started() {
        return;
    }
    let store = fresh().await;
    store
        .open(&sample::grant(1), &[sample::code(1)], sample::START)
        .await
        .unwrap();
    for node in CLUSTER.iter() {
        let mut command = redis::cmd("SCRIPT");
        let () = command.arg("FLUSH").query(&mut node.connection()).unwrap();
    }
    assert!(
        GrantStore::find(&store, &sample::key(1))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_away_fails_for_the_moment_and_is_found_again() {
    if !can_be_started() {
        return;
    }
    let mut nodes = start();
    let store = RedisStore::connect_cluster(urls(&nodes)).await.unwrap();
    let open = async || {
        let mut failed = 0;
        for shard in (0..60).map(|n| n * 1_000) {
            let mut grant = sample::grant(1);
            grant.id = sample::grant_id_in(shard, 1);
            grant.subject = None;
            if let Err(error) = store.open(&grant, &[], sample::START).await {
                assert!(error.is_transient(), "{error:?}");
                failed += 1;
                // One that fails takes seconds.
                break;
            }
        }
        failed
    };
    assert_eq!(open().await, 0);
    nodes[1].stop();
    assert_eq!(open().await, 1);
    nodes[1].start_again();
    tokio::task::block_in_place(|| nodes.iter().for_each(wait_for));
    assert_eq!(open().await, 0);
}
