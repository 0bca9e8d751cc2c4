//! Where the routes are, and what they leave alone.

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::App;
use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{ServiceConfig, scope};
use oauth_core::Paths;

use crate::host::{AUTHORIZE, Host, builder, host, own_routes, post_form, routes};

const CLIENT_CREDENTIALS: &str = "grant_type=client_credentials";
const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_host_keeps_its_routes_its_data_and_its_default_service() {
    let host = host().await;
    assert_eq!(host.visit("/", "").await.text(), "the host");
    for path in [
        "/nothing",
        "/token/",
        "/Token",
        "/.well-known/openid-configuration",
    ] {
        let answer = host.visit(path, "").await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.text(), "nothing here, says the host");
    }
    let issued = host.token("/token", "job", CLIENT_CREDENTIALS.to_owned());
    assert_eq!(issued.await.status, 200);
    let metadata = host.visit(METADATA, "").await.json();
    assert_eq!(metadata["issuer"], "https://auth.example");
}

/// A host that serves two issuers with paths, each with the server of its scope.
fn tenants(config: &mut ServiceConfig) {
    own_routes(config);
    let server = builder("https://auth.example/a").build().unwrap();
    let other = builder("https://auth.example/b/c").paths(Paths::default().token("/oauth/token"));
    let other = other.build().unwrap();
    config
        .configure(oauth_actix::well_known(&server))
        .configure(oauth_actix::well_known(&other))
        .service(scope("/a").configure(|config| routes(config, &server)))
        .service(scope("/b/c").configure(|config| routes(config, &other)));
}

#[tokio::test]
async fn nests_under_the_path_of_the_issuer() {
    let host = Host::start(tenants).await;
    for (path, token_path) in [("/a", "/a/token"), ("/b/c", "/b/c/oauth/token")] {
        let metadata = host.visit(&format!("{METADATA}{path}"), "").await.json();
        assert_eq!(metadata["issuer"], format!("https://auth.example{path}"));
        // Metadata and routes cannot disagree.
        let endpoint = metadata["token_endpoint"].as_str().unwrap();
        assert_eq!(endpoint, format!("https://auth.example{token_path}"));
        let issued = host.token(token_path, "job", CLIENT_CREDENTIALS.to_owned());
        let issued = issued.await;
        assert_eq!(issued.status, 200);
        assert!(issued.json()["access_token"].is_string());
        let login = host.visit(&format!("{path}{AUTHORIZE}"), "").await;
        let back = login.text().strip_prefix("login, then ").unwrap();
        assert!(back.starts_with(&format!("{path}/authorize?")), "{back}");
        assert!(
            host.visit(back, "alice")
                .await
                .text()
                .starts_with("ticket ")
        );
    }
    for path in [METADATA, "/token", "/b/c/token"] {
        assert_eq!(host.visit(path, "").await.status, 404);
    }
}

#[tokio::test]
async fn middleware_of_the_host_sees_the_matched_pattern() {
    let seen = Rc::new(RefCell::new(None));
    let note = seen.clone();
    let app = App::new()
        .wrap_fn(move |request, service| {
            let note = note.clone();
            let answer = service.call(request);
            async move {
                let answer = answer.await?;
                *note.borrow_mut() = answer.request().match_pattern();
                Ok(answer)
            }
        })
        .configure(tenants);
    let service = init_service(app).await;
    for uri in ["/a/token", "/b/c/oauth/token", "/a/authorize?x"] {
        let request = TestRequest::get().uri(uri).to_request();
        call_service(&service, request).await;
        let expected = uri.split('?').next();
        assert_eq!(seen.borrow_mut().take().as_deref(), expected);
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let host = host().await;
    for (uri, methods) in [
        ("/token", "POST, OPTIONS"),
        (METADATA, "GET, HEAD, OPTIONS"),
    ] {
        let request = TestRequest::default()
            .method(Method::OPTIONS)
            .uri(uri)
            .insert_header(("origin", "https://spa.example"))
            .insert_header(("access-control-request-method", "POST"));
        let answer = host.send(request).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), methods);
        assert!(answer.body.is_empty());
    }
    let refused = host.send(post_form("/token", "")).await;
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    // Not where cookies count.
    for uri in ["/authorize", "/consent", "/api/profile"] {
        let answer = host.visit(uri, "alice").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{uri}");
    }
}

/// That no body follows is the framework's own doing, on the wire.
#[tokio::test]
async fn head_is_answered() {
    let host = host().await;
    let head = |uri: &str| TestRequest::default().method(Method::HEAD).uri(uri);
    let answer = host.send(head(METADATA)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    let refused = host.send(head("/token")).await;
    assert_eq!(refused.status, 405);
    assert_eq!(refused.header("allow"), "POST, OPTIONS");
    assert_eq!(host.send(head(AUTHORIZE)).await.status, 200);
}
