//! Protected routes.

use axum::body::Body;
use axum::routing::get;
use axum::{Json, Router};
use http::{Request, header};
use oauth_axum::{BearerToken, UserToken};
use oauth_core::RequiredScope;

use crate::host::{
    Answer, Profile, access_token, host, own_routes, routes, send, server, token, with_state,
};

struct Both;

impl RequiredScope for Both {
    const SCOPE: &'static str = "profile email";
}

async fn whose(token: BearerToken<Profile>) -> String {
    format!("{:?}", token.token().subject())
}

async fn any(user: UserToken) -> String {
    user.token().scope().as_str().to_owned()
}

async fn both(_user: UserToken<Both>) {}

/// The reason instead of the response, for a host with error pages of its own.
async fn why(token: Result<BearerToken, oauth_axum::BearerError>) -> Json<Option<u16>> {
    Json(
        token
            .err()
            .map(|error| error.into_inner().status().as_u16()),
    )
}

fn protected() -> Router {
    let server = server();
    let router = own_routes()
        .merge(routes(&server))
        .route("/whose", get(whose))
        .route("/any", get(any))
        .route("/both", get(both))
        .route("/why", get(why));
    with_state(&server, router)
}

pub(crate) async fn ask(router: &Router, uri: &str, token: &str) -> Answer {
    let mut request = Request::get(uri).body(Body::empty()).unwrap();
    if !token.is_empty() {
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    send(router, request).await
}

async fn job_token(router: &Router) -> String {
    let form = "grant_type=client_credentials".to_owned();
    let answer = token(router, "/token", "job", form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_s_token_opens_what_its_scope_covers() {
    let host = protected();
    let token = access_token(&host).await;
    let answer = ask(&host, "/whose", &token).await;
    assert!(answer.text().contains("User") && answer.text().contains("alice"));
    assert_eq!(ask(&host, "/any", &token).await.text(), "profile email");
    assert_eq!(ask(&host, "/both", &token).await.status, 200);
    assert_eq!(ask(&host, "/why", &token).await.text(), "null");
}

#[tokio::test]
async fn a_refusal_carries_the_challenge() {
    let host = protected();
    let job = job_token(&host).await;
    assert!(ask(&host, "/whose", &job).await.text().contains("Client"));
    for (uri, token, status, challenge) in [
        ("/any", "", 401, "Bearer realm=\"https://auth.example\""),
        (
            "/both",
            "",
            401,
            "Bearer realm=\"https://auth.example\", scope=\"profile email\"",
        ),
        (
            "/any",
            "x",
            401,
            "Bearer realm=\"https://auth.example\", error=\"invalid_token\", \
             error_description=\"the access token is invalid or has expired\"",
        ),
        (
            "/both",
            &job,
            403,
            "Bearer realm=\"https://auth.example\", scope=\"profile email\", \
             error=\"insufficient_scope\", \
             error_description=\"the access token has another scope\"",
        ),
        (
            "/any",
            &job,
            403,
            "Bearer realm=\"https://auth.example\", error=\"insufficient_scope\", \
             error_description=\"the access token does not act for a user\"",
        ),
    ] {
        let answer = ask(&host, uri, token).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], challenge);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert!(answer.body.is_empty());
    }
    assert_eq!(ask(&host, "/why", "x").await.text(), "401");
}

#[tokio::test]
async fn a_token_in_the_query_opens_nothing() {
    let host = host();
    let token = access_token(&host).await;
    let answer = ask(&host, &format!("/api/profile?access_token={token}"), "").await;
    assert_eq!(answer.status, 401);
    let answer = ask(&host, "/api/profile?access_token=x", &token).await;
    assert_eq!(answer.status, 400);
}
