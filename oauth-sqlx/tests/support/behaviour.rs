//! What the stores of this crate do beyond the contract, on every database.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::store::{
    ClientStore, ConsentStore, Credential, Exchange, Exchanged, Grant, GrantDirectory, GrantStore,
    ParkedRequest, RequestStore, Spend, Target,
};
use oauth_core::{AuthorizationServer, Clock, Subject, UserId};
use oauth_sqlx::Sweeping;
use oauth_testkit::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, grant_id_in, key, parked_request,
    refresh_token,
};
use time::OffsetDateTime;

pub(crate) trait Everything:
    ClientStore + GrantDirectory + RequestStore + ConsentStore + Clone
{
}

impl<S: ClientStore + GrantDirectory + RequestStore + ConsentStore + Clone> Everything for S {}

/// Makes tests of these functions. `$fresh` is an `async fn() -> S`.
macro_rules! behaviour {
    ($fresh:path, $when:expr) => {
        $crate::support::behaviour::behaviour! { @each $fresh, $when;
            an_owner_pushes_out_its_own_oldest_request
            a_grant_goes_when_nobody_came_for_its_code
            a_grant_stays_whose_code_got_an_access_token
            a_grant_stays_whose_code_was_exchanged
            nothing_is_found_of_a_grant_that_is_gone
            a_large_family_goes_in_several_transactions
            what_ended_before_that_was_removed_goes_too
            purging_twice_at_once_removes_each_once
            sweeping_removes_what_has_expired_until_it_is_shut_down
        }
    };
    (@each $fresh:path, $when:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::support::run($when, async {
                    $crate::support::behaviour::$name($fresh().await).await;
                });
            }
        )*
    };
}
pub(crate) use behaviour;

async fn purge_grants(store: &impl GrantStore, seconds: i64, limit: usize) -> usize {
    GrantStore::purge(store, at(seconds), limit).await.unwrap()
}

async fn is_there(store: &impl GrantStore, n: u32) -> bool {
    store.find(&key(n)).await.unwrap().is_some()
}

pub(crate) async fn an_owner_pushes_out_its_own_oldest_request<S: Everything>(store: S) {
    let others = ParkedRequest {
        owner: Subject::User(UserId::new("bob")),
        ..parked_request(999)
    };
    store.put(&others, START).await.unwrap();
    for n in 1..=103 {
        store.put(&parked_request(n), START).await.unwrap();
    }
    for (n, is_there) in [(1, false), (3, false), (4, true), (103, true), (999, true)] {
        let found = store.get(&parked_request(n).key, START).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{n}");
    }
}

pub(crate) async fn a_grant_goes_when_nobody_came_for_its_code<S: Everything>(store: S) {
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    let more = [code(2), refresh_token(3)];
    store.open(&grant(2), &more, START).await.unwrap();
    assert_eq!(purge_grants(&store, 659, 100).await, 0);
    assert!(is_there(&store, 1).await);
    assert_eq!(purge_grants(&store, 660, 100).await, 1);
    assert!(!is_there(&store, 1).await);
    assert!(is_there(&store, 2).await && is_there(&store, 3).await);
}

pub(crate) async fn a_grant_stays_whose_code_was_exchanged<S: Everything>(store: S) {
    for n in 1..=5 {
        store.open(&grant(n), &[code(n)], START).await.unwrap();
        let (grant, key) = (grant_id(n), key(n));
        let exchange = Exchange {
            id: exchange_id(n),
            grant,
            spend: Spend::Once(key),
            successors: vec![refresh_token(n + 100)].into(),
            now: at(1),
        };
        assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    }
    store.open(&grant(6), &[code(6)], START).await.unwrap();
    // More are looked at and kept than are removed at once.
    assert_eq!(purge_grants(&store, 700, 2).await, 1);
    assert!(is_there(&store, 1).await && is_there(&store, 105).await);
    assert!(!is_there(&store, 6).await);
    assert_eq!(purge_grants(&store, 999, 100).await, 0);
    assert_eq!(purge_grants(&store, 1_000, 100).await, 5);
}

/// It is none that never had more than its code.
pub(crate) async fn a_grant_stays_whose_code_got_an_access_token<S: Everything>(store: S) {
    store.open(&grant(1), &[code(1)], START).await.unwrap();
    let lasting = Credential {
        expires_at: at(900),
        ..access_token(2)
    };
    let code = key(1);
    let exchange = Exchange {
        id: exchange_id(1),
        grant: grant_id(1),
        spend: Spend::Nothing {
            while_unspent: code,
        },
        successors: vec![lasting].into(),
        now: at(1),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    assert_eq!(purge_grants(&store, 899, 100).await, 0);
    assert!(is_there(&store, 1).await && is_there(&store, 2).await);
    assert_eq!(purge_grants(&store, 1_000, 1).await, 1);
    assert_eq!(purge_grants(&store, 1_000, 1).await, 1);
    assert!(!is_there(&store, 1).await && !is_there(&store, 2).await);
}

/// Access tokens too, whether or not a row of theirs stays until it expires.
pub(crate) async fn nothing_is_found_of_a_grant_that_is_gone<S: Everything>(store: S) {
    let lasting = Credential {
        expires_at: at(900),
        ..access_token(2)
    };
    let opened = [refresh_token(1), lasting.clone()];
    store.open(&grant(1), &opened, START).await.unwrap();
    let grant = grant_id(1);
    store.revoke(Target::Grant(grant), at(1)).await.unwrap();
    assert_eq!(purge_grants(&store, 700, 100).await, 1);
    assert!(!is_there(&store, 1).await && !is_there(&store, 2).await);
    let exchange = Exchange {
        id: exchange_id(1),
        grant,
        spend: Spend::Nothing {
            while_unspent: lasting.key,
        },
        successors: vec![refresh_token(3)].into(),
        now: at(701),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Inactive);
    purge_grants(&store, 900, 100).await;
    assert_eq!(purge_grants(&store, 900, 100).await, 0);
}

pub(crate) async fn a_large_family_goes_in_several_transactions<S: Everything>(store: S) {
    let family: Vec<Credential> = (1..=5_500).map(refresh_token).collect();
    store.open(&grant(1), &family, START).await.unwrap();
    assert_eq!(purge_grants(&store, 1_000, 10).await, 1);
    assert!(!is_there(&store, 1).await && !is_there(&store, 5_500).await);
}

/// Where a purge goes on where the last one stopped.
pub(crate) async fn what_ended_before_that_was_removed_goes_too<S: Everything>(store: S) {
    let put = async |n: u32, end: i64| {
        let grant = Grant {
            expires_at: at(500 + end),
            ..grant(n)
        };
        let token = Credential {
            expires_at: at(end),
            ..access_token(n)
        };
        store.open(&grant, &[token], START).await.unwrap();
        let request = ParkedRequest {
            expires_at: at(end),
            ..parked_request(n)
        };
        store.put(&request, START).await.unwrap();
    };
    for (n, end) in [(1, 11), (2, 12), (3, 13), (4, 14), (5, 100)] {
        put(n, end).await;
    }
    let requests = async |limit| RequestStore::purge(&store, at(50), limit).await.unwrap();
    assert_eq!(purge_grants(&store, 50, 2).await, 2);
    assert_eq!(requests(2).await, 2);
    put(6, 5).await;
    assert_eq!(purge_grants(&store, 50, 100).await, 3);
    assert_eq!(requests(100).await, 3);
    assert!(is_there(&store, 5).await && !is_there(&store, 6).await);

    // The fifth's token, and two grants.
    assert_eq!(purge_grants(&store, 550, 3).await, 3);
    put(7, 5).await;
    assert_eq!(purge_grants(&store, 550, 100).await, 5);
    assert_eq!(purge_grants(&store, 550, 100).await, 0);
}

pub(crate) async fn purging_twice_at_once_removes_each_once<S: Everything>(store: S) {
    for n in 1..=200 {
        let grant = Grant {
            id: grant_id_in(7, n),
            ..grant(n)
        };
        let credentials = [access_token(n), refresh_token(n + 1_000)];
        store.open(&grant, &credentials, START).await.unwrap();
    }
    let purge = |store: S| async move {
        let mut removed = 0;
        loop {
            // One that finds everything locked by the other has nothing to do for the moment.
            match purge_grants(&store, 1_000, 30).await {
                0 => return removed,
                some => removed += some,
            }
        }
    };
    let (first, second) = tokio::join!(
        tokio::spawn(purge(store.clone())),
        tokio::spawn(purge(store.clone()))
    );
    let rest = purge(store.clone()).await;
    assert_eq!(first.unwrap() + second.unwrap() + rest, 400);
    assert!(!is_there(&store, 1).await && !is_there(&store, 1_200).await);
}

struct Stopped(OffsetDateTime);

impl Clock for Stopped {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

pub(crate) async fn sweeping_removes_what_has_expired_until_it_is_shut_down<S: Everything>(
    store: S,
) {
    for n in 1..=5 {
        store
            .open(&grant(n), &[access_token(n)], START)
            .await
            .unwrap();
        store.put(&parked_request(n), START).await.unwrap();
    }
    let server = AuthorizationServer::builder("https://auth.example")
        .store(store.clone())
        .build()
        .unwrap();
    let clock = Arc::new(Stopped(at(5_000)));
    let sweeping = Sweeping::start_with_clock(server, Duration::from_millis(10), clock);
    let patience = Duration::from_millis(10);
    while is_there(&store, 5).await {
        tokio::time::sleep(patience).await;
    }
    // What comes later is found the next time.
    store
        .open(&grant(9), &[access_token(9)], START)
        .await
        .unwrap();
    while is_there(&store, 9).await {
        tokio::time::sleep(patience).await;
    }
    let parked = store.get(&parked_request(5).key, START).await.unwrap();
    assert_eq!(parked, None);
    sweeping.shutdown().await;
    store
        .open(&grant(10), &[access_token(10)], START)
        .await
        .unwrap();
    tokio::time::sleep(5 * patience).await;
    assert!(is_there(&store, 10).await);
}
