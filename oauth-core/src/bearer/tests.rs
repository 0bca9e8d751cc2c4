//! Requirements and audiences at protected resources, local and apart.

use std::time::Duration;

use http::{Request, header, request::Parts};

use super::{
    BearerRejection, ProtectedResource, RequiredScope, Requirement, ResourceMetadata,
    ResourceServer,
};
use crate::test_server::{Form, TestServer, alice};
use crate::{ClientId, ErrorCode, Subject, UserId, VerifiedToken};

const API: &str = "https://auth.example/api";
const OTHER: &str = "https://other.example";

fn server() -> TestServer {
    TestServer::with(|builder| builder.protected_resource(API).resource(OTHER))
}

fn with_token(token: &str) -> Parts {
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(()).unwrap().into_parts().0
}

/// Code, challenge.
async fn refused_by(
    guard: &impl ResourceServer,
    token: &str,
    required: &Requirement<'_>,
) -> (u16, Option<ErrorCode>, String) {
    let rejection = guard.authenticate(&with_token(token), required).await;
    let rejection = rejection.unwrap_err();
    let (status, code) = (rejection.status().as_u16(), rejection.code());
    let challenge = rejection.into_http().headers()[header::WWW_AUTHENTICATE].clone();
    (status, code, challenge.to_str().unwrap().to_owned())
}

/// Client credentials of `job` for these resources.
async fn token_for(test: &TestServer, resources: &[&str]) -> String {
    let mut form = Form::of([("grant_type", "client_credentials")]);
    for resource in resources {
        form = form.and("resource", resource);
    }
    test.send("job", &form).await.issued().access_token()
}

#[tokio::test]
async fn a_token_opens_what_it_is_for() {
    let test = server();
    let nothing = Requirement::default();
    for (resources, admitted) in [
        (&[][..], true),
        (&[API], true),
        (&[OTHER, API], true),
        (&[OTHER], false),
    ] {
        let token = token_for(&test, resources).await;
        let verified = test
            .server
            .authenticate(&with_token(&token), &nothing)
            .await;
        assert_eq!(verified.is_ok(), admitted, "{resources:?}");
        // Elsewhere, over the same stores.
        let other = ProtectedResource::new(OTHER, test.server.clone()).unwrap();
        let verified = other.authenticate(&with_token(&token), &nothing).await;
        let admitted = resources.is_empty() || resources.contains(&OTHER);
        assert_eq!(verified.is_ok(), admitted, "{resources:?}");
    }
    let token = token_for(&test, &[OTHER]).await;
    let (status, code, challenge) = refused_by(&test.server, &token, &nothing).await;
    assert_eq!((status, code), (401, Some(ErrorCode::InvalidToken)));
    assert_eq!(
        challenge,
        "Bearer realm=\"https://auth.example\", \
         resource_metadata=\"https://auth.example/.well-known/oauth-protected-resource/api\", \
         error=\"invalid_token\", error_description=\"the access token is for another resource\""
    );
}

/// A server that says nothing of its own API takes nobody else's tokens for its own.
#[tokio::test]
async fn without_a_protected_resource_only_unrestricted_tokens_count() {
    let test = TestServer::with(|builder| builder.resource(OTHER));
    let nothing = Requirement::default();
    let token = token_for(&test, &[]).await;
    assert!(
        test.server
            .authenticate(&with_token(&token), &nothing)
            .await
            .is_ok()
    );
    let token = token_for(&test, &[OTHER]).await;
    let (status, code, challenge) = refused_by(&test.server, &token, &nothing).await;
    assert_eq!((status, code), (401, Some(ErrorCode::InvalidToken)));
    assert!(!challenge.contains("resource_metadata"));
}

struct Transfer;

impl RequiredScope for Transfer {
    const SCOPE: &'static str = "profile";
    const ACR_VALUES: &'static str = "gold platinum";
    const MAX_AGE: Option<Duration> = Some(Duration::from_secs(300));
}

/// A token of a user who signed in by this class just now, or does not know when.
async fn signed_in(test: &TestServer, acr: Option<&str>) -> String {
    let mut user = alice();
    if let Some(acr) = acr {
        user = user.acr(acr);
    }
    let request = TestServer::request_of("web").with("prompt", "consent");
    let prompt = test.consent(&request, &user).await;
    let callback = test.decide(prompt.ticket(), "allow", &user).await.unwrap();
    let tokens = test.redeem("web", callback.code()).await.issued();
    tokens.access_token()
}

/// RFC 9470 section 3.
#[tokio::test]
async fn a_sign_in_must_be_recent_and_of_the_right_class() {
    let test = server();
    let transfer = Requirement::of::<Transfer>();
    let gold = signed_in(&test, Some("gold")).await;
    let token: VerifiedToken = test
        .server
        .authenticate(&with_token(&gold), &transfer)
        .await
        .unwrap();
    assert_eq!(token.acr(), Some("gold"));
    assert!(token.auth_time().is_some());
    for acr in [None, Some("silver"), Some("gold platinum")] {
        let token = signed_in(&test, acr).await;
        let (status, code, challenge) = refused_by(&test.server, &token, &transfer).await;
        assert_eq!(status, 401);
        assert_eq!(code, Some(ErrorCode::InsufficientUserAuthentication));
        assert_eq!(
            challenge,
            "Bearer realm=\"https://auth.example\", \
             resource_metadata=\"https://auth.example/.well-known/oauth-protected-resource/api\", \
             scope=\"profile\", error=\"insufficient_user_authentication\", \
             error_description=\"the user has to sign in again, or in another way\", \
             acr_values=\"gold platinum\", max_age=\"300\""
        );
    }
    let recent = Requirement::scope("").max_age(Duration::from_secs(300));
    test.advance(time::Duration::seconds(300));
    assert!(
        test.server
            .authenticate(&with_token(&gold), &recent)
            .await
            .is_ok()
    );
    test.advance(time::Duration::seconds(1));
    let (_, code, challenge) = refused_by(&test.server, &gold, &recent).await;
    assert_eq!(code, Some(ErrorCode::InsufficientUserAuthentication));
    assert!(challenge.ends_with("max_age=\"300\""), "{challenge}");
}

/// Nobody can sign in again for a client on its own.
#[tokio::test]
async fn a_client_on_its_own_has_not_signed_in() {
    let test = server();
    let token = token_for(&test, &[]).await;
    let required = Requirement::scope("report").acr_values("gold");
    let (status, code, _) = refused_by(&test.server, &token, &required).await;
    assert_eq!((status, code), (403, Some(ErrorCode::InsufficientScope)));
    let other = ProtectedResource::new(OTHER, test.server.clone()).unwrap();
    let report = Requirement::scope("report");
    assert!(
        other
            .authenticate(&with_token(&token), &report)
            .await
            .is_ok()
    );
    let refused = other.authenticate_user(&with_token(&token), &report).await;
    assert_eq!(refused.unwrap_err().status(), 403);
    for of_user in [report.of_user(), Requirement::default().of_user()] {
        let (status, code, _) = refused_by(&other, &token, &of_user).await;
        assert_eq!((status, code), (403, Some(ErrorCode::InsufficientScope)));
    }
}

#[tokio::test]
async fn metadata_says_what_is_described() {
    let test = server();
    let metadata = ResourceMetadata::new("https://api.example:8443/v1")
        .authorization_server("https://auth.example")
        .scope("profile")
        .name("Example API")
        .documentation("https://api.example/docs");
    let api = ProtectedResource::new(metadata, test.server.clone()).unwrap();
    assert_eq!(
        api.metadata_path(),
        "/.well-known/oauth-protected-resource/v1"
    );
    let request = Request::get(api.metadata_path())
        .body(Default::default())
        .unwrap();
    let response = api.metadata(&request);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "resource": "https://api.example:8443/v1",
            "authorization_servers": ["https://auth.example"],
            "scopes_supported": ["profile"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Example API",
            "resource_documentation": "https://api.example/docs",
        })
    );
    let (_, _, challenge) = refused_by(&api, "unknown", &Requirement::default()).await;
    assert!(challenge.contains(
        "resource_metadata=\"https://api.example:8443/.well-known/oauth-protected-resource/v1\""
    ));
    let post = Request::post("/").body(Default::default()).unwrap();
    assert_eq!(api.metadata(&post).status(), 405);
}

/// RFC 9728 section 3.2: members without a value are omitted.
#[test]
fn what_is_not_said_is_left_out() {
    let api = ProtectedResource::new("https://api.example", server().server).unwrap();
    let request = Request::get(api.metadata_path())
        .body(Default::default())
        .unwrap();
    let response = api.metadata(&request);
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "resource": "https://api.example",
            "bearer_methods_supported": ["header"],
        })
    );
}

#[tokio::test]
async fn an_api_beside_its_server_has_its_issuer_and_scopes() {
    let test = server();
    let path = test.server.protected_resource_metadata_path().unwrap();
    assert_eq!(path, "/.well-known/oauth-protected-resource/api");
    let request = Request::get(path).body(Default::default()).unwrap();
    let response = test.server.protected_resource_metadata(&request);
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "resource": API,
            "authorization_servers": ["https://auth.example"],
            "scopes_supported": ["profile"],
            "bearer_methods_supported": ["header"],
        })
    );
    let none = TestServer::new();
    assert_eq!(none.server.protected_resource_metadata_path(), None);
    let response = none.server.protected_resource_metadata(&request);
    assert_eq!(response.status(), 404);
}

#[test]
fn a_description_that_is_wrong_is_refused_as_a_whole() {
    let test = server();
    let root = ProtectedResource::new("https://api.example/", test.server.clone()).unwrap();
    assert_eq!(
        root.metadata_path(),
        "/.well-known/oauth-protected-resource"
    );
    for identifier in [
        "http://api.example",
        "https://api.example/?a=b",
        "https://api.example/#a",
        "https://joe@api.example",
        "urn:example:api",
        "",
    ] {
        let refused = ProtectedResource::new(identifier, test.server.clone());
        assert_eq!(refused.unwrap_err().problems().len(), 1, "{identifier}");
    }
    let metadata = ResourceMetadata::new("api")
        .authorization_server("auth.example")
        .scope("two words");
    let refused = ProtectedResource::new(metadata, test.server.clone());
    assert_eq!(refused.unwrap_err().problems().len(), 3);
}

/// A resource server of a host that pays no heed to what is required of it.
struct Careless(VerifiedToken);

impl ResourceServer for Careless {
    async fn authenticate(
        &self,
        _: &Parts,
        _: &Requirement<'_>,
    ) -> Result<VerifiedToken, BearerRejection> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn a_token_without_a_user_is_no_users_whatever_the_resource_server_says() {
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let [client, user] = ["job", "alice"];
    let id = ClientId::parse(client).unwrap();
    let of_client = VerifiedToken::new(Subject::Client(id.clone()), id.clone(), at);
    let of_user = VerifiedToken::new(Subject::User(UserId::new(user)), id, at);
    let (parts, required) = (with_token(""), Requirement::default());
    let (_, named) = Careless(of_user)
        .authenticate_user(&parts, &required)
        .await
        .unwrap();
    assert_eq!(named.as_str(), user);
    let api = Careless(of_client);
    let refused = api.authenticate_user(&parts, &required);
    assert_eq!(refused.await.unwrap_err().status(), 500);
    let of_user = required.of_user();
    let refused = api.admit(&parts, &of_user);
    assert_eq!(refused.await.unwrap_err().status(), 500);
    assert!(api.admit(&parts, &required).await.is_ok());
}
