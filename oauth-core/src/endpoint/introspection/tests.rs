use async_trait::async_trait;
use http::{Request, header};
use serde_json::{Map, Value, json};
use time::Duration;

use super::IntrospectionClaims;
use crate::bearer::VerifiedToken;
use crate::test_server::{Answer, Fault, Form, START, TestServer, Verb, alice, secret_of};
use crate::{Client, GrantType, StoreError};

async fn introspect(test: &TestServer, client: &str, token: &str) -> Answer {
    let form = Form::of([("token", token)]);
    Answer::of(test.server.introspect(&form.sent_by(client)).await)
}

async fn is_active(test: &TestServer, client: &str, token: &str) -> bool {
    let answer = introspect(test, client, token).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let active = json["active"].as_bool().unwrap();
    // RFC 7662 section 2.2: nothing more is said of an inactive token.
    assert!(active || json == json!({"active": false}), "{json}");
    active
}

/// Adds a resource server.
fn with_resource_server(test: &TestServer) {
    let api = Client::builder("api")
        .secret(&secret_of("api"))
        .grant_types([GrantType::CLIENT_CREDENTIALS])
        .scope("report")
        .serves(["https://api.example"]);
    test.store.register(api.build().unwrap());
}

#[tokio::test]
async fn a_client_sees_its_own_tokens() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let access = introspect(&test, "web", &tokens.access_token()).await;
    assert_eq!(
        access.json(),
        json!({
            "active": true, "scope": "profile email", "client_id": "web", "token_type": "Bearer",
            "exp": START.unix_timestamp() + 3600, "sub": "alice", "subject_kind": "user",
            "iss": "https://auth.example", "auth_time": START.unix_timestamp(),
        })
    );
    let refresh = introspect(&test, "web", &tokens.refresh_token())
        .await
        .json();
    assert_eq!(refresh["active"], true);
    assert_eq!(refresh["sub"], "alice");
    assert!(refresh.get("token_type").is_none());
}

/// RFC 9470 section 6.2, and section 6.1: a refresh does not change how the user signed in.
#[tokio::test]
async fn a_sign_in_is_told_with_its_class() {
    let test = TestServer::new();
    with_resource_server(&test);
    let user = alice().acr("gold").auth_time(test.now());
    let prompt = test.consent(&TestServer::request_of("web"), &user).await;
    let callback = test.decide(prompt.ticket(), "allow", &user).await.unwrap();
    let tokens = test.redeem("web", callback.code()).await.issued();
    test.advance(Duration::hours(1));
    let next = test.refresh("web", &tokens.refresh_token()).await.issued();
    for client in ["web", "api"] {
        let answer = introspect(&test, client, &next.access_token()).await.json();
        assert_eq!(answer["acr"], "gold");
        assert_eq!(answer["auth_time"], START.unix_timestamp());
    }
    let form = Form::of([("grant_type", "client_credentials")]);
    let own = test.send("job", &form).await.issued();
    let answer = introspect(&test, "job", &own.access_token()).await.json();
    assert!(answer.get("acr").is_none() && answer.get("auth_time").is_none());
}

#[tokio::test]
async fn a_resource_server_sees_access_tokens_only() {
    let test = TestServer::new();
    with_resource_server(&test);
    let tokens = test.tokens("web").await;
    assert!(is_active(&test, "api", &tokens.access_token()).await);
    assert!(!is_active(&test, "api", &tokens.refresh_token()).await);
    let form = Form::of([("grant_type", "client_credentials")]);
    let own = test.send("job", &form).await.issued();
    let answer = introspect(&test, "api", &own.access_token()).await.json();
    assert_eq!(answer["sub"], "job");
    assert_eq!(answer["subject_kind"], "client");
}

#[tokio::test]
async fn everything_else_is_inactive() {
    let test = TestServer::new();
    let code = test.code("web").await;
    let tokens = test.tokens("web").await;
    for (client, token) in [
        ("post", tokens.access_token()),
        ("post", tokens.refresh_token()),
        ("web", code.clone()),
        ("web", "unknown".to_owned()),
        ("web", tokens.access_token().replace("oat_", "ort_")),
    ] {
        assert!(!is_active(&test, client, &token).await);
    }
    // Being asked about does not use anything up.
    test.redeem("web", &code).await.issued();
    test.refresh("web", &tokens.refresh_token()).await.issued();
    assert!(!is_active(&test, "web", &tokens.refresh_token()).await);
    test.advance(Duration::hours(1));
    assert!(!is_active(&test, "web", &tokens.access_token()).await);
}

#[tokio::test]
async fn a_revoked_token_is_inactive_at_once() {
    let test = TestServer::new();
    let tokens = test.tokens("web").await;
    let form = Form::of([("token", &*tokens.refresh_token())]);
    test.server.revoke(&form.sent_by("web")).await;
    assert!(!is_active(&test, "web", &tokens.access_token()).await);
    assert!(!is_active(&test, "web", &tokens.refresh_token()).await);
}

/// RFC 7662 section 2.1: the endpoint requires authorization.
#[tokio::test]
async fn only_clients_that_authenticate_may_ask() {
    let test = TestServer::new();
    let tokens = test.tokens("spa").await;
    let form = Form::of([("token", &*tokens.access_token())]);
    for request in [
        form.post(),
        form.sent_by("spa"),
        form.with_basic("web", "wrong"),
        form.with_basic("nobody", "wrong"),
    ] {
        let answer = Answer::of(test.server.introspect(&request).await);
        answer.is(401, "invalid_client");
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    let public = Client::builder("api")
        .grant_types([])
        .serves(["https://api.example"]);
    assert!(public.build().is_err());
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let test = TestServer::new();
    for form in [Form::of([]), Form::of([("token", "a")]).and("token", "b")] {
        let answer = Answer::of(test.server.introspect(&form.sent_by("web")).await);
        answer.is(400, "invalid_request");
    }
    let get = Request::get("/introspect?token=a")
        .body(Default::default())
        .unwrap();
    assert_eq!(test.server.introspect(&get).await.status(), 405);
}

#[tokio::test]
async fn a_failing_store_is_never_taken_for_inactive() {
    for fault in [Fault::TransientBefore, Fault::PermanentBefore] {
        let test = TestServer::new();
        let tokens = test.tokens("web").await;
        test.store.fail(Verb::FindCredential, 1, fault);
        let answer = introspect(&test, "web", &tokens.access_token()).await;
        assert_eq!(answer.status, 503);
        assert!(answer.json().get("active").is_none());
    }
}

/// Says who a user is, tries to say more than it may, and fails when it is asked by `post`.
struct Names;

#[async_trait]
impl IntrospectionClaims for Names {
    async fn claims(
        &self,
        token: &VerifiedToken,
        asked_by: &Client,
    ) -> Result<Map<String, Value>, StoreError> {
        if asked_by.id().as_str() == "post" {
            return Err(StoreError::permanent("no such table: users"));
        }
        let mut claims = Map::new();
        claims.insert("username".to_owned(), token.subject().id().into());
        for name in super::MEMBERS {
            claims.insert(name.to_owned(), "replaced".into());
        }
        claims.insert("nothing".to_owned(), Value::Null);
        Ok(claims)
    }
}

#[tokio::test]
async fn a_hook_adds_claims_and_replaces_none() {
    let test = TestServer::with(|builder| builder.introspection_claims(Names));
    let tokens = test.tokens("web").await;
    let json = introspect(&test, "web", &tokens.access_token())
        .await
        .json();
    assert_eq!(json["username"], "alice");
    assert!(!json.to_string().contains("replaced"));
    assert!(json.get("nothing").is_none());
    let refresh = introspect(&test, "web", &tokens.refresh_token())
        .await
        .json();
    assert!(refresh.get("username").is_none());
    let tokens = test.tokens("post").await;
    let answer = introspect(&test, "post", &tokens.access_token()).await;
    assert_eq!(answer.status, 503);
}
