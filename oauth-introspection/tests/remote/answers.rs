//! What becomes of each answer.

use std::error::Error;
use std::time::Duration;

use axum::http::{StatusCode, header};
use http::Request;
use oauth_core::{ProtectedResource, Requirement, ResourceServer};
use oauth_introspection::RemoteVerifier;
use serde_json::json;
use tokio::net::TcpListener;

use crate::endpoint::{Endpoint, Says, failure, inactive, verify};

#[tokio::test]
async fn the_question_is_the_one_of_the_specification() {
    let endpoint = Endpoint::start(inactive()).await;
    let verifier = RemoteVerifier::builder(&endpoint.url, "an api", "a b+c%25:d");
    let verifier = verifier.build().unwrap();
    assert_eq!(verify(&verifier, "a+b/c==").await, None);
    let (headers, body) = endpoint.heard();
    assert_eq!(body, "token=a%2Bb%2Fc%3D%3D&token_type_hint=access_token");
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(headers[header::ACCEPT], "application/json");
    // The base64 of `an+api:a+b%2Bc%2525%3Ad`.
    assert_eq!(
        headers[header::AUTHORIZATION],
        "Basic YW4rYXBpOmErYiUyQmMlMjUyNSUzQWQ="
    );
}

#[tokio::test]
async fn an_active_token_is_what_the_response_says() {
    let endpoint = Endpoint::start(inactive()).await;
    endpoint.says(endpoint.active_for(300));
    let token = verify(&endpoint.verifier(), "token").await.unwrap();
    assert_eq!(token.user().unwrap().as_str(), "alice");
    assert_eq!(token.client_id().as_str(), "web");
    assert_eq!(token.scope().as_str(), "profile");
}

#[tokio::test]
async fn an_inactive_one_a_refresh_token_and_another_issuers_do_not_count() {
    let endpoint = Endpoint::start(inactive()).await;
    let verifier = endpoint.verifier();
    assert_eq!(verify(&verifier, "inactive").await, None);
    for (member, value) in [
        ("token_type", json!(null)),
        ("iss", json!("https://other.example")),
        ("exp", json!(0)),
        ("aud", json!("not a URI")),
    ] {
        let Says::Json(mut response) = endpoint.active_for(300) else {
            unreachable!("it is JSON")
        };
        response[member] = value;
        endpoint.says(Says::Json(response));
        assert_eq!(verify(&verifier, member).await, None, "{member}");
    }
    assert_eq!(endpoint.asked(), 5);
}

#[tokio::test]
async fn what_cannot_be_a_token_is_not_asked_about() {
    let endpoint = Endpoint::start(inactive()).await;
    let verifier = endpoint.verifier();
    let long = "a".repeat(9 * 1024);
    for token in ["", "=", "two words", "caf\u{e9}", long.as_str()] {
        assert_eq!(verify(&verifier, token).await, None);
    }
    assert_eq!(endpoint.asked(), 0);
}

#[tokio::test]
async fn whatever_is_no_answer_is_a_passing_failure() {
    let endpoint = Endpoint::start(inactive()).await;
    let elsewhere = Endpoint::start(endpoint.active_for(300)).await;
    let verifier = endpoint.verifier();
    let answers = [
        Says::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Says::Status(StatusCode::SERVICE_UNAVAILABLE),
        Says::Status(StatusCode::TOO_MANY_REQUESTS),
        Says::Status(StatusCode::FORBIDDEN),
        Says::Status(StatusCode::NO_CONTENT),
        Says::Text(""),
        Says::Text("<html>gateway</html>"),
        Says::Json(json!({ "active": "true" })),
        Says::Json(json!({ "token_type": "Bearer" })),
        Says::Long(64 * 1024),
        Says::Long(10 * 1024 * 1024),
        Says::RedirectTo(elsewhere.url.clone()),
        Says::Half,
    ];
    for (said, times) in answers.into_iter().zip(1..) {
        endpoint.says(said.clone());
        let error = failure(&verifier, "token").await;
        assert!(error.is_transient(), "{said:?}");
        assert_eq!(endpoint.asked(), times, "{said:?}");
    }
    assert_eq!(elsewhere.asked(), 0);
    endpoint.says(endpoint.active_for(300));
    assert!(verify(&verifier, "token").await.is_some());
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_passing_failure() {
    let endpoint = Endpoint::start(Says::Nothing).await;
    let timeout = Duration::from_millis(300);
    let verifier = endpoint.builder().timeout(timeout).build().unwrap();
    assert!(failure(&verifier, "token").await.is_transient());
}

#[tokio::test]
async fn a_long_response_that_fits_is_read() {
    let endpoint = Endpoint::start(Says::Long(60 * 1024)).await;
    assert_eq!(verify(&endpoint.verifier(), "token").await, None);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_passing_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let verifier = RemoteVerifier::builder(format!("http://{address}/"), "api", "secret");
    let error = failure(&verifier.build().unwrap(), "token").await;
    assert!(error.is_transient());
}

#[tokio::test]
async fn wrong_credentials_are_a_lasting_failure() {
    let endpoint = Endpoint::start(Says::Status(StatusCode::UNAUTHORIZED)).await;
    let error = failure(&endpoint.verifier(), "the-token").await;
    assert!(!error.is_transient());
    let mut said = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said} {error}");
        cause = error.source();
    }
    assert!(said.contains("credentials"), "{said}");
    assert!(!said.contains("secret of the api"), "{said}");
    assert!(!said.contains("the-token"), "{said}");
}

#[tokio::test]
async fn a_protected_resource_answers_503_while_nobody_can_tell() {
    let endpoint = Endpoint::start(inactive()).await;
    endpoint.says(endpoint.active_for(300));
    let verifier = endpoint.verifier();
    let resource = ProtectedResource::new("https://api.example", verifier).unwrap();
    let status = async |token: &str, scope: &str| {
        let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let required = Requirement::scope(scope);
        let answer = resource.authenticate_user(&parts, &required).await;
        answer.map_or_else(|rejection| rejection.status().as_u16(), |_| 200)
    };
    assert_eq!(status("known", "profile").await, 200);
    assert_eq!(status("known", "email").await, 403);
    endpoint.says(Says::Status(StatusCode::BAD_GATEWAY));
    assert_eq!(status("other", "profile").await, 503);
    // It is remembered, and needs nobody.
    assert_eq!(status("known", "profile").await, 200);
    endpoint.says(Says::Status(StatusCode::UNAUTHORIZED));
    assert_eq!(status("other", "profile").await, 500);
    endpoint.says(inactive());
    assert_eq!(status("other", "profile").await, 401);
}
