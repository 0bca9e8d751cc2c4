//! Protected routes.

use actix_web::test::TestRequest;
use actix_web::web::{Json, ServiceConfig, get};
use oauth_actix::{BearerError, BearerToken, UserToken};
use oauth_core::RequiredScope;

use crate::host::{Answer, Host, Profile, host, routes, server};

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

async fn both(_user: UserToken<Both>) -> &'static str {
    ""
}

/// The reason instead of the response, for a host with error pages of its own.
async fn why(token: Result<BearerToken, BearerError>) -> Json<Option<u16>> {
    let error = token.err();
    Json(error.map(|error| error.into_inner().status().as_u16()))
}

fn protected(config: &mut ServiceConfig) {
    config
        .route("/whose", get().to(whose))
        .route("/any", get().to(any))
        .route("/both", get().to(both))
        .route("/why", get().to(why));
}

async fn protected_host() -> Host {
    let server = server();
    Host::start(|config| {
        routes(config, &server);
        protected(config);
    })
    .await
}

pub(crate) async fn ask(host: &Host, uri: &str, token: &str) -> Answer {
    let request = TestRequest::get().uri(uri);
    host.send(match token {
        "" => request,
        token => request.insert_header(("authorization", format!("Bearer {token}"))),
    })
    .await
}

async fn job_token(host: &Host) -> String {
    let form = "grant_type=client_credentials".to_owned();
    let answer = host.token("/token", "job", form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_s_token_opens_what_its_scope_covers() {
    let host = protected_host().await;
    let token = host.access_token().await;
    let answer = ask(&host, "/whose", &token).await;
    assert!(answer.text().contains("User") && answer.text().contains("alice"));
    assert_eq!(ask(&host, "/any", &token).await.text(), "profile email");
    assert_eq!(ask(&host, "/both", &token).await.status, 200);
    assert_eq!(ask(&host, "/why", &token).await.text(), "null");
}

#[tokio::test]
async fn a_refusal_carries_the_challenge() {
    let host = protected_host().await;
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
    ] {
        let answer = ask(&host, uri, token).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("www-authenticate"), challenge);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.body.is_empty());
    }
    assert_eq!(ask(&host, "/why", "x").await.text(), "401");
}

#[tokio::test]
async fn every_value_of_a_repeated_header_counts() {
    let host = host().await;
    let token = format!("Bearer {}", host.access_token().await);
    let request = || {
        let request = TestRequest::get().uri("/api/profile");
        request.append_header(("authorization", token.as_str()))
    };
    assert_eq!(host.send(request()).await.status, 200);
    for second in [token.as_str(), "Basic eDp5"] {
        let request = request().append_header(("authorization", second));
        assert_eq!(host.send(request).await.status, 400);
    }
}

#[tokio::test]
async fn a_token_in_the_query_opens_nothing() {
    let host = host().await;
    let token = host.access_token().await;
    let answer = ask(&host, &format!("/api/profile?access_token={token}"), "").await;
    assert_eq!(answer.status, 401);
    let answer = ask(&host, "/api/profile?access_token=x", &token).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn without_a_server_in_app_data_nothing_opens() {
    let host = Host::start(protected).await;
    for uri in ["/whose", "/any", "/both"] {
        let answer = ask(&host, uri, "x").await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.header("www-authenticate"), "");
    }
    assert_eq!(ask(&host, "/why", "x").await.text(), "500");
}
