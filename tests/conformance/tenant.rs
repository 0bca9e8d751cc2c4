//! An issuer with a path: everything is under it, but the well-known documents.

use crate::harness::{AuthorizationRequest, Browser, Client, Server, Target, http};

tests! {
    tenant:
    metadata_is_at_the_inserted_path,
    endpoints_are_under_the_path,
    flow_works_under_the_path,
    errors_name_the_issuer_with_its_path,
    account_works_under_the_path,
}

async fn at_root(server: &Server, path: &str) -> crate::harness::Answer {
    crate::harness::Answer::to(http().get(format!("{}{path}", server.origin))).await
}

/// RFC 8414 section 3.1: between the host and the path of the issuer.
pub async fn metadata_is_at_the_inserted_path(target: &'static Target) {
    let server = target.tenant();
    let answer = at_root(server, "/.well-known/oauth-authorization-server/tenant").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], server.issuer.as_str());
    for (name, value) in &metadata {
        if name.ends_with("_endpoint") {
            let url = value.as_str().unwrap();
            assert!(
                url.starts_with(&format!("{}/", server.issuer)),
                "{name}: {url}"
            );
            let status = http().post(url).send().await.unwrap().status().as_u16();
            assert_ne!(status, 404, "{name} leads nowhere");
        }
    }
    let answer = at_root(server, "/.well-known/oauth-authorization-server").await;
    assert_eq!(answer.status, 404, "{answer:?}");
}

pub async fn endpoints_are_under_the_path(target: &'static Target) {
    let server = target.tenant();
    let query = AuthorizationRequest::new(&Client::web()).query();
    let authorize = format!("/authorize?{query}");
    for path in [
        authorize.as_str(),
        "/login",
        "/account",
        "/account/grants",
        "/healthz",
        "/api/profile",
    ] {
        assert_eq!(at_root(server, path).await.status, 404, "{path}");
        assert_ne!(server.get(path).await.status, 404, "{path}");
    }
    assert_eq!(server.get("/healthz").await.status, 200);
}

pub async fn flow_works_under_the_path(target: &'static Target) {
    let server = target.tenant();
    for client in [Client::web(), Client::public(), Client::first()] {
        let user = server.anyone();
        let browser = Browser::new(server);
        let request = AuthorizationRequest::new(&client);
        let mut answer = browser.start(&request).await;
        answer.expect_login();
        answer = browser.log_in(&answer, user).await;
        if answer.consent_form().is_some() {
            answer = browser.decide(&answer, "allow").await;
        }
        let response = answer.expect_response(&request);
        assert_eq!(response["iss"], server.issuer);
        let code = answer.expect_code(&request);
        let tokens = server.redeem(&client, &code).await.expect_tokens();
        assert!(server.accepts(&tokens.access_token).await);
        let refreshed = server
            .refresh(&client, tokens.refresh_token())
            .await
            .expect_tokens();
        assert!(server.accepts(&refreshed.access_token).await);
    }
}

pub async fn errors_name_the_issuer_with_its_path(target: &'static Target) {
    let server = target.tenant();
    let request = AuthorizationRequest::new(&Client::web()).with("scope", "unheard-of");
    let response = Browser::new(server)
        .start(&request)
        .await
        .expect_response(&request);
    assert_eq!(response["iss"], server.issuer);
    assert_eq!(response["error"], "invalid_scope");
}

pub async fn account_works_under_the_path(target: &'static Target) {
    let server = target.tenant();
    let client = Client::web();
    let browser = Browser::new(server);
    let tokens = browser.tokens(server.newcomer(), &client).await;
    let (page, form) = browser.connection(&client).await.expect("a connection");
    browser.submit(&page, form, &[], None).await;
    server.expect_dead(&client, &tokens).await;
    browser.sign_out().await;
    browser
        .start(&AuthorizationRequest::new(&client))
        .await
        .expect_login();
}
