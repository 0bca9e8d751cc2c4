//! What Redis removes by itself, and when.

use std::collections::BTreeMap;

use oauth_core::store::{
    ConsentStore, Credential, Decision, Exchange, Exchanged, Grant, GrantStore, RequestStore, Spend,
};
use oauth_core::{Client, Scope, UserId};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::running::{self, fresh, is_there};

/// Seconds that are added to each lifetime.
const SLACK: i64 = 600;

/// So long a test may take.
const PATIENCE: i64 = 120;

/// The time to live of each key, in seconds; -1 for none.
fn lifetimes(store: &RedisStore) -> BTreeMap<String, i64> {
    let mut redis = running::redis();
    let keys = running::keys(&mut redis, store);
    let left = |key: String| {
        let left = redis::cmd("TTL").arg(&key).query(&mut redis).unwrap();
        (key.strip_prefix(store.prefix()).unwrap().to_owned(), left)
    };
    keys.into_iter().map(left).collect()
}

/// Asserts that the only keys are those that begin so, and that each lives so many seconds.
fn assert_lifetimes(store: &RedisStore, expected: &[(&str, i64)]) {
    let lifetimes = lifetimes(store);
    assert_eq!(lifetimes.len(), expected.len(), "{lifetimes:?}");
    for (key, left) in &lifetimes {
        let matching = expected.iter().find(|(begin, whole)| {
            key.starts_with(begin)
                && (*whole == *left || (*left - PATIENCE..*left + PATIENCE).contains(whole))
        });
        assert!(matching.is_some(), "{key} lives {left}: {lifetimes:?}");
    }
}

async fn spend(store: &RedisStore, grant: &Grant, spent: &Credential, successors: &[Credential]) {
    let exchange = Exchange {
        id: sample::exchange_id(1),
        grant: grant.id,
        spend: Spend::Once(spent.key),
        successors: successors.into(),
        now: at(10),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
}

fn long(n: u32) -> Grant {
    Grant {
        expires_at: at(100_000),
        ..sample::grant(n)
    }
}

#[tokio::test]
async fn a_grant_lives_as_long_as_its_only_code_until_somebody_comes_for_it() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let (grant, code) = (long(1), sample::code(1));
    store
        .open(&grant, std::slice::from_ref(&code), START)
        .await
        .unwrap();
    assert_lifetimes(
        &store,
        &[
            ("{0007}:grant:", 60 + SLACK),
            ("{0007}:credential:", 60 + SLACK),
            ("subject:user:", 100_000 + SLACK),
        ],
    );
    let successors = [sample::access_token(2), sample::refresh_token(3)];
    spend(&store, &grant, &code, &successors).await;
    assert_lifetimes(
        &store,
        &[
            ("{0007}:grant:", 99_990 + SLACK),
            ("{0007}:credential:AAAAAQ", 99_990 + SLACK),
            ("{0007}:credential:AAAAAg", 90 + SLACK),
            ("{0007}:credential:AAAAAw", 99_990 + SLACK),
            ("subject:user:", 100_000 + SLACK),
        ],
    );
}

#[tokio::test]
async fn what_was_spent_lives_as_long_as_its_grant() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let (grant, token) = (long(1), sample::refresh_token(1));
    let access_token = sample::access_token(2);
    store
        .open(&grant, &[token.clone(), access_token], START)
        .await
        .unwrap();
    spend(&store, &grant, &token, &[]).await;
    let credentials: Vec<i64> = lifetimes(&store)
        .into_iter()
        .filter_map(|(key, left)| key.contains("credential").then_some(left))
        .collect();
    assert!((100_000 + SLACK - PATIENCE..=100_000 + SLACK).contains(&credentials[0]));
    assert!((100 + SLACK - PATIENCE..=100 + SLACK).contains(&credentials[1]));
}

#[tokio::test]
async fn an_approval_prolongs_the_grant_and_what_it_was_opened_with() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let grant = sample::undecided_grant(1);
    let opened = [
        sample::code(1),
        sample::refresh_token(2),
        sample::access_token(3),
    ];
    store.open(&grant, &opened, START).await.unwrap();
    assert_lifetimes(
        &store,
        &[
            ("{0007}:grant:", 600 + SLACK),
            ("{0007}:credential:AAAAAQ", 600 + SLACK),
            ("{0007}:credential:AAAAAg", 600 + SLACK),
            ("{0007}:credential:AAAAAw", 100 + SLACK),
        ],
    );
    let approval = Decision::Approve {
        subject: sample::alice(),
        expires_at: at(50_000),
        payload: sample::grant_payload("profile"),
    };
    let _ = store.decide(&grant.id, approval, START).await.unwrap();
    assert_lifetimes(
        &store,
        &[
            ("{0007}:grant:", 50_000 + SLACK),
            ("{0007}:credential:AAAAAQ", 50_000 + SLACK),
            ("{0007}:credential:AAAAAg", 50_000 + SLACK),
            ("{0007}:credential:AAAAAw", 100 + SLACK),
            ("subject:user:", 50_000 + SLACK),
        ],
    );
}

#[tokio::test]
async fn a_parked_request_lives_until_it_expires_and_leaves_nothing_when_it_is_taken() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let request = sample::parked_request(1);
    store.put(&request, START).await.unwrap();
    assert_lifetimes(
        &store,
        &[
            ("{0007}:request:", 600 + SLACK),
            ("{0007}:owner:user:", 600 + SLACK),
        ],
    );
    store.take(&request.key, START).await.unwrap().unwrap();
    assert_lifetimes(&store, &[]);
}

#[tokio::test]
async fn consents_and_clients_stay() {
    if !is_there() {
        return;
    }
    let store = fresh().await;
    let (user, client) = (UserId::new("alice"), sample::client_id("web"));
    let scope = Scope::parse("profile").unwrap();
    store.record(&user, &client, &scope, START).await.unwrap();
    let web = Client::builder("web")
        .redirect_uri("https://app.example/")
        .build()
        .unwrap();
    store.save(&web).await.unwrap();
    assert_lifetimes(&store, &[("consents:", -1), ("client:", -1)]);
    store.withdraw(&user, &client).await.unwrap();
    store.remove(&client).await.unwrap();
    assert_lifetimes(&store, &[]);
}

/// The year 9999 in microseconds has more digits than a number of Lua.
#[tokio::test]
async fn the_last_microsecond_of_the_year_9999_is_told_from_the_one_before() {
    if !is_there() {
        return;
    }
    const END: OffsetDateTime = datetime!(9999-12-31 23:59:59.999999 UTC);
    let store = fresh().await;
    let first = datetime!(-9999-01-01 00:00 UTC);
    for (n, opened_at) in [(1, first), (2, START)] {
        let grant = Grant {
            expires_at: END,
            ..sample::grant(n)
        };
        let mut token = sample::refresh_token(n);
        token.expires_at = sample::just_before(END);
        store
            .open(&grant, &[token.clone()], opened_at)
            .await
            .unwrap();
        let found = GrantStore::find(&store, &token.key).await.unwrap().unwrap();
        assert_eq!(
            (found.grant, found.credential),
            (grant.clone(), token.clone())
        );
        let spend = async |now| {
            let exchange = Exchange {
                id: sample::exchange_id(1),
                grant: grant.id,
                spend: Spend::Once(token.key),
                successors: Vec::new().into(),
                now,
            };
            store.exchange(exchange).await.unwrap()
        };
        assert_eq!(spend(END).await, Exchanged::Inactive);
        assert_eq!(spend(sample::just_before(END)).await, Exchanged::Expired);
        let in_time = sample::just_before(sample::just_before(END));
        assert_eq!(spend(in_time).await, Exchanged::Done);
    }
}
