use time::Duration;

use crate::test_server::{Fault, TestServer, Verb, alice};

#[tokio::test]
async fn removes_what_has_expired_from_each_store() {
    let test = TestServer::new();
    let form = TestServer::request_of("web");
    test.consent(&form, &alice()).await;
    test.consent(&form, &alice()).await;
    let tokens = test.tokens("web").await;
    test.store.calls();
    let sweep = async |limit| test.server.sweep_once(test.now(), limit).await.unwrap();
    assert_eq!(sweep(100).await, 0);
    assert_eq!(test.store.calls(), [Verb::PurgeRequests, Verb::PurgeGrants]);
    // The pages shown, one of which was answered; then the access token.
    test.advance(Duration::minutes(10));
    assert_eq!(sweep(2).await, 2);
    while sweep(2).await > 0 {}
    assert!(test.is_live(&tokens.access_token()).await);
    test.advance(Duration::minutes(50));
    assert_eq!(sweep(100).await, 1);
    test.refresh("web", &tokens.refresh_token()).await.issued();
    test.advance(Duration::days(30));
    assert_ne!(sweep(100).await, 0);
    assert_eq!(sweep(100).await, 0);
}

#[tokio::test]
async fn tells_of_a_store_that_cannot_answer() {
    for verb in [Verb::PurgeRequests, Verb::PurgeGrants] {
        let test = TestServer::new();
        test.store.fail(verb, 1, Fault::TransientBefore);
        let swept = test.server.sweep_once(test.now(), 10).await;
        assert!(swept.unwrap_err().is_transient());
        test.server.sweep_once(test.now(), 10).await.unwrap();
    }
}
