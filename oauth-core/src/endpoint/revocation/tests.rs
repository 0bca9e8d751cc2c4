use http::{Method, Request, StatusCode, header};

use crate::test_server::{Answer, Fault, Form, TestServer, Verb, web};
use crate::{AccessTokenRevocation, Policy};

async fn revoke(test: &TestServer, client: &str, token: &str) -> StatusCode {
    let form = Form::of([("token", token)]);
    test.server.revoke(&form.sent_by(client)).await.status()
}

async fn is_refreshable(test: &TestServer, client: &str, refresh_token: &str) -> bool {
    test.refresh(client, refresh_token).await.status == StatusCode::OK
}

/// RFC 7009 section 2.1: the access tokens of the grant end with it.
#[tokio::test]
async fn a_refresh_token_ends_its_grant_spent_or_not() {
    let test = TestServer::new();
    let unspent = test.tokens("web").await;
    assert_eq!(revoke(&test, "web", &unspent.refresh_token()).await, 200);
    assert!(!test.is_live(&unspent.access_token()).await);
    assert!(!is_refreshable(&test, "web", &unspent.refresh_token()).await);

    let spent = test.tokens("web").await;
    let next = test.refresh("web", &spent.refresh_token()).await.issued();
    assert_eq!(revoke(&test, "web", &spent.refresh_token()).await, 200);
    assert!(!test.is_live(&next.access_token()).await);
    assert!(!is_refreshable(&test, "web", &next.refresh_token()).await);
}

#[tokio::test]
async fn an_access_token_ends_itself() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    assert_eq!(revoke(&test, "web", &tokens.access_token()).await, 200);
    assert!(!test.is_live(&tokens.access_token()).await);
    let next = test.refresh("web", &tokens.refresh_token()).await.issued();
    assert!(test.is_live(&next.access_token()).await);
}

#[tokio::test]
async fn an_access_token_ends_its_grant_where_the_policy_says_so() {
    let policy = Policy::default().access_token_revocation(AccessTokenRevocation::Grant);
    let test = TestServer::with(|builder| builder.policy(policy));
    let tokens = test.tokens("web").await;
    assert_eq!(revoke(&test, "web", &tokens.access_token()).await, 200);
    assert!(!test.is_live(&tokens.access_token()).await);
    assert!(!is_refreshable(&test, "web", &tokens.refresh_token()).await);
}

/// RFC 7009 section 2.2: an invalid token is no error, and nobody learns whose a token is.
#[tokio::test]
async fn unknown_and_foreign_tokens_are_answered_alike_and_left_alone() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let code = test.code("web").await;
    for token in [
        "unknown",
        code.as_str(),
        &tokens.access_token(),
        &tokens.refresh_token(),
    ] {
        let form = Form::of([("token", token)]);
        let response = test.server.revoke(&form.sent_by("post")).await;
        assert_eq!(response.status(), 200);
        assert!(response.body().is_empty());
    }
    // A code is no token (RFC 7009 section 2), not even its own client's.
    assert_eq!(revoke(&test, "web", &code).await, 200);
    test.redeem("web", &code).await.issued();
    assert!(test.is_live(&tokens.access_token()).await);
    assert!(is_refreshable(&test, "web", &tokens.refresh_token()).await);
}

/// RFC 7009 section 2.1: the server may ignore the hint.
#[tokio::test]
async fn a_wrong_hint_does_not_matter() {
    let test = TestServer::new();
    for hint in ["access_token", "refresh_token", "pen"] {
        let tokens = test.tokens("web").await;
        let form = Form::of([
            ("token", &*tokens.refresh_token()),
            ("token_type_hint", hint),
        ]);
        let response = test.server.revoke(&form.sent_by("web")).await;
        assert_eq!(response.status(), 200);
        assert!(!test.is_live(&tokens.access_token()).await);
    }
}

/// RFC 7009 section 5: whatever the hint says, the store is asked once.
#[tokio::test]
async fn a_hint_costs_nothing() {
    for hint in ["access_token", "refresh_token", "pen"] {
        for kind in ["access", "refresh"] {
            let test = TestServer::new();
            let tokens = test.tokens("web").await;
            let token = match kind {
                "access" => tokens.access_token(),
                _ => tokens.refresh_token(),
            };
            let form = Form::of([("token", &*token), ("token_type_hint", hint)]);
            test.store.calls();
            let response = test.server.revoke(&form.sent_by("web")).await;
            assert_eq!(response.status(), 200);
            let calls = test.store.calls();
            let searches = calls.iter().filter(|verb| **verb == Verb::FindCredential);
            assert_eq!(searches.count(), 1, "{hint} {kind}");
        }
    }
}

#[tokio::test]
async fn a_public_client_names_itself() {
    let test = TestServer::new();
    let tokens = test.tokens("spa").await;
    assert_eq!(revoke(&test, "spa", &tokens.refresh_token()).await, 200);
    assert!(!test.is_live(&tokens.access_token()).await);
}

#[tokio::test]
async fn who_does_not_authenticate_is_refused() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let form = Form::of([("token", &*tokens.access_token())]);
    for request in [
        form.post(),
        form.clone().with("client_id", "web").post(),
        form.with_basic("web", "wrong"),
        form.with_basic("nobody", "wrong"),
    ] {
        let answer = Answer::of(test.server.revoke(&request).await);
        answer.is(401, "invalid_client");
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    assert!(test.is_live(&tokens.access_token()).await);
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let test = TestServer::new();
    let twice = Form::of([("token", "a")]).and("token", "b");
    for form in [
        Form::of([("token", "")]),
        Form::of([]),
        twice,
        Form::of([("token", "a"), ("token_type_hint", "x")]).and("token_type_hint", "y"),
    ] {
        let answer = Answer::of(test.server.revoke(&form.sent_by("web")).await);
        answer.is(400, "invalid_request");
    }
    let get = Request::get("/revoke?token=a")
        .body(Default::default())
        .unwrap();
    let answer = test.server.revoke(&get).await;
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.headers()[header::ALLOW], "POST, OPTIONS");
}

#[tokio::test]
async fn a_failing_store_is_503_whatever_the_failure() {
    for fault in [Fault::TransientBefore, Fault::PermanentBefore] {
        for verb in [Verb::FindCredential, Verb::Revoke] {
            let test = TestServer::new();
            let tokens = test.tokens("web").await;
            let form = Form::of([("token", &*tokens.refresh_token())]);
            test.store.fail(verb, 1, fault);
            let answer = Answer::of(test.server.revoke(&form.sent_by("web")).await);
            assert_eq!(answer.status, 503);
            assert_eq!(revoke(&test, "web", &tokens.refresh_token()).await, 200);
            assert!(!test.is_live(&tokens.access_token()).await);
        }
    }
}

/// The token ends at the very next request, and a client that is gone cannot revoke.
#[tokio::test]
async fn a_client_that_is_gone_is_refused() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    test.store.remove_client("web");
    assert_eq!(revoke(&test, "web", &tokens.access_token()).await, 401);
    test.store.register(web().build().unwrap());
    assert_eq!(revoke(&test, "web", &tokens.access_token()).await, 200);
}

#[tokio::test]
async fn pages_of_any_origin_may_call_it() {
    let test = TestServer::new();
    let asking = Request::builder().method(Method::OPTIONS).uri("/revoke");
    let answer = test
        .server
        .revoke(&asking.body(Default::default()).unwrap())
        .await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let form = Form::of([("token", "unknown")]);
    let answer = test.server.revoke(&form.sent_by("web")).await;
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}
