use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::grant::{GrantHandler, TokenRequest, TokenResponse};
use crate::test_server::{TestServer, get};
use crate::{ErrorCode, GrantType, Paths, Rejection};

fn document(test: &TestServer) -> Value {
    let response = test.server.metadata(&get("/"));
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["access-control-allow-origin"], "*");
    serde_json::from_slice(response.body()).unwrap()
}

#[test]
fn says_exactly_what_is_enabled() {
    let expected = json!({
        "issuer": "https://auth.example",
        "authorization_endpoint": "https://auth.example/authorize",
        "token_endpoint": "https://auth.example/token",
        "scopes_supported": ["profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": "https://auth.example/revoke",
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": "https://auth.example/introspect",
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "prompt_values_supported": ["none", "login", "consent"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    assert_eq!(document(&TestServer::new()), expected);
}

struct Nothing;

#[async_trait]
impl GrantHandler for Nothing {
    async fn handle(&self, _request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
        Err(Rejection::new(ErrorCode::InvalidGrant, "nothing"))
    }
}

#[test]
fn follows_the_builder() {
    let test = TestServer::issued_by("https://auth.example/tenant/", |builder| {
        builder
            .paths(Paths::default().authorization("/in").token("/oauth/token"))
            .grant_type(GrantType::new("urn:example:own"), Nothing)
            .grant_type(GrantType::CLIENT_CREDENTIALS, Nothing)
            .scope("b", "B")
            .scope("a", "A")
    });
    let document = document(&test);
    assert_eq!(document["issuer"], "https://auth.example/tenant/");
    assert_eq!(
        document["authorization_endpoint"],
        "https://auth.example/tenant/in"
    );
    assert_eq!(
        document["token_endpoint"],
        "https://auth.example/tenant/oauth/token"
    );
    assert_eq!(document["scopes_supported"], json!(["profile", "b", "a"]));
    assert_eq!(
        document["grant_types_supported"],
        json!([
            "authorization_code",
            "refresh_token",
            "urn:example:own",
            "client_credentials"
        ])
    );
}

/// RFC 9470 section 7.
#[test]
fn acr_values_are_listed_where_they_are_honoured() {
    let test = TestServer::with(|builder| builder.acr_value("gold").acr_value("platinum"));
    assert_eq!(
        document(&test)["acr_values_supported"],
        json!(["gold", "platinum"])
    );
    let none = document(&TestServer::new());
    assert!(none.get("acr_values_supported").is_none());
}

/// RFC 9728 section 4; one that is named twice, in whatever form, is listed once, as it was first given.
#[test]
fn resources_are_listed_as_they_were_given() {
    let test = TestServer::with(|builder| {
        builder
            .resource("https://API.example:443/v1")
            .resource("https://api.example/v1")
            .resource("https://auth.example/api")
            .protected_resource("https://auth.example/api")
    });
    assert_eq!(
        document(&test)["protected_resources"],
        json!(["https://API.example:443/v1", "https://auth.example/api"])
    );
}

#[test]
fn stands_where_rfc_8414_wants_it() {
    for (issuer, path) in [
        (
            "https://a.example",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://a.example/",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://a.example/t",
            "/.well-known/oauth-authorization-server/t",
        ),
        (
            "https://a.example/t/u/",
            "/.well-known/oauth-authorization-server/t/u",
        ),
    ] {
        let test = TestServer::issued_by(issuer, |builder| builder);
        assert_eq!(test.server.metadata_path(), path);
    }
}

#[test]
fn is_read_and_nothing_else() {
    let test = TestServer::new();
    let ask = |method: &str| {
        let request = Request::builder().method(method).body(Bytes::new());
        test.server.metadata(&request.unwrap())
    };
    assert_eq!(ask("HEAD").status(), 200);
    let preflight = ask("OPTIONS");
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    for method in ["POST", "PUT", "DELETE"] {
        let refused = ask(method);
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.headers()["allow"], "GET, HEAD, OPTIONS");
    }
}
