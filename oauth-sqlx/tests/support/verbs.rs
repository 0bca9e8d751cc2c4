//! One call of every verb, on its happy path.

use oauth_core::Client;
use oauth_core::store::{
    ClientStore, ConsentStore, Decided, Decision, Exchange, Exchanged, GrantDirectory, GrantStore,
    ParkedRequest, RequestStore, Spend, Target,
};
use oauth_testkit::sample::{
    START, access_token, alice, at, client_id, code, exchange_id, grant, grant_id, grant_payload,
    key, parked_request, refresh_token, scope, undecided_grant,
};

use super::behaviour::Everything;

/// Calls `after` with the name of each verb when it was done. `n` is other than 0, and another each time.
pub(crate) async fn each_verb<S: Everything>(store: &S, n: u32, mut after: impl AsyncFnMut(&str)) {
    let n = n * 10_000;
    let user = oauth_core::UserId::new(format!("user {n}"));
    let (first, second) = (grant(n), undecided_grant(n + 1));
    let opened = [code(n)];
    store.open(&first, &opened, START).await.unwrap();
    after("open").await;
    store.open(&second, &[code(n + 1)], START).await.unwrap();
    after("open").await;
    assert!(GrantStore::find(store, &key(n)).await.unwrap().is_some());
    after("find").await;

    let (id, spent) = (grant_id(n), key(n));
    let successors = [access_token(n + 2), refresh_token(n + 3)];
    let exchange = Exchange {
        id: exchange_id(n),
        grant: id,
        spend: Spend::Once(spent),
        successors: (&successors).into(),
        now: at(1),
    };
    let done = store.exchange(exchange.clone()).await.unwrap();
    assert_eq!(done, Exchanged::Done);
    after("exchange").await;
    let unspent = key(n + 3);
    let exchange = Exchange {
        spend: Spend::Nothing {
            while_unspent: unspent,
        },
        successors: vec![access_token(n + 4)].into(),
        ..exchange
    };
    assert_eq!(store.exchange(exchange).await.unwrap(), Exchanged::Done);
    after("exchange, spending nothing").await;

    let (subject, payload) = (alice(), grant_payload("profile"));
    let approval = Decision::Approve {
        subject: subject.clone(),
        expires_at: at(1_000),
        payload: payload.clone(),
    };
    let decided = store.decide(&grant_id(n + 1), approval, at(1)).await;
    assert_eq!(decided.unwrap(), Decided::Done);
    after("decide").await;
    let listed = GrantDirectory::list(store, &subject, at(1)).await.unwrap();
    assert!(!listed.is_empty());
    after("list").await;
    let page = store.page(None, 1).await.unwrap();
    assert!(
        page.next.is_some(),
        "the statement with a cursor is counted next"
    );
    after("page").await;
    let page = store.page(page.next.as_ref(), 10).await.unwrap();
    assert!(page.grants.len() <= 10);
    after("page").await;
    let target = Target::Credential(unspent);
    store.revoke(target, at(1)).await.unwrap();
    after("revoke").await;
    store.revoke(Target::Grant(id), at(1)).await.unwrap();
    after("revoke").await;

    let request: ParkedRequest = parked_request(n);
    store.put(&request, START).await.unwrap();
    after("put").await;
    assert!(store.get(&request.key, START).await.unwrap().is_some());
    after("get").await;
    assert!(store.take(&request.key, START).await.unwrap().is_some());
    after("take").await;

    let web = client_id("web");
    let profile = scope("profile");
    store.record(&user, &web, &profile, START).await.unwrap();
    after("record").await;
    let more = scope("email");
    store.record(&user, &web, &more, START).await.unwrap();
    after("record").await;
    let consent = ConsentStore::find(store, &user, &web).await.unwrap();
    assert!(consent.is_some());
    after("find a consent").await;
    assert_eq!(ConsentStore::list(store, &user).await.unwrap().len(), 1);
    after("list consents").await;
    store.withdraw(&user, &web).await.unwrap();
    after("withdraw").await;
    assert!(ClientStore::find(store, &web).await.unwrap().is_some());
    after("find a client").await;

    RequestStore::purge(store, at(2), 100).await.unwrap();
    after("purge requests").await;
    GrantStore::purge(store, at(2), 100).await.unwrap();
    after("purge grants, of which none has ended").await;
}

/// A client that [`each_verb`] finds.
pub(crate) fn web() -> Client {
    Client::builder("web")
        .redirect_uri("https://app.example/callback")
        .build()
        .unwrap()
}
