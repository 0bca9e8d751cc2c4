use std::time::Duration as Lifetime;

use time::Duration;

use crate::Policy;
use crate::test_server::{Form, TestServer, Verb, web};

#[tokio::test]
async fn rotates_in_three_store_calls() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    test.store.calls();
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    assert_eq!(
        test.store.calls(),
        [Verb::FindClient, Verb::FindCredential, Verb::Exchange]
    );
    assert_ne!(first.refresh_token(), second.refresh_token());
    assert_ne!(first.access_token(), second.access_token());
    assert_eq!(second.text("scope"), "profile email");
    assert!(test.is_live(&first.access_token()).await);
    assert!(test.is_live(&second.access_token()).await);
    test.refresh("web", &second.refresh_token()).await.issued();
    let written = test.store.written();
    for token in [&first, &second] {
        assert!(!written.contains(&token.refresh_token()[4..]));
    }
}

#[tokio::test]
async fn reuse_ends_the_grant() {
    for later in [0, 100, 29 * 24 * 3600] {
        let test = TestServer::new();
        let first = test.tokens("web").await;
        let second = test.refresh("web", &first.refresh_token()).await.issued();
        let third = test.refresh("web", &second.refresh_token()).await.issued();
        // Sweeping must not make the server forget what was spent.
        test.advance(Duration::seconds(later));
        test.server.sweep_once(test.now(), 1_000).await.unwrap();
        let reused = test.refresh("web", &first.refresh_token()).await;
        reused.is(400, "invalid_grant");
        for answer in [&first, &second, &third] {
            assert!(!test.is_live(&answer.access_token()).await);
            let refreshed = test.refresh("web", &answer.refresh_token()).await;
            refreshed.is(400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn another_client_burns_nothing() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    for client in ["post", "spa"] {
        let stolen = test.refresh(client, &first.refresh_token()).await;
        stolen.is(400, "invalid_grant");
    }
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    // Not even by showing a spent one.
    let stolen = test.refresh("spa", &first.refresh_token()).await;
    stolen.is(400, "invalid_grant");
    assert!(test.is_live(&second.access_token()).await);
    test.refresh("web", &second.refresh_token()).await.issued();
}

#[tokio::test]
async fn an_unknown_and_a_foreign_token_get_the_same_answer() {
    let test = TestServer::new();
    let foreign = test.tokens("post").await.refresh_token();
    let foreign = test.refresh("web", &foreign).await;
    let unknown = test.refresh("web", "ort_unknown").await;
    assert_eq!(foreign.bytes, unknown.bytes);
    assert_eq!(foreign.status, unknown.status);
}

#[tokio::test]
async fn a_narrowed_scope_narrows_the_access_token_and_not_the_grant() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    let narrow = Form::refreshing(&first.refresh_token()).with("scope", "email");
    let second = test.send("web", &narrow).await.issued();
    assert_eq!(second.text("scope"), "email");
    let scope = test.scope_of(&second.access_token()).await;
    assert_eq!(scope.as_deref(), Some("email"));
    let third = test.refresh("web", &second.refresh_token()).await.issued();
    assert_eq!(third.text("scope"), "profile email");
}

#[tokio::test]
async fn a_widened_scope_is_refused_and_burns_nothing() {
    let test = TestServer::new();
    let form = TestServer::request_of("web").with("scope", "email");
    let code = test.code_for(&form).await;
    let first = test.redeem("web", &code).await.issued();
    for scope in ["profile", "email profile", "Email", "email\u{7f}", "\""] {
        let wide = Form::refreshing(&first.refresh_token()).with("scope", scope);
        test.send("web", &wide).await.is(400, "invalid_scope");
    }
    let twice = Form::refreshing(&first.refresh_token())
        .with("scope", "email")
        .and("scope", "email");
    test.send("web", &twice).await.is(400, "invalid_request");
    test.refresh("web", &first.refresh_token()).await.issued();
}

#[tokio::test]
async fn scope_taken_from_the_client_is_gone() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    test.store.register(web().scope("email").build().unwrap());
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    assert_eq!(second.text("scope"), "email");
    let named = Form::refreshing(&second.refresh_token()).with("scope", "profile");
    test.send("web", &named).await.is(400, "invalid_scope");
    test.store.register(web().scope("other").build().unwrap());
    let refreshed = test.refresh("web", &second.refresh_token()).await;
    refreshed.is(400, "invalid_scope");
    // What is given back is there again.
    test.store.register(web().build().unwrap());
    let third = test.refresh("web", &second.refresh_token()).await.issued();
    assert_eq!(third.text("scope"), "profile email");
}

#[tokio::test]
async fn refreshing_does_not_prolong_the_grant() {
    let policy = Policy::default()
        .access_token(Lifetime::from_secs(60))
        .refresh_token(Lifetime::from_secs(150));
    let test = TestServer::with(|builder| builder.policy(policy));
    let first = test.tokens("web").await;
    assert_eq!(first.json()["expires_in"], 60);
    test.advance(Duration::milliseconds(100_500));
    let second = test.refresh("web", &first.refresh_token()).await.issued();
    // 49.5 seconds are left; the client is told no more than there is.
    assert_eq!(second.json()["expires_in"], 49);
    test.advance(Duration::milliseconds(49_499));
    assert!(test.is_live(&second.access_token()).await);
    let third = test.refresh("web", &second.refresh_token()).await.issued();
    assert_eq!(third.json()["expires_in"], 0);
    test.advance(Duration::milliseconds(1));
    assert!(!test.is_live(&second.access_token()).await);
    let refreshed = test.refresh("web", &third.refresh_token()).await;
    refreshed.is(400, "invalid_grant");
}

#[tokio::test]
async fn an_unknown_client_name_in_the_form_is_noticed() {
    let test = TestServer::new();
    let first = test.tokens("web").await;
    let form = Form::refreshing(&first.refresh_token()).with("client_id", "post");
    test.send("web", &form).await.is(400, "invalid_request");
    let form = Form::refreshing(&first.refresh_token()).with("client_id", "web");
    test.send("web", &form).await.issued();
}
