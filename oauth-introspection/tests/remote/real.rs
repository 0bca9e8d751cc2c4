//! The introspection endpoint of `oauth-core`, from the user's consent to the revocation.

use std::time::Duration;

use axum::Router;
use http::{Request, header};
use oauth_core::store::memory::MemoryStore;
use oauth_core::{
    AccessTokenVerifier, Authentication, AuthorizationServer, Client, Clock, GrantType,
    ProtectedResource, Requirement, ResourceServer, Subject, UserId,
};
use oauth_introspection::{RemoteVerifier, RemoteVerifierBuilder};
use oauth_testkit::{TestClient, TestClock};

use crate::endpoint::{serve, verify};

const WEB: &str = "secret of the web client";
const API: &str = "a secret: 100% + of the api";

struct Stage {
    server: AuthorizationServer,
    clock: TestClock,
    endpoint: String,
}

impl Stage {
    async fn set() -> Self {
        let clock = TestClock::default();
        let web = Client::builder("web")
            .secret(WEB)
            .redirect_uri("https://app.example/callback")
            .grant_types([
                GrantType::AUTHORIZATION_CODE,
                GrantType::REFRESH_TOKEN,
                GrantType::CLIENT_CREDENTIALS,
            ])
            .scope("profile");
        let api = Client::builder("api")
            .secret(API)
            .grant_types([])
            .serves(["https://api.example"]);
        let server = AuthorizationServer::builder("https://auth.example")
            .store(MemoryStore::new([
                web.build().unwrap(),
                api.build().unwrap(),
            ]))
            .scope("profile", "Read your profile")
            .resource("https://api.example")
            .resource("https://other.example")
            .clock(clock.clone())
            .build()
            .unwrap();
        let app: Router = oauth_axum::routes(&server);
        let endpoint = format!("http://{}/introspect", serve(app).await);
        Self {
            server,
            clock,
            endpoint,
        }
    }

    fn builder(&self, client_id: &str, secret: &str) -> RemoteVerifierBuilder {
        RemoteVerifier::builder(&self.endpoint, client_id, secret)
            .issuer("https://auth.example")
            .clock(self.clock.clone())
            .timeout(Duration::from_secs(60))
            .max_age(Duration::ZERO)
            .negative_max_age(Duration::ZERO)
    }

    fn api(&self) -> RemoteVerifier {
        self.builder("api", API).build().unwrap()
    }

    fn web(&self) -> TestClient {
        TestClient::confidential(&self.server, "web", WEB)
    }

    fn alice(&self) -> Authentication {
        Authentication::new(UserId::new("alice"), "session of alice")
            .auth_time(self.clock.now())
            .acr("urn:example:two-factors")
    }
}

#[tokio::test]
async fn the_answer_is_the_one_of_the_stores() {
    let stage = Stage::set().await;
    let code = stage.web().code(&stage.alice()).await;
    let tokens = stage.web().exchange(&code).await;
    let remote = verify(&stage.api(), tokens.access_token()).await.unwrap();
    let local = stage
        .server
        .verify(tokens.access_token())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(remote.acr(), Some("urn:example:two-factors"));
    assert_eq!(remote.user(), Some(&UserId::new("alice")));
    // Introspection tells whole seconds.
    assert_eq!(
        remote.expires_at().unix_timestamp(),
        local.expires_at().unix_timestamp()
    );
    assert_eq!(remote.scope(), local.scope());
    assert_eq!(remote.auth_time(), local.auth_time());
    assert_eq!(remote.audience(), local.audience());

    let own = stage.web().client_credentials().await;
    let own = verify(&stage.api(), own.access_token()).await.unwrap();
    assert_eq!(*own.subject(), Subject::Client(own.client_id().clone()));
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_the_next_question() {
    let stage = Stage::set().await;
    let code = stage.web().code(&stage.alice()).await;
    let tokens = stage.web().exchange(&code).await;
    let resource = ProtectedResource::new("https://api.example", stage.api()).unwrap();
    let status = async || {
        let bearer = format!("Bearer {}", tokens.access_token());
        let request = Request::get("/").header(header::AUTHORIZATION, bearer);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let required = Requirement::scope("profile").acr_values("urn:example:two-factors");
        let answer = resource.authenticate_user(&parts, &required).await;
        answer.map_or_else(|rejection| rejection.status().as_u16(), |_| 200)
    };
    assert_eq!(status().await, 200);
    // The code again: that ends the grant.
    let replayed = stage.web().exchange(&code).await;
    assert_eq!(replayed.error(), Some("invalid_grant"));
    assert_eq!(status().await, 401);
}

/// The audience is the client's spelling, and each side has one of its own (RFC 3986 section 6.2).
#[tokio::test]
async fn a_token_is_for_the_resource_however_the_client_spells_it() {
    let stage = Stage::set().await;
    let resource = ProtectedResource::new("https://api.example", stage.api()).unwrap();
    for (asked, audience, status) in [
        (
            "HTTPS://API.example:443/",
            Some("HTTPS://API.example:443/"),
            200,
        ),
        (
            "https://api.example/%2E/",
            Some("https://api.example/%2E/"),
            200,
        ),
        ("https://api.example", Some("https://api.example"), 200),
        ("https://other.example", None, 401),
    ] {
        let form = [("grant_type", "client_credentials"), ("resource", asked)];
        let tokens = stage.web().token(&form).await;
        let told = verify(&stage.api(), tokens.access_token()).await;
        let told = told.map(|token| token.audience().resources()[0].to_string());
        assert_eq!(told.as_deref(), audience);
        let bearer = format!("Bearer {}", tokens.access_token());
        let request = Request::get("/").header(header::AUTHORIZATION, bearer);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let required = Requirement::scope("profile");
        let answer = resource.authenticate(&parts, &required).await;
        let code = answer.map_or_else(|rejection| rejection.status().as_u16(), |_| 200);
        assert_eq!(code, status, "{asked}");
    }
}

/// Even at the client that the refresh token belongs to, which is told about it.
#[tokio::test]
async fn a_refresh_token_opens_nothing() {
    let stage = Stage::set().await;
    let code = stage.web().code(&stage.alice()).await;
    let tokens = stage.web().exchange(&code).await;
    for (client_id, secret) in [("api", API), ("web", WEB)] {
        let verifier = stage.builder(client_id, secret).build().unwrap();
        assert!(verify(&verifier, tokens.access_token()).await.is_some());
        assert_eq!(verify(&verifier, tokens.refresh_token()).await, None);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_lasting_failure() {
    let stage = Stage::set().await;
    let verifier = stage.builder("api", "guessed").build().unwrap();
    let refused = verifier.verify("token").await;
    assert!(!refused.unwrap_err().is_transient());
}
