use time::Duration;

use crate::test_server::{Form, TestServer, Verb, web};
use crate::{Client, GrantType, Subject};
use crate::{Requirement, ResourceServer};

fn form() -> Form {
    Form::of([("grant_type", "client_credentials")])
}

#[tokio::test]
async fn acts_for_the_client_and_cannot_refresh() {
    let test = TestServer::new();
    let answer = test.send("job", &form()).await.issued();
    assert_eq!(test.store.calls(), [Verb::FindClient, Verb::Open]);
    assert!(answer.json().get("refresh_token").is_none());
    assert_eq!(answer.text("scope"), "report audit");
    assert_eq!(answer.json()["expires_in"], 3600);
    let token = test
        .server
        .verify_access_token(&answer.access_token())
        .await;
    let token = token.unwrap().unwrap();
    assert!(matches!(token.subject(), Subject::Client(client) if client.as_str() == "job"));
    assert_eq!(token.user(), None);
    test.advance(Duration::hours(1));
    assert!(!test.is_live(&answer.access_token()).await);
}

#[tokio::test]
async fn a_client_that_may_refresh_still_gets_no_refresh_token() {
    let test = TestServer::new();
    let both = web().grant_types([GrantType::CLIENT_CREDENTIALS, GrantType::REFRESH_TOKEN]);
    test.store.register(both.build().unwrap());
    let answer = test.send("web", &form()).await.issued();
    assert!(answer.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn scope_is_within_the_client_s() {
    let test = TestServer::new();
    let answer = test.send("job", &form().with("scope", "audit")).await;
    assert_eq!(answer.issued().text("scope"), "audit");
    for scope in ["admin", "audit admin", "Audit"] {
        let answer = test.send("job", &form().with("scope", scope)).await;
        answer.is(400, "invalid_scope");
    }
}

#[tokio::test]
async fn is_not_for_everybody() {
    let test = TestServer::new();
    for client in ["web", "spa"] {
        test.send(client, &form())
            .await
            .is(400, "unauthorized_client");
    }
    let keyless = form().with("client_id", "job").post();
    test.token(&keyless).await.is(401, "invalid_client");
    // RFC 6749 section 4.4: not for a public client, whatever it was registered for.
    let public = Client::builder("public-job").grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(public.build().unwrap());
    let form = form().with("client_id", "public-job").post();
    test.token(&form).await.is(400, "unauthorized_client");
}

#[tokio::test]
async fn a_client_named_like_a_user_is_not_that_user() {
    let test = TestServer::new();
    let impostor = Client::builder("alice")
        .secret(&crate::test_server::secret_of("alice"))
        .grant_types([GrantType::CLIENT_CREDENTIALS]);
    test.store.register(impostor.build().unwrap());
    let answer = test.send("alice", &form()).await.issued();
    // RFC 6749 section 5.1: the empty scope is left out.
    assert!(answer.json().get("scope").is_none());
    let (parts, ()) = http::Request::get("/")
        .header("authorization", format!("Bearer {}", answer.access_token()))
        .body(())
        .unwrap()
        .into_parts();
    assert!(
        test.server
            .authenticate(&parts, &Requirement::scope(""))
            .await
            .is_ok()
    );
    let refused = test
        .server
        .authenticate_user(&parts, &Requirement::scope(""))
        .await;
    assert_eq!(refused.unwrap_err().status(), 403);
    let alice = crate::UserId::new("alice");
    let connected = test.server.connected_applications(&alice).await;
    assert_eq!(connected.unwrap(), []);
}
