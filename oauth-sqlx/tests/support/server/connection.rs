//! What becomes of connections, on databases that are servers.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use oauth_core::store::{Exchange, Exchanged, GrantStore, Spend, Target};
use oauth_testkit::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, key, refresh_token,
};

use super::proxy::Proxy;
use crate::support::behaviour::Everything;
use crate::support::verbs::each_verb;

/// Every verb on its happy path takes as many round trips as the documentation says, with statements
/// that the connection has seen before. `store` has one connection, through the proxy.
pub(crate) async fn takes_so_many_round_trips<S: Everything>(
    store: &S,
    proxy: &Proxy,
    documented: &str,
) {
    each_verb(store, 1, async |_| proxy.given_back().await).await;
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    proxy.reset();
    each_verb(store, 2, async |verb| {
        proxy.given_back().await;
        let round_trips = counted.entry(verb.to_owned()).or_default();
        *round_trips = proxy.round_trips().max(*round_trips);
        proxy.reset();
    })
    .await;
    assert_eq!(counted, crate::support::documented(documented));
}

/// The connection is cut at each request of an exchange, when the server has done what it was asked:
/// the exchange is asked again inside, and happens once.
pub(crate) async fn a_lost_answer_is_asked_for_again<S: Everything>(store: &S, proxy: &Proxy) {
    for n in 1..100 {
        let more = [code(n), refresh_token(n + 100)];
        store.open(&grant(n), &more, START).await.unwrap();
        proxy.cut_after(i64::from(n) - 1);
        let (grant, spent) = (grant_id(n), key(n));
        let successors = [access_token(n + 1_000), refresh_token(n + 2_000)];
        let exchange = Exchange {
            id: exchange_id(n),
            grant,
            spend: Spend::Once(spent),
            successors: (&successors).into(),
            now: at(1),
        };
        let other = Exchange {
            id: exchange_id(n + 1_000),
            ..exchange.clone()
        };
        assert_eq!(
            store.exchange(exchange).await.unwrap(),
            Exchanged::Done,
            "{n}"
        );
        let was_cut = proxy.has_cut();
        proxy.cut_after(i64::MAX);
        let spent = Exchanged::Spent { grant, at: at(1) };
        assert_eq!(store.exchange(other).await.unwrap(), spent, "{n}");
        for successor in &successors {
            assert!(
                GrantStore::find(store, &successor.key)
                    .await
                    .unwrap()
                    .is_some(),
                "{n}"
            );
        }
        if !was_cut {
            assert!(n > 1, "nothing was cut");
            return;
        }
    }
    panic!("an exchange does not take so long");
}

/// Every verb works after the server has ended all connections; those that may not be asked again fail
/// once at most, and that is transient.
pub(crate) async fn works_after_connections_were_ended<S: Everything>(
    store: &S,
    end_connections: impl AsyncFn(),
) {
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    end_connections().await;
    assert!(GrantStore::find(store, &key(1)).await.unwrap().is_some());
    end_connections().await;
    store
        .revoke(Target::Grant(grant_id(1)), at(1))
        .await
        .unwrap();
    end_connections().await;
    store.open(&grant(2), &[code(2)], START).await.unwrap();

    let request = oauth_testkit::sample::parked_request(1);
    store.put(&request, START).await.unwrap();
    end_connections().await;
    if let Err(error) = store.take(&request.key, START).await {
        assert!(error.is_transient(), "{error:?}");
        // It was not sent, or was: the request is there, or is not.
        store.take(&request.key, START).await.unwrap();
    }
    assert_eq!(store.take(&request.key, START).await.unwrap(), None);
}

/// Futures that are dropped at any await leave no transaction behind on their connection, in which the
/// next user would be. `store` has one connection, `other` its own.
pub(crate) async fn a_dropped_future_leaves_no_transaction<S: Everything>(store: &S, other: &S) {
    for n in 1..40 {
        let more = [code(n), refresh_token(n + 100)];
        other.open(&grant(n), &more, START).await.unwrap();
        let (id, spent) = (grant_id(n), key(n));
        let exchange = Exchange {
            id: exchange_id(n),
            grant: id,
            spend: Spend::Once(spent),
            successors: vec![access_token(n + 1_000)].into(),
            now: at(1),
        };
        dropped_after(n, store.exchange(exchange)).await;
        dropped_after(n, GrantStore::purge(store, at(2), 10)).await;
        let new = grant(n + 5_000);
        dropped_after(n, store.open(&new, &[], START)).await;
        // One statement without a transaction of its own: seen by others, or left in somebody else's.
        store.revoke(Target::Grant(id), at(3)).await.unwrap();
        let found = GrantStore::find(other, &spent).await.unwrap().unwrap();
        assert_eq!(found.grant.revoked_at, Some(at(3)), "after {n} polls");
    }
}

async fn dropped_after<T>(polls: u32, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending if left > 1 => {
            left -= 1;
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}

/// Makes tests of these functions. `$through` is an `async fn(&Proxy) -> S` with one connection,
/// `$server` the host and port of the server.
macro_rules! connections {
    ($fresh:path, $through:path, $server:expr, $end:path, $documented:expr, $when:path) => {
        use $crate::server::connection as tests;
        use $crate::server::proxy::Proxy;

        #[test]
        fn each_verb_takes_as_many_round_trips_as_documented() {
            $crate::support::run($when, async {
                let proxy = Proxy::start($server).await;
                let store = $through(&$fresh().await, &proxy).await;
                store.save(&$crate::support::verbs::web()).await.unwrap();
                tests::takes_so_many_round_trips(&store, &proxy, $documented).await;
            });
        }

        #[test]
        fn a_lost_answer_is_asked_for_again() {
            $crate::support::run($when, async {
                let proxy = Proxy::start($server).await;
                let store = $through(&$fresh().await, &proxy).await;
                tests::a_lost_answer_is_asked_for_again(&store, &proxy).await;
            });
        }

        #[test]
        fn an_exchange_that_is_cut_at_any_byte_happens_once_or_not_at_all() {
            $crate::support::run($when, async {
                let direct = $fresh().await;
                let mut ways = Vec::new();
                for _ in 0..$crate::server::cut::WAYS {
                    let proxy = Proxy::start($server).await;
                    ways.push(($through(&direct, &proxy).await, proxy));
                }
                $crate::server::cut::everywhere(direct, ways).await;
            });
        }

        #[test]
        fn works_after_connections_were_ended() {
            $crate::support::run($when, async {
                let store = $fresh().await;
                tests::works_after_connections_were_ended(&store, async || $end(&store).await)
                    .await;
            });
        }

        #[test]
        fn a_dropped_future_leaves_no_transaction() {
            $crate::support::run($when, async {
                let proxy = Proxy::start($server).await;
                let other = $fresh().await;
                let store = $through(&other, &proxy).await;
                tests::a_dropped_future_leaves_no_transaction(&store, &other).await;
            });
        }
    };
}
pub(crate) use connections;
