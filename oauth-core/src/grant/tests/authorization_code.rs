use std::time::Duration as Lifetime;

use time::Duration;

use crate::test_server::{Form, TestServer, VERIFIER, Verb, secret_of, web};
use crate::{Client, GrantType, Policy, UserId};

#[tokio::test]
async fn a_code_gives_tokens_in_three_store_calls() {
    for client in ["web", "post", "spa", "cli", "own"] {
        let test = TestServer::new();
        let code = test.code(client).await;
        test.store.calls();
        let answer = test.redeem(client, &code).await.issued();
        assert_eq!(
            test.store.calls(),
            [Verb::FindClient, Verb::FindCredential, Verb::Exchange]
        );
        let json = answer.json();
        let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
        names.sort();
        let expected = [
            "access_token",
            "expires_in",
            "refresh_token",
            "scope",
            "token_type",
        ];
        assert_eq!(names, expected);
        assert_eq!(json["token_type"], "Bearer");
        assert_eq!(json["expires_in"], 3600);
        assert_eq!(json["scope"], "profile email");
        assert_eq!(answer.headers["pragma"], "no-cache");

        let token = test
            .server
            .verify_access_token(&answer.access_token())
            .await;
        assert_eq!(test.store.calls(), [Verb::FindCredential]);
        let token = token.unwrap().unwrap();
        assert_eq!(token.user().map(UserId::as_str), Some("alice"));
        assert_eq!(token.client_id().as_str(), client);
        assert_eq!(token.expires_at(), test.now() + Duration::hours(1));
    }
}

#[tokio::test]
async fn nothing_that_a_client_holds_reaches_the_store() {
    let test = TestServer::new();
    let code = test.code("web").await;
    let answer = test.redeem("web", &code).await.issued();
    let written = test.store.written();
    assert!(written.contains("profile email"), "the records are there");
    for secret in [
        code,
        answer.access_token(),
        answer.refresh_token(),
        VERIFIER.to_owned(),
        secret_of("web"),
    ] {
        assert!(!written.contains(&secret));
        assert!(!written.contains(&secret[4..]));
    }
}

#[tokio::test]
async fn the_last_moment_of_a_code() {
    for (milliseconds, counts) in [(59_999, true), (60_000, false)] {
        let test = TestServer::new();
        let code = test.code("web").await;
        test.advance(Duration::milliseconds(milliseconds));
        let answer = test.redeem("web", &code).await;
        if counts {
            answer.issued();
        } else {
            answer.is(400, "invalid_grant");
        }
    }
}

/// What somebody who is not the client can send; each leaves the code as it is.
fn misuses(code: &str) -> Vec<(&'static str, Form, &'static str)> {
    let full = Form::redeeming(code);
    let other = VERIFIER.replace('d', "e");
    vec![
        ("post", full.clone(), "invalid_grant"),
        ("spa", full.clone(), "invalid_grant"),
        (
            "web",
            full.clone().without("code_verifier"),
            "invalid_grant",
        ),
        (
            "web",
            full.clone().with("code_verifier", &other),
            "invalid_grant",
        ),
        (
            "web",
            full.clone().with("code_verifier", "short"),
            "invalid_grant",
        ),
        (
            "web",
            full.clone()
                .with("redirect_uri", "https://web.example/callback/"),
            "invalid_grant",
        ),
        (
            "web",
            full.clone()
                .with("redirect_uri", "https://WEB.example/callback"),
            "invalid_grant",
        ),
        ("web", full.clone().without("code"), "invalid_request"),
        ("web", full.clone().and("code", code), "invalid_request"),
        (
            "web",
            full.clone().and("code_verifier", VERIFIER),
            "invalid_request",
        ),
        (
            "web",
            full.clone()
                .with("redirect_uri", "https://web.example/callback")
                .and("redirect_uri", "https://web.example/callback"),
            "invalid_request",
        ),
    ]
}

#[tokio::test]
async fn misuse_burns_nothing() {
    let test = TestServer::new();
    let code = test.code("web").await;
    for (client, form, error) in misuses(&code) {
        test.store.calls();
        test.send(client, &form).await.is(400, error);
        let calls = test.store.calls();
        assert!(
            !calls.contains(&Verb::Exchange) && !calls.contains(&Verb::Revoke),
            "{form:?}"
        );
    }
    let answer = test.redeem("web", &code).await.issued();
    // Nor is it a replay that ends the grant.
    for (client, form, error) in misuses(&code) {
        test.send(client, &form).await.is(400, error);
        assert!(test.is_live(&answer.access_token()).await, "{form:?}");
    }
    test.refresh("web", &answer.refresh_token()).await.issued();
}

#[tokio::test]
async fn a_replay_by_the_client_ends_the_grant() {
    for later in [0, 30, 61, 4_000] {
        for redirect_uri in ["", "https://web.example/callback"] {
            let test = TestServer::new();
            let code = test.code("web").await;
            let answer = test.redeem("web", &code).await.issued();
            let second = test.refresh("web", &answer.refresh_token()).await.issued();
            test.advance(Duration::seconds(later));
            let again = Form::redeeming(&code).with("redirect_uri", redirect_uri);
            test.send("web", &again).await.is(400, "invalid_grant");
            for token in [answer.access_token(), second.access_token()] {
                assert!(!test.is_live(&token).await);
            }
            let refreshed = test.refresh("web", &second.refresh_token()).await;
            refreshed.is(400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn what_is_no_code_asks_no_store() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    test.store.calls();
    for code in [
        "abc".to_owned(),
        tokens.access_token(),
        tokens.refresh_token(),
        format!("oac_{}", "A".repeat(52)),
    ] {
        test.redeem("web", &code).await.is(400, "invalid_grant");
        assert_eq!(test.store.calls(), [Verb::FindClient]);
    }
    assert!(test.is_live(&tokens.access_token()).await);
}

#[tokio::test]
async fn the_redirect_uri_is_that_of_the_request_or_the_registered_one() {
    let registered = "https://web.example/callback";
    let native = "http://127.0.0.1:4711/callback";
    for (client, in_request, at_token, fine) in [
        ("web", Some(registered), Some(registered), true),
        ("web", Some(registered), None, true),
        ("web", None, Some(registered), true),
        ("web", None, None, true),
        ("web", None, Some("https://web.example/"), false),
        ("cli", Some(native), Some(native), true),
        (
            "cli",
            Some(native),
            Some("http://127.0.0.1/callback"),
            false,
        ),
        (
            "cli",
            Some(native),
            Some("http://127.0.0.1:4712/callback"),
            false,
        ),
    ] {
        let test = TestServer::new();
        let request = TestServer::request_of(client).with("redirect_uri", in_request.unwrap_or(""));
        let code = test.code_for(&request).await;
        let form = Form::redeeming(&code).with("redirect_uri", at_token.unwrap_or(""));
        let status = test.send(client, &form).await.status;
        assert_eq!(status == 200, fine, "{client} {in_request:?} {at_token:?}");
    }
}

#[tokio::test]
async fn scope_taken_from_the_client_is_gone() {
    let test = TestServer::new();
    let code = test.code("web").await;
    test.store.register(web().scope("email").build().unwrap());
    let answer = test.redeem("web", &code).await.issued();
    assert_eq!(answer.text("scope"), "email");
    let scope = test.scope_of(&answer.access_token()).await;
    assert_eq!(scope.as_deref(), Some("email"));

    let code = test
        .code_for(&TestServer::request_of("web").with("scope", "email"))
        .await;
    test.store.register(web().scope("other").build().unwrap());
    test.redeem("web", &code).await.is(400, "invalid_scope");
    test.store.register(web().build().unwrap());
    test.redeem("web", &code).await.issued();
}

#[tokio::test]
async fn no_refresh_token_for_a_client_that_may_not_refresh() {
    let test = TestServer::new();
    let client = Client::builder("once")
        .secret(&secret_of("once"))
        .redirect_uri("https://once.example/callback")
        .scope("profile email");
    test.store.register(client.build().unwrap());
    let code = test.code("once").await;
    test.advance(Duration::seconds(59));
    let answer = test.redeem("once", &code).await.issued();
    assert!(answer.json().get("refresh_token").is_none());
    // The grant lives long enough for a code that was redeemed late.
    assert_eq!(answer.json()["expires_in"], 3600);
    test.advance(Duration::seconds(3599));
    assert!(test.is_live(&answer.access_token()).await);
    test.advance(Duration::seconds(1));
    assert!(!test.is_live(&answer.access_token()).await);
}

#[tokio::test]
async fn an_access_token_lives_no_longer_than_its_grant() {
    let policy = Policy::default().refresh_token(Lifetime::from_secs(100));
    let test = TestServer::with(|builder| builder.policy(policy));
    let code = test.code("web").await;
    test.advance(Duration::seconds(40));
    let answer = test.redeem("web", &code).await.issued();
    assert_eq!(answer.json()["expires_in"], 60);
    test.advance(Duration::milliseconds(59_999));
    assert!(test.is_live(&answer.access_token()).await);
    test.advance(Duration::milliseconds(1));
    assert!(!test.is_live(&answer.access_token()).await);
}

#[tokio::test]
async fn a_client_that_lost_the_grant_type_is_told_so() {
    let test = TestServer::new();
    let code = test.code("web").await;
    let machine = web().grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(machine.build().unwrap());
    test.redeem("web", &code)
        .await
        .is(400, "unauthorized_client");
}
