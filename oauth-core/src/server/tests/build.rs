use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::client::auth::{ClientAuthentication, ClientRequest, PresentedClient};
use crate::server::AuthorizationServer;
use crate::store::GrantStore;
use crate::store::memory::{MemoryGrantStore, MemoryStore};
use crate::{
    AuthorizationServerBuilder, Client, Paths, Policy, ProgramEndpoint, Rejection, StoreError,
    TokenEndpointAuthMethod,
};

fn builder() -> AuthorizationServerBuilder {
    AuthorizationServer::builder("https://auth.example").store(MemoryStore::default())
}

fn problems(builder: AuthorizationServerBuilder) -> Vec<String> {
    builder.build().unwrap_err().problems().to_vec()
}

#[test]
fn every_problem_is_reported_at_once() {
    let server = AuthorizationServer::builder("http://auth.example")
        .paths(Paths::default().authorization("authorize").token("/a//b"))
        .policy(
            Policy::default()
                .authorization_code(Duration::from_secs(601))
                .access_token(Duration::ZERO)
                .refresh_token(Duration::from_millis(999))
                .refresh_retry_window(Duration::from_secs(61))
                .parked_request(Duration::from_secs(86_401)),
        )
        .scope("profile", "a")
        .scope("profile", "b")
        .scope("two values", "c")
        .scope("", "d")
        .build();
    let error = server.unwrap_err();
    let named = [
        "https",
        "authorization endpoint",
        "token endpoint",
        "authorization_code",
        "access_token",
        "refresh_token must",
        "refresh_retry_window must",
        "parked_request",
        "\"two values\"",
        "\"\" is not one",
        "\"profile\" is given twice",
        "rotation_keys",
        "client_store",
        "grant_store",
        "request_store",
        "consent_store",
    ];
    for part in named {
        let naming = error.problems().iter().filter(|it| it.contains(part));
        assert_eq!(naming.count(), 1, "{part}: {error}");
        assert!(error.to_string().contains(part));
    }
    assert_eq!(error.problems().len(), named.len(), "{error}");
}

#[test]
fn grants_are_kept_where_they_are_listed() {
    let grants = || Arc::new(MemoryGrantStore::default());
    // The directory of `store` would go on to list its own grants.
    let divided = [
        builder().grant_store(grants()),
        builder().grant_directory(grants()).grant_store(grants()),
    ];
    for builder in divided {
        let problems = problems(builder);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("grant_directory"));
    }
    let one = grants();
    let kept: Arc<dyn GrantStore> = one.clone();
    let whole = [
        builder().grant_directory(grants()),
        builder().grant_directory(one).grant_store(kept),
    ];
    for builder in whole {
        assert!(builder.build().unwrap().inner().directory.is_some());
    }
}

#[test]
fn the_edges_of_every_lifetime_are_in_range() {
    let seconds = Duration::from_secs;
    let years = seconds(10 * 365 * 24 * 3600);
    let key = || [crate::RotationKey::new([1; 32])];
    for policy in [
        Policy::default(),
        Policy::default()
            .authorization_code(seconds(1))
            .access_token(seconds(1))
            .refresh_token(seconds(1))
            .parked_request(seconds(1)),
        Policy::default()
            .authorization_code(seconds(600))
            .access_token(years)
            .refresh_token(years)
            .refresh_retry_window(seconds(60))
            .parked_request(seconds(86_400)),
    ] {
        builder()
            .policy(policy)
            .rotation_keys(key())
            .build()
            .unwrap();
    }
    let policy = Policy::default().refresh_token(years + Duration::from_nanos(1));
    assert_eq!(problems(builder().policy(policy)).len(), 1);
}

#[test]
fn paths_are_plain_and_different() {
    for path in [
        "", "/", "token", "/token/", "/a/../b", "/a?b", "/a#b", "/{a}", "/*a", "/a b", "/é",
    ] {
        let with_path = builder().paths(Paths::default().token(path));
        assert_eq!(problems(with_path).len(), 1, "{path}");
    }
    let same = Paths::default().authorization("/x").token("/x");
    assert_eq!(problems(builder().paths(same)).len(), 1);
    let server = builder().paths(Paths::default().token("/oauth/to-ken_1.0~"));
    let server = server.build().unwrap();
    let token = server.program_endpoint_path(ProgramEndpoint::Token);
    assert_eq!(token, "/oauth/to-ken_1.0~");
}

#[test]
fn a_weakening_shows_in_the_warnings() {
    assert_eq!(builder().build().unwrap().warnings(), []);
    let weak = AuthorizationServer::builder("http://auth.test")
        .store(MemoryStore::default())
        .danger_insecure_issuer()
        .danger_private_use_scheme("cursor")
        .danger_private_use_scheme("vscode")
        .build()
        .unwrap();
    let warnings: Vec<String> = weak.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 3);
    for part in ["\"cursor\"", "\"vscode\"", "TLS"] {
        let naming: Vec<_> = warnings.iter().filter(|it| it.contains(part)).collect();
        assert_eq!(naming.len(), 1, "{part}");
        assert!(naming[0].contains("RFC 9700"));
    }
}

struct Own(&'static str);

#[async_trait]
impl ClientAuthentication for Own {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::new(self.0)
    }

    fn identify<'r>(
        &self,
        _request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        Ok(None)
    }

    async fn verify(
        &self,
        _request: &ClientRequest<'_>,
        _presented: &PresentedClient<'_>,
        _client: &Client,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }
}

#[test]
fn two_methods_of_client_authentication_cannot_have_one_name() {
    // Both would claim the request, and every request with two methods is refused.
    for name in ["client_secret_basic", "none", "tls_client_auth"] {
        let twice = builder()
            .client_authentication(Own("tls_client_auth"))
            .client_authentication(Own(name));
        assert_eq!(problems(twice).len(), 1, "{name}");
    }
    let once = builder().client_authentication(Own("tls_client_auth"));
    once.build().unwrap();
}

#[test]
fn nothing_prints_a_key() {
    let key = crate::RotationKey::new([0xab; 32]);
    assert_eq!(format!("{key:?}"), "RotationKey(redacted)");
    let server = builder().rotation_keys([key]).build().unwrap();
    assert!(!format!("{server:?}").contains("171"));
}
