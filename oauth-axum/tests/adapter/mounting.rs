//! Where the routes are, and what they leave alone.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use http::StatusCode;
use oauth_core::Paths;

use crate::host::{builder, host, own_routes, post_form, routes, send, token, visit, with_state};

const CLIENT_CREDENTIALS: &str = "grant_type=client_credentials";
const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_host_keeps_its_routes_its_state_and_its_fallback() {
    let host = host();
    assert_eq!(visit(&host, "/", "").await.text(), "the host");
    for path in [
        "/nothing",
        "/token/",
        "/Token",
        "/.well-known/openid-configuration",
    ] {
        let answer = visit(&host, path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.text(), "nothing here, says the host");
    }
    let issued = token(&host, "/token", "job", CLIENT_CREDENTIALS.to_owned()).await;
    assert_eq!(issued.status, StatusCode::OK);
    let metadata = visit(&host, METADATA, "").await.json();
    assert_eq!(metadata["issuer"], "https://auth.example");
}

/// A host that serves two issuers with paths.
fn tenants() -> Router {
    let mut router = own_routes();
    let server = builder("https://auth.example/a").build().unwrap();
    router = router
        .nest("/a", routes(&server))
        .merge(oauth_axum::well_known(&server));
    let other = builder("https://auth.example/b/c")
        .paths(Paths::default().token("/oauth/token"))
        .build();
    let other = other.unwrap();
    router = router
        .nest("/b/c", oauth_axum::routes(&other))
        .merge(oauth_axum::well_known(&other));
    with_state(&server, router)
}

#[tokio::test]
async fn nests_under_the_path_of_the_issuer() {
    let host = tenants();
    for (path, token_path) in [("/a", "/a/token"), ("/b/c", "/b/c/oauth/token")] {
        let metadata = visit(&host, &format!("{METADATA}{path}"), "").await.json();
        assert_eq!(metadata["issuer"], format!("https://auth.example{path}"));
        // Metadata and routes cannot disagree.
        let endpoint = metadata["token_endpoint"].as_str().unwrap();
        assert_eq!(endpoint, format!("https://auth.example{token_path}"));
        let issued = token(&host, token_path, "job", CLIENT_CREDENTIALS.to_owned()).await;
        assert_eq!(issued.status, StatusCode::OK);
        assert!(issued.json()["access_token"].is_string());
    }
    for path in [METADATA, "/token", "/b/c/token"] {
        assert_eq!(visit(&host, path, "").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_way_back_from_the_login_has_the_path_of_the_issuer() {
    let host = tenants();
    let uri = format!("/a{}", crate::host::AUTHORIZE);
    let login = visit(&host, &uri, "").await;
    let back = login.text().strip_prefix("login, then ").unwrap();
    assert!(back.starts_with("/a/authorize?"), "{back}");
    assert!(
        visit(&host, back, "alice")
            .await
            .text()
            .starts_with("ticket ")
    );
}

#[tokio::test]
async fn a_layer_of_the_host_sees_the_matched_path() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |seen: Arc<Mutex<Vec<String>>>| {
        from_fn(move |request: Request, next: Next| {
            let path = request.extensions().get::<MatchedPath>();
            let path = path.map_or("none", |path| path.as_str()).to_owned();
            seen.lock().unwrap().push(path);
            next.run(request)
        })
    };
    for (host, requests) in [
        (host(), ["/token", "/authorize?x", METADATA, "/nothing"]),
        (
            tenants(),
            [
                "/a/token",
                "/b/c/oauth/token",
                "/.well-known/oauth-authorization-server/b/c",
                "/nothing",
            ],
        ),
    ] {
        let host = host.layer(note(seen.clone()));
        for uri in requests {
            visit(&host, uri, "").await;
            let path = uri.split('?').next().unwrap();
            let expected = if path == "/nothing" { "none" } else { path };
            assert_eq!(seen.lock().unwrap().pop().as_deref(), Some(expected));
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let host = host();
    for (uri, methods) in [
        ("/token", "POST, OPTIONS"),
        (METADATA, "GET, HEAD, OPTIONS"),
    ] {
        let request = Request::options(uri)
            .header("origin", "https://spa.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .body(Body::empty());
        let answer = send(&host, request.unwrap()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-allow-methods"], methods);
        assert!(answer.body.is_empty());
    }
    let refused = send(&host, post_form("/token", String::new())).await;
    assert_eq!(refused.headers["access-control-allow-origin"], "*");
    // Not where cookies count.
    for uri in ["/authorize", "/consent", "/api/profile"] {
        let answer = visit(&host, uri, "alice").await;
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let host = host();
    let head = |uri: &str| Request::head(uri).body(Body::empty()).unwrap();
    let answer = send(&host, head(METADATA)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.body.is_empty());
    let refused = send(&host, head("/token")).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers["allow"], "POST, OPTIONS");
    assert!(refused.body.is_empty());
    let login = send(&host, head(crate::host::AUTHORIZE)).await;
    assert_eq!(login.status, StatusCode::OK);
}
