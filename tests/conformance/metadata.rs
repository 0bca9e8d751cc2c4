//! Authorization server metadata: RFC 8414, with `iss` support of RFC 9207.

use reqwest::Method;
use serde_json::{Map, Value};

use crate::harness::{AuthorizationRequest, Browser, Client, Target, http};

tests! {
    metadata:
    issuer_is_the_issuer,
    endpoints_are_under_the_issuer_and_exist,
    lists_what_is_enabled,
    promises_iss_and_keeps_it,
    lists_nothing_that_is_switched_off,
    answers_head_as_get,
    other_methods_are_not_allowed,
    other_documents_are_not_found,
}

const PATH: &str = "/.well-known/oauth-authorization-server";

async fn document(target: &'static Target) -> Map<String, Value> {
    let answer = target.server().get(PATH).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn list<'a>(metadata: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    let values = metadata.get(name).and_then(Value::as_array);
    let values = values.unwrap_or_else(|| panic!("no list {name} in {metadata:?}"));
    let mut values: Vec<_> = values.iter().map(|value| value.as_str().unwrap()).collect();
    values.sort_unstable();
    values
}

/// RFC 8414 section 3.3: identical to the issuer the document was asked of.
pub async fn issuer_is_the_issuer(target: &'static Target) {
    assert_eq!(
        document(target).await["issuer"],
        target.server().issuer.as_str()
    );
}

pub async fn endpoints_are_under_the_issuer_and_exist(target: &'static Target) {
    let server = target.server();
    let metadata = document(target).await;
    assert_eq!(metadata["authorization_endpoint"], server.url("/authorize"));
    assert_eq!(metadata["token_endpoint"], server.url("/token"));
    for (name, value) in &metadata {
        if !name.ends_with("_endpoint") && name != "jwks_uri" {
            continue;
        }
        let url = value.as_str().expect("a URL");
        assert!(
            url.starts_with(&format!("{}/", server.issuer)),
            "{name}: {url}"
        );
        let status = http().post(url).send().await.unwrap().status().as_u16();
        assert_ne!(status, 404, "{name} leads nowhere");
        assert!(status < 500, "{name} answers {status}");
    }
}

pub async fn lists_what_is_enabled(target: &'static Target) {
    let metadata = document(target).await;
    assert_eq!(list(&metadata, "response_types_supported"), ["code"]);
    assert_eq!(
        list(&metadata, "response_modes_supported"),
        ["form_post", "query"]
    );
    assert_eq!(
        list(&metadata, "code_challenge_methods_supported"),
        ["S256"]
    );
    let grants = list(&metadata, "grant_types_supported");
    for grant in ["authorization_code", "client_credentials", "refresh_token"] {
        assert!(grants.contains(&grant), "{grants:?}");
    }
    let methods = list(&metadata, "token_endpoint_auth_methods_supported");
    for method in ["client_secret_basic", "client_secret_post", "none"] {
        assert!(methods.contains(&method), "{methods:?}");
    }
}

pub async fn promises_iss_and_keeps_it(target: &'static Target) {
    let metadata = document(target).await;
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    let request = AuthorizationRequest::new(&Client::web()).with("prompt", "none");
    let answer = Browser::new(target.server()).start(&request).await;
    let response = answer.expect_response(&request);
    assert_eq!(metadata["issuer"], response["iss"]);
}

/// An empty list would be a lie as well, RFC 8414 section 3.2.
pub async fn lists_nothing_that_is_switched_off(target: &'static Target) {
    let metadata = document(target).await;
    let grants = list(&metadata, "grant_types_supported");
    assert!(
        !grants.contains(&"implicit") && !grants.contains(&"password"),
        "{grants:?}"
    );
    assert!(
        !metadata.contains_key("registration_endpoint"),
        "{metadata:?}"
    );
    let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    assert!(!metadata.values().any(empty), "{metadata:?}");
}

pub async fn answers_head_as_get(target: &'static Target) {
    let server = target.server();
    let (get, head) = (
        server.get(PATH).await,
        server.send(Method::HEAD, PATH, &[], "").await,
    );
    assert_eq!(head.status, get.status);
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(head.body, "");
}

pub async fn other_methods_are_not_allowed(target: &'static Target) {
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = target.server().send(method, PATH, &[], "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert!(answer.header("allow").contains("GET"), "{answer:?}");
    }
}

/// This issuer has no path, and it is no OpenID provider.
pub async fn other_documents_are_not_found(target: &'static Target) {
    for path in ["/tenant", "/authorize", "/x/y"] {
        let answer = target.server().get(&format!("{PATH}{path}")).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    let answer = target
        .server()
        .get("/.well-known/openid-configuration")
        .await;
    assert_eq!(answer.status, 404, "{answer:?}");
}
