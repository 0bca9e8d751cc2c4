//! The metadata of the protected resource, and how requests learn of it: RFC 9728.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, AuthorizationRequest, Browser, Client, Server, Target, http};

tests! {
    protected_resource:
    document_describes_the_api,
    document_has_no_empty_member,
    authorization_server_and_resource_name_each_other,
    every_challenge_names_the_document,
    challenge_names_the_scope,
    challenge_leads_a_stranger_to_a_token,
    answers_that_are_no_refusal_have_no_challenge,
    machine_is_refused_where_a_user_is_needed,
    refusals_are_not_stored,
    document_answers_head_as_get,
    other_methods_are_not_allowed,
    any_origin_may_read_the_document,
    other_documents_are_not_found,
    document_is_at_the_inserted_path,
    challenge_names_the_document_of_its_tenant,
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
const PATH: &str = "/.well-known/oauth-protected-resource/api";

async fn at_root(server: &Server, path: &str) -> Answer {
    Answer::to(http().get(format!("{}{path}", server.origin))).await
}

async fn document(server: &Server) -> Map<String, Value> {
    let answer = server.get(PATH).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// A token of a user for this scope.
async fn token_for(server: &Server, scope: &str) -> String {
    let client = Client::first();
    let request = AuthorizationRequest::new(&client).with("scope", scope);
    let code = Browser::new(server).grant(server.anyone(), &request).await;
    let tokens = server.redeem(&client, &code).await.expect_tokens();
    tokens.access_token
}

pub async fn document_describes_the_api(target: &'static Target) {
    let server = target.server();
    let document = document(server).await;
    assert_eq!(document["resource"], server.url("/api"));
    assert_eq!(document["authorization_servers"], json!([server.issuer]));
    assert_eq!(document["scopes_supported"], json!(["profile", "email"]));
    assert_eq!(document["bearer_methods_supported"], json!(["header"]));
}

/// RFC 9728 section 3.2.
pub async fn document_has_no_empty_member(target: &'static Target) {
    for (name, value) in document(target.server()).await {
        assert_ne!(value, json!([]), "{name}");
        assert_ne!(value, json!(""), "{name}");
    }
}

/// RFC 9728 section 4.
pub async fn authorization_server_and_resource_name_each_other(target: &'static Target) {
    let server = target.server();
    let document = document(server).await;
    let metadata = server.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    assert_eq!(
        document["authorization_servers"],
        json!([metadata["issuer"]])
    );
    let resources = metadata["protected_resources"].as_array().unwrap();
    assert!(resources.contains(&document["resource"]), "{resources:?}");
    assert_eq!(document["scopes_supported"], metadata["scopes_supported"]);
}

/// RFC 9728 section 5.1, whatever is wrong.
pub async fn every_challenge_names_the_document(target: &'static Target) {
    let server = target.server();
    let url = server.url(PATH);
    let email = token_for(server, "email").await;
    let twice = format!("/api/profile?access_token={email}");
    for (answer, status) in [
        (server.get("/api/profile").await, 401),
        (server.get("/api/email").await, 401),
        (server.resource("/api/profile", "unheard-of").await, 401),
        (server.resource("/api/profile", &email).await, 403),
        (server.resource(&twice, &email).await, 400),
    ] {
        let challenge = answer.expect_challenge(status);
        assert_eq!(challenge.get("resource_metadata"), Some(&url));
    }
}

/// RFC 6750 section 3.
pub async fn challenge_names_the_scope(target: &'static Target) {
    let server = target.server();
    for scope in ["profile", "email"] {
        let path = format!("/api/{scope}");
        for answer in [
            server.get(&path).await,
            server.resource(&path, "unheard-of").await,
        ] {
            let challenge = answer.expect_challenge(401);
            assert_eq!(challenge.get("scope").map(String::as_str), Some(scope));
        }
    }
}

/// From nothing but the address of the API: its metadata, the server's, a code, a token, the answer.
pub async fn challenge_leads_a_stranger_to_a_token(target: &'static Target) {
    let server = target.server();
    let challenge = server.get("/api/profile").await.expect_challenge(401);
    let document = Answer::to(http().get(&challenge["resource_metadata"])).await;
    let document = document.json();
    let issuer = document["authorization_servers"][0].as_str().unwrap();
    let metadata = format!("{issuer}/.well-known/oauth-authorization-server");
    let metadata = Answer::to(http().get(metadata)).await.json();
    assert_eq!(metadata["issuer"], issuer);

    let client = Client::web();
    let request = AuthorizationRequest::new(&client)
        .with("scope", &challenge["scope"])
        .with("resource", document["resource"].as_str().unwrap());
    let endpoint = metadata["authorization_endpoint"].as_str().unwrap();
    let browser = Browser::of(server, server.anyone()).await;
    let mut answer = browser
        .open(&format!("{endpoint}?{}", request.query()))
        .await;
    if answer.consent_form().is_some() {
        answer = browser.decide(&answer, "allow").await;
    }
    let code = answer.expect_code(&request);
    let mut form = code.parameters();
    form.push(("resource", document["resource"].as_str().unwrap()));
    let endpoint = http().post(metadata["token_endpoint"].as_str().unwrap());
    let redeeming = endpoint.form(&form).header("authorization", client.basic());
    let tokens = Answer::to(redeeming).await.expect_tokens();
    assert!(server.accepts(&tokens.access_token).await);
}

pub async fn answers_that_are_no_refusal_have_no_challenge(target: &'static Target) {
    let server = target.server();
    let token = token_for(server, "profile email").await;
    for path in ["/api/profile", "/api/email"] {
        let answer = server.resource(path, &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("www-authenticate"), "", "{answer:?}");
    }
}

pub async fn machine_is_refused_where_a_user_is_needed(target: &'static Target) {
    let server = target.server();
    let form = [("grant_type", "client_credentials")];
    let answer = server.token(&Client::machine(), &form).await;
    let token = answer.expect_tokens().access_token;
    for path in ["/api/profile", "/api/email"] {
        let answer = server.resource(path, &token).await;
        answer.expect_bearer_error(403, "insufficient_scope");
    }
}

pub async fn refusals_are_not_stored(target: &'static Target) {
    let server = target.server();
    let email = token_for(server, "email").await;
    for answer in [
        server.get("/api/profile").await,
        server.resource("/api/profile", "unheard-of").await,
        server.resource("/api/profile", &email).await,
    ] {
        answer.expect_not_stored();
    }
}

pub async fn document_answers_head_as_get(target: &'static Target) {
    let server = target.server();
    for path in [PATH, "/api/profile", "/api/email"] {
        let get = server.get(path).await;
        let head = server.send(Method::HEAD, path, &[], "").await;
        assert_eq!(head.status, get.status);
        for name in ["content-type", "www-authenticate"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
        assert_eq!(head.body, "");
    }
}

pub async fn other_methods_are_not_allowed(target: &'static Target) {
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = target.server().send(method, PATH, &[], "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert!(answer.header("allow").contains("GET"), "{answer:?}");
    }
}

/// Clients in a browser begin here.
pub async fn any_origin_may_read_the_document(target: &'static Target) {
    let server = target.server();
    let origin = ("origin", "https://spa.example");
    for method in [Method::GET, Method::HEAD, Method::POST] {
        let answer = server.send(method, PATH, &[origin], "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let asking = [origin, ("access-control-request-method", "GET")];
    let answer = server.send(Method::OPTIONS, PATH, &asking, "").await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let methods = answer.header("access-control-allow-methods");
    assert!(methods.contains("GET"), "{answer:?}");
}

/// There is one protected resource.
pub async fn other_documents_are_not_found(target: &'static Target) {
    let server = target.server();
    for path in ["", "/", "/api/", "/api/profile", "/tenant/api", "/x"] {
        let answer = server.get(&format!("{WELL_KNOWN}{path}")).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
}

/// RFC 9728 section 3.1: between the host and the path of the resource.
pub async fn document_is_at_the_inserted_path(target: &'static Target) {
    let server = target.tenant();
    let answer = at_root(server, &format!("{WELL_KNOWN}/tenant/api")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let document = answer.json();
    assert_eq!(document["resource"], server.url("/api"));
    assert_eq!(document["authorization_servers"], json!([server.issuer]));
    assert_eq!(at_root(server, PATH).await.status, 404);
    assert_eq!(server.get(PATH).await.status, 404);
}

pub async fn challenge_names_the_document_of_its_tenant(target: &'static Target) {
    let server = target.tenant();
    let challenge = server.get("/api/profile").await.expect_challenge(401);
    let url = format!("{}{WELL_KNOWN}/tenant/api", server.origin);
    assert_eq!(challenge.get("resource_metadata"), Some(&url));
}
