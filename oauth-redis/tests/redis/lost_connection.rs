//! Connections that end, and servers that come back.

use oauth_core::store::{
    Decided, Decision, Exchange, Exchanged, Grant, GrantStore, RequestStore, Spend,
};
use oauth_core::{StoreError, UserId};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};

use crate::proxy::Proxy;
use crate::running::{is_there, prefix, url};
use crate::server::{Server, can_be_started};

async fn behind(proxy: &Proxy) -> RedisStore {
    let store = RedisStore::connect(&proxy.url).await.unwrap();
    store.with_prefix(prefix()).unwrap()
}

/// Opens a grant with a code and gives what spends it.
async fn opened(store: &RedisStore, n: u32) -> Grant {
    let grant = sample::grant(n);
    store
        .open(&grant, &[sample::code(2 * n)], START)
        .await
        .unwrap();
    grant
}

async fn spend(
    store: &RedisStore,
    grant: &Grant,
    n: u32,
    id: u32,
) -> Result<Exchanged, StoreError> {
    let exchange = Exchange {
        id: sample::exchange_id(id),
        grant: grant.id,
        spend: Spend::Once(sample::key(2 * n)),
        successors: vec![sample::refresh_token(2 * n + 1)].into(),
        now: at(1),
    };
    store.exchange(exchange).await
}

/// The proxy cuts after each number of bytes of the exchange, so before, within and behind it.
#[tokio::test]
async fn an_exchange_that_is_cut_anywhere_happens_once() {
    if !is_there() {
        return;
    }
    let proxy = Proxy::before(&url()).await;
    let store = behind(&proxy).await;
    let grant = opened(&store, 1).await;
    assert_eq!(spend(&store, &grant, 1, 1).await.unwrap(), Exchanged::Done);
    let grant = opened(&store, 2).await;
    proxy.bytes();
    assert_eq!(spend(&store, &grant, 2, 2).await.unwrap(), Exchanged::Done);
    let bytes = proxy.bytes();
    assert!(bytes > 300, "{bytes}");
    for cut in 0..=bytes {
        let n = 3 + u32::try_from(cut).unwrap();
        let grant = opened(&store, n).await;
        proxy.cut_after(cut);
        // Asked again inside, once, over a new connection.
        let exchanged = spend(&store, &grant, n, n).await.unwrap();
        assert_eq!(exchanged, Exchanged::Done, "cut after {cut} bytes");
        let code = store.find(&sample::key(2 * n)).await.unwrap().unwrap();
        assert_eq!(code.credential.spent_by, Some(sample::exchange_id(n)));
        let successor = store.find(&sample::key(2 * n + 1)).await.unwrap().unwrap();
        assert_eq!(successor.grant.id, grant.id);
        let another = spend(&store, &grant, n, 1).await.unwrap();
        assert_eq!(
            another,
            Exchanged::Spent {
                grant: grant.id,
                at: at(1)
            }
        );
        assert!(!proxy.is_to_cut(), "{cut} bytes were not enough");
    }
}

/// A client that asks again would find the decision made, and not know by whom.
#[tokio::test]
async fn a_decision_that_is_cut_anywhere_is_made_once() {
    if !is_there() {
        return;
    }
    let proxy = Proxy::before(&url()).await;
    let store = behind(&proxy).await;
    for (n, cut) in (1..).zip((0..900).step_by(11)) {
        let grant = sample::undecided_grant(n);
        let code = sample::code(2 * n);
        store.open(&grant, &[code], START).await.unwrap();
        proxy.cut_after(cut);
        let approve = Decision::Approve {
            subject: sample::alice(),
            expires_at: at(100),
            payload: grant.payload.clone(),
        };
        let decision = if n % 2 == 0 { approve } else { Decision::Deny };
        let decided = store.decide(&grant.id, decision, at(1)).await.unwrap();
        assert_eq!(decided, Decided::Done, "cut after {cut} bytes");
        let other = store
            .decide(&grant.id, Decision::Deny, at(1))
            .await
            .unwrap();
        assert_eq!(other, Decided::AlreadyDecided);
    }
}

#[tokio::test]
async fn what_is_taken_while_the_connection_is_cut_is_given_once_or_to_nobody() {
    if !is_there() {
        return;
    }
    let proxy = Proxy::before(&url()).await;
    let store = behind(&proxy).await;
    store.put(&sample::parked_request(0), START).await.unwrap();
    store.take(&sample::key(0), START).await.unwrap().unwrap();
    let (mut given, mut lost) = (0, 0);
    for cut in (0..600).step_by(7) {
        let request = sample::parked_request(u32::try_from(cut).unwrap() + 1);
        store.put(&request, START).await.unwrap();
        proxy.cut_after(cut);
        match store.take(&request.key, START).await.unwrap() {
            Some(taken) => {
                assert_eq!(taken, request);
                given += 1;
            }
            None => lost += 1,
        }
        assert_eq!(store.take(&request.key, START).await.unwrap(), None);
        assert_eq!(store.get(&request.key, START).await.unwrap(), None);
    }
    assert!(given > 0 && lost > 0, "{given} given, {lost} lost");
}

#[tokio::test]
async fn without_a_connection_a_verb_fails_for_the_moment_and_the_next_one_works() {
    if !is_there() {
        return;
    }
    let proxy = Proxy::before(&url()).await;
    let store = behind(&proxy).await;
    let grant = opened(&store, 1).await;
    proxy.close();
    proxy.cut_after(0);
    for _ in 0..3 {
        assert!(
            spend(&store, &grant, 1, 1)
                .await
                .unwrap_err()
                .is_transient()
        );
        assert!(
            store
                .find(&sample::key(2))
                .await
                .unwrap_err()
                .is_transient()
        );
    }
    proxy.open();
    assert!(store.find(&sample::key(2)).await.unwrap().is_some());
    assert_eq!(spend(&store, &grant, 1, 1).await.unwrap(), Exchanged::Done);
}

#[tokio::test]
async fn a_server_that_was_restarted_is_found_again() {
    if !can_be_started() {
        return;
    }
    let mut server = Server::start(&[]);
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let grant = opened(&store, 1).await;
    server.stop();
    assert!(
        store
            .find(&sample::key(2))
            .await
            .unwrap_err()
            .is_transient()
    );
    let alice = UserId::new("alice");
    let listed = oauth_core::store::ConsentStore::list(&store, &alice).await;
    assert!(listed.unwrap_err().is_transient());
    server.start_again();
    // It has nothing on disk, and no scripts.
    assert_eq!(store.find(&sample::key(2)).await.unwrap(), None);
    assert_eq!(
        spend(&store, &grant, 1, 1).await.unwrap(),
        Exchanged::Inactive
    );
    opened(&store, 1).await;
    assert_eq!(spend(&store, &grant, 1, 1).await.unwrap(), Exchanged::Done);
}

#[tokio::test]
async fn a_server_that_does_not_answer_fails_for_the_moment() {
    if !can_be_started() {
        return;
    }
    let server = Server::start(&[]);
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let mut pause = redis::cmd("CLIENT");
    let () = pause
        .arg("PAUSE")
        .arg(60_000)
        .arg("ALL")
        .query(&mut server.connection())
        .unwrap();
    assert!(
        store
            .find(&sample::key(1))
            .await
            .unwrap_err()
            .is_transient()
    );
}

#[tokio::test]
async fn who_cannot_be_reached_or_understood_is_an_error_at_the_start() {
    let nobody = RedisStore::connect("redis://127.0.0.1:1/").await;
    assert!(nobody.unwrap_err().is_transient());
    let nonsense = RedisStore::connect("http://127.0.0.1/").await;
    assert!(!nonsense.unwrap_err().is_transient());
    let nonsense = RedisStore::connect_cluster(Vec::<String>::new()).await;
    assert!(!nonsense.unwrap_err().is_transient());
}
