//! The table of the crate's documentation, counted.

use oauth_core::store::{
    ClientStore, ConsentStore, Decision, Exchange, Exchanged, GrantDirectory, GrantStore,
    RequestStore, Spend, Target,
};
use oauth_core::{Client, Scope, UserId};
use oauth_redis::RedisStore;
use oauth_testkit::sample::{self, START, at};

use crate::proxy::Proxy;
use crate::running::{is_there, prefix, url};

/// Uses every verb once, on things of this number, and gives the round trips of each.
async fn count(store: &RedisStore, proxy: &Proxy, n: u32) -> Vec<(&'static str, usize)> {
    let mut counted = Vec::new();
    let mut count = |verb| counted.push((verb, proxy.round_trips()));
    proxy.round_trips();

    let client = Client::builder("web")
        .redirect_uri("https://app.example/")
        .build()
        .unwrap();
    store.save(&client).await.unwrap();
    count("save");
    ClientStore::find(store, client.id())
        .await
        .unwrap()
        .unwrap();
    count("ClientStore::find");
    store.remove(client.id()).await.unwrap();
    count("remove");

    let grant = sample::grant(n);
    let code = sample::code(n);
    store
        .open(&grant, &[code.clone(), sample::access_token(n + 1)], START)
        .await
        .unwrap();
    count("open");
    GrantStore::find(store, &code.key).await.unwrap().unwrap();
    count("GrantStore::find");
    let exchange = Exchange {
        id: sample::exchange_id(n),
        grant: grant.id,
        spend: Spend::Once(code.key),
        successors: vec![sample::access_token(n + 2), sample::refresh_token(n + 3)].into(),
        now: at(1),
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    count("exchange");
    GrantDirectory::list(store, &sample::alice(), at(1))
        .await
        .unwrap();
    count("GrantDirectory::list");
    // The server has keys of others, so the grant may be on a later page.
    let mut page = store.page(None, 1_000).await.unwrap();
    while page.grants.is_empty() {
        proxy.round_trips();
        page = store.page(page.next.as_ref(), 1_000).await.unwrap();
    }
    count("GrantDirectory::page");
    store.revoke(Target::Grant(grant.id), at(2)).await.unwrap();
    count("revoke");
    GrantDirectory::list(store, &sample::alice(), at(2))
        .await
        .unwrap();
    count("list with a stale entry");
    let undecided = sample::undecided_grant(n + 1);
    store.open(&undecided, &[], START).await.unwrap();
    count("open undecided");
    let alice = sample::alice();
    let approval = Decision::Approve {
        subject: alice.clone(),
        expires_at: at(1_000),
        payload: sample::grant_payload("profile"),
    };
    let _ = store.decide(&undecided.id, approval, at(1)).await.unwrap();
    count("approve");
    let _ = store
        .decide(&undecided.id, Decision::Deny, at(1))
        .await
        .unwrap();
    count("deny");
    GrantStore::purge(store, at(9_000), 100).await.unwrap();
    RequestStore::purge(store, at(9_000), 100).await.unwrap();
    count("purge");

    let request = sample::parked_request(n);
    store.put(&request, START).await.unwrap();
    count("put");
    store.get(&request.key, START).await.unwrap().unwrap();
    count("get");
    store.take(&request.key, START).await.unwrap().unwrap();
    count("take");

    let (user, web) = (UserId::new("alice"), sample::client_id("web"));
    let scope = Scope::parse("profile").unwrap();
    store.record(&user, &web, &scope, START).await.unwrap();
    count("record");
    ConsentStore::find(store, &user, &web)
        .await
        .unwrap()
        .unwrap();
    count("ConsentStore::find");
    ConsentStore::list(store, &user).await.unwrap();
    count("ConsentStore::list");
    store.withdraw(&user, &web).await.unwrap();
    count("withdraw");
    counted
}

#[tokio::test]
async fn each_verb_takes_as_many_as_documented() {
    if !is_there() {
        return;
    }
    let proxy = Proxy::before(&url()).await;
    let store = RedisStore::connect(&proxy.url).await.unwrap();
    let store = store.with_prefix(prefix()).unwrap();
    // A server that does not know a script yet is told once.
    count(&store, &proxy, 1).await;
    let expected = [
        ("save", 1),
        ("ClientStore::find", 1),
        ("remove", 1),
        ("open", 2),
        ("GrantStore::find", 1),
        ("exchange", 1),
        ("GrantDirectory::list", 2),
        ("GrantDirectory::page", 2),
        ("revoke", 1),
        ("list with a stale entry", 3),
        ("open undecided", 1),
        ("approve", 2),
        ("deny", 1),
        ("purge", 0),
        ("put", 1),
        ("get", 1),
        ("take", 1),
        ("record", 1),
        ("ConsentStore::find", 1),
        ("ConsentStore::list", 1),
        ("withdraw", 1),
    ];
    assert_eq!(count(&store, &proxy, 100).await, expected);
}
