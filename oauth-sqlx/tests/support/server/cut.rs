//! An exchange whose connection is cut after each number of bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use oauth_core::StoreError;
use oauth_core::store::{Credential, Exchange, Exchanged, GrantStore, Spend};
use oauth_testkit::sample::{
    START, access_token, at, code, exchange_id, grant, grant_id, key, refresh_token,
};

use super::proxy::Proxy;
use crate::support::behaviour::Everything;

/// So many cuts are made at once, each through a proxy of its own.
pub(crate) const WAYS: usize = 8;

/// How often something has happened, and not, of what failed.
#[derive(Debug, Default)]
struct Seen {
    happened: AtomicU32,
    nothing: AtomicU32,
    answered: AtomicU32,
}

/// Cuts at every byte that passes from the beginning of an exchange until its connection is given back.
/// Each of `ways` has one connection, through its proxy; `direct` has others.
pub(crate) async fn everywhere<S: Everything>(direct: S, ways: Vec<(S, Proxy)>) {
    let (store, proxy) = &ways[0];
    warm(store, proxy, &direct, 1).await;
    let before = proxy.bytes();
    warm(store, proxy, &direct, 2).await;
    let bytes = proxy.bytes() - before;
    assert!(bytes > 500, "{bytes}");

    let (next, seen) = (Arc::new(AtomicI64::new(0)), Arc::new(Seen::default()));
    let mut tasks = tokio::task::JoinSet::new();
    for (store, proxy) in ways {
        let (direct, next, seen) = (direct.clone(), Arc::clone(&next), Arc::clone(&seen));
        tasks.spawn(async move {
            loop {
                let cut = next.fetch_add(1, Ordering::SeqCst);
                if cut > bytes {
                    return;
                }
                let place = Place {
                    cut,
                    store: &store,
                    proxy: &proxy,
                    direct: &direct,
                };
                place.is_asked_again_inside().await;
                // What comes next after a failure takes turns.
                if cut % 2 == 0 {
                    place.is_asked_again_outside(&seen).await;
                } else {
                    place.is_followed_by_another(&seen).await;
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    // All three ways in which it can end were there.
    assert!(seen.happened.load(Ordering::SeqCst) > 0);
    assert!(seen.nothing.load(Ordering::SeqCst) > 0);
    assert!(seen.answered.load(Ordering::SeqCst) > 0);
    println!("cut at each of {bytes} bytes: {seen:?}");
}

/// Has the connection know the statements, and nothing pass when it returns.
async fn warm<S: Everything>(store: &S, proxy: &Proxy, direct: &S, n: u32) {
    open(direct, n).await;
    proxy.reset();
    let exchanged = exchange(store, n, 0).await.unwrap();
    assert_eq!(exchanged, Exchanged::Done);
    proxy.given_back().await;
}

async fn open<S: Everything>(store: &S, n: u32) {
    let more = [code(n), refresh_token(n + 500_000)];
    store.open(&grant(n), &more, START).await.unwrap();
}

/// What an exchange of grant `n` leaves; `which` tells several apart.
fn successors(n: u32, which: u32) -> [Credential; 2] {
    let first = n + (which + 1) * 1_000_000;
    [access_token(first), refresh_token(first + 500_000)]
}

async fn exchange<S: Everything>(store: &S, n: u32, which: u32) -> Result<Exchanged, StoreError> {
    let exchange = Exchange {
        id: exchange_id(2 * n + which),
        grant: grant_id(n),
        spend: Spend::Once(key(n)),
        successors: successors(n, which).to_vec().into(),
        now: at(1),
    };
    store.exchange(exchange).await
}

struct Place<'a, S> {
    cut: i64,
    store: &'a S,
    proxy: &'a Proxy,
    direct: &'a S,
}

impl<S: Everything> Place<'_, S> {
    /// A new connection can be had: the store asks again by itself.
    async fn is_asked_again_inside(&self) {
        let n = self.opened(0).await;
        self.proxy.cut_after_bytes(self.cut, false);
        let exchanged = exchange(self.store, n, 0).await.unwrap();
        assert_eq!(exchanged, Exchanged::Done, "{}", self.cut);
        self.has_happened(n, 0).await;
        self.is_spent_for(n, 1).await;
        self.ended().await;
    }

    /// No connection can be had: it fails, and the same exchange can be asked over another.
    async fn is_asked_again_outside(&self, seen: &Seen) {
        let n = self.opened(1).await;
        self.proxy.cut_after_bytes(self.cut, true);
        let answer = exchange(self.store, n, 0).await;
        self.is_whole(n).await;
        if let Err(error) = &answer {
            assert!(error.is_transient(), "{}: {error:?}", self.cut);
        } else {
            self.has_happened(n, 0).await;
            seen.answered.fetch_add(1, Ordering::SeqCst);
        }
        assert!(matches!(answer, Err(_) | Ok(Exchanged::Done)), "{answer:?}");
        for _ in 0..2 {
            let again = exchange(self.direct, n, 0).await.unwrap();
            assert_eq!(again, Exchanged::Done, "{}", self.cut);
        }
        self.has_happened(n, 0).await;
        self.is_spent_for(n, 1).await;
        self.ended().await;
    }

    /// The same, and the next that comes is another exchange.
    async fn is_followed_by_another(&self, seen: &Seen) {
        let n = self.opened(1).await;
        self.proxy.cut_after_bytes(self.cut, true);
        let answer = exchange(self.store, n, 0).await;
        let (done, not_done) = match exchange(self.direct, n, 1).await.unwrap() {
            Exchanged::Done => {
                assert!(answer.is_err(), "{}: two have spent it", self.cut);
                seen.nothing.fetch_add(1, Ordering::SeqCst);
                (1, 0)
            }
            Exchanged::Spent { grant, at: moment } => {
                assert_eq!((grant, moment), (grant_id(n), at(1)));
                if answer.is_err() {
                    seen.happened.fetch_add(1, Ordering::SeqCst);
                }
                (0, 1)
            }
            other => panic!("{}: {other:?}", self.cut),
        };
        self.has_happened(n, done).await;
        self.has_not_happened(n, not_done).await;
        self.is_spent_for(n, not_done).await;
        self.ended().await;
    }

    /// A fresh grant, and a connection on which nothing passes.
    async fn opened(&self, kind: u32) -> u32 {
        let n = 10 + 4 * u32::try_from(self.cut).unwrap() + 2 * kind;
        warm(self.store, self.proxy, self.direct, n + 1).await;
        open(self.direct, n).await;
        n
    }

    /// The connection was cut, and the store has another.
    async fn ended(&self) {
        // After the last bytes of the exchange the pool asks whether the connection is there.
        while self.proxy.is_to_cut() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.proxy.open();
        assert!(
            GrantStore::find(self.store, &key(1))
                .await
                .unwrap()
                .is_some()
        );
    }

    async fn is_there(&self, credential: &Credential) -> bool {
        let found = GrantStore::find(self.direct, &credential.key).await;
        found.unwrap().is_some()
    }

    async fn is_spent(&self, n: u32) -> bool {
        let found = GrantStore::find(self.direct, &key(n)).await.unwrap();
        found.unwrap().credential.spent_at.is_some()
    }

    /// Nothing has happened or everything, at this moment: the server may still be at it.
    async fn is_whole(&self, n: u32) {
        let [first, second] = &successors(n, 0);
        if self.is_there(first).await {
            assert!(self.is_there(second).await, "{}", self.cut);
            assert!(self.is_spent(n).await, "{}: not spent", self.cut);
        }
        if self.is_spent(n).await {
            self.has_happened(n, 0).await;
        }
    }

    async fn has_happened(&self, n: u32, which: u32) {
        let found = GrantStore::find(self.direct, &key(n)).await.unwrap();
        let spent_by = found.unwrap().credential.spent_by;
        assert_eq!(spent_by, Some(exchange_id(2 * n + which)), "{}", self.cut);
        for successor in &successors(n, which) {
            assert!(self.is_there(successor).await, "{}: a token less", self.cut);
        }
    }

    async fn has_not_happened(&self, n: u32, which: u32) {
        for successor in &successors(n, which) {
            assert!(
                !self.is_there(successor).await,
                "{}: a token more",
                self.cut
            );
        }
    }

    /// The exchange that has not happened never will.
    async fn is_spent_for(&self, n: u32, which: u32) {
        let spent = Exchanged::Spent {
            grant: grant_id(n),
            at: at(1),
        };
        let answer = exchange(self.direct, n, which).await.unwrap();
        assert_eq!(answer, spent, "{}", self.cut);
        self.has_not_happened(n, which).await;
    }
}
