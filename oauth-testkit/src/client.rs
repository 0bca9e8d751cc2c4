//! A client application and its user's browser, without a network.

mod answer;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use oauth_core::{
    Authentication, AuthorizationError, AuthorizationServer, BearerRejection, Interaction,
    Requirement, ResourceServer, VerifiedToken,
};
use url::form_urlencoded;

pub use answer::{AuthorizationAnswer, TokenAnswer};

/// RFC 7636 appendix B. A real client draws one for each request.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const STATE: &str = "state of the test client";

/// A client application that talks to an [`AuthorizationServer`] in the same process, in requests and
/// responses of `http`, and the browser that its user has.
///
/// What does not go as it should is a panic, with what the server said, except where an answer is
/// given back.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_core::store::memory::MemoryStore;
/// use oauth_core::{Authentication, AuthorizationServer, Client, GrantType, UserId};
/// use oauth_testkit::{TestClient, TestClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = TestClock::default();
/// let web = Client::builder("web")
///     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
///     .redirect_uri("https://app.example/callback")
///     .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
///     .scope("profile");
/// let server = AuthorizationServer::builder("https://auth.example")
///     .store(MemoryStore::new([web.build()?]))
///     .clock(clock.clone())
///     .build()?;
/// let web = TestClient::confidential(&server, "web", "Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU");
/// let alice = Authentication::new(UserId::new("alice"), "session of alice");
///
/// let code = web.code(&alice).await;
/// let tokens = web.exchange(&code).await;
/// assert!(web.verify(tokens.access_token(), "profile").await.is_ok());
///
/// clock.advance(Duration::from_secs(3_600));
/// assert!(web.verify(tokens.access_token(), "profile").await.is_err());
/// let tokens = web.refresh(tokens.refresh_token()).await;
/// assert!(web.verify(tokens.access_token(), "profile").await.is_ok());
///
/// let replayed = web.exchange(&code).await;
/// assert_eq!(replayed.error(), Some("invalid_grant"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestClient {
    server: AuthorizationServer,
    id: String,
    secret: Option<String>,
    scope: Option<String>,
    redirect_uri: Option<String>,
}

impl TestClient {
    /// A client that authenticates with `client_secret_basic`.
    pub fn confidential(
        server: &AuthorizationServer,
        id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        Self {
            secret: Some(secret.into()),
            ..Self::public(server, id)
        }
    }

    /// A client without a secret.
    pub fn public(server: &AuthorizationServer, id: impl Into<String>) -> Self {
        Self {
            server: server.clone(),
            id: id.into(),
            secret: None,
            scope: None,
            redirect_uri: None,
        }
    }

    /// The scope that it asks for. Default: none in particular, which is the client's own.
    #[must_use]
    pub fn scope(mut self, values: impl Into<String>) -> Self {
        self.scope = Some(values.into());
        self
    }

    /// The redirect URI that it asks for. Default: none in particular, for a client that has one.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// Sends the browser to the authorization endpoint.
    ///
    /// # Errors
    ///
    /// The page that the human sees, when the client must not be told.
    pub async fn authorize(
        &self,
        user: Option<&Authentication>,
    ) -> Result<Interaction, AuthorizationError> {
        let own = [
            ("response_type", Some("code")),
            ("client_id", Some(self.id.as_str())),
            ("state", Some(STATE)),
            ("code_challenge", Some(CHALLENGE)),
            ("code_challenge_method", Some("S256")),
            ("scope", self.scope.as_deref()),
            ("redirect_uri", self.redirect_uri.as_deref()),
        ];
        let given = own
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let uri = format!("{}?{}", self.server.authorization_path(), encoded(given));
        let request = Request::get(uri).body(Bytes::new()).expect("a request");
        self.server.interact(&request, user).await
    }

    /// Presses `allow` or `deny` at the consent page.
    ///
    /// # Errors
    ///
    /// The page that the human sees, when the client must not be told.
    pub async fn decide(
        &self,
        ticket: &str,
        decision: &str,
        user: &Authentication,
    ) -> Result<AuthorizationAnswer, AuthorizationError> {
        let fields = [("ticket", ticket), ("decision", decision)];
        let request = form(self.server.consent_path(), &fields);
        let response = self.server.decide(&request, Some(user)).await?;
        Ok(AuthorizationAnswer::of(response))
    }

    /// The way through the authorization endpoint, with a consent where one is asked for; the code.
    ///
    /// # Panics
    ///
    /// When there is no code at the end.
    pub async fn code(&self, user: &Authentication) -> String {
        let interaction = self.authorize(Some(user)).await;
        let answer = match interaction.expect("an answer for the client") {
            Interaction::Consent(prompt) => {
                let decided = self.decide(prompt.ticket(), "allow", user).await;
                decided.expect("an answer for the client")
            }
            Interaction::Done(response) => AuthorizationAnswer::of(response),
            Interaction::Login(_) => panic!("{user:?} would have to log in"),
        };
        assert_eq!(answer.parameter("state"), Some(STATE));
        let code = answer.parameter("code");
        code.unwrap_or_else(|| panic!("no code: {answer:?}"))
            .to_owned()
    }

    /// Exchanges a code.
    pub async fn exchange(&self, code: &str) -> TokenAnswer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Refreshes.
    pub async fn refresh(&self, token: &str) -> TokenAnswer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// Asks for a token on its own behalf.
    pub async fn client_credentials(&self) -> TokenAnswer {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        self.token(&fields).await
    }

    /// Any request to the token endpoint with these fields, and with what authenticates the client.
    pub async fn token(&self, fields: &[(&str, &str)]) -> TokenAnswer {
        let request = match &self.secret {
            Some(secret) => {
                let mut request = form("/token", fields);
                let headers = request.headers_mut();
                headers.insert(header::AUTHORIZATION, basic(&self.id, secret));
                request
            }
            None => form("/token", &[fields, &[("client_id", &self.id)]].concat()),
        };
        TokenAnswer::of(self.server.token(&request).await)
    }

    /// Presents an access token at a protected resource of the same server that requires this scope.
    ///
    /// # Errors
    ///
    /// Why it is refused.
    pub async fn verify(
        &self,
        access_token: &str,
        required: &str,
    ) -> Result<VerifiedToken, BearerRejection> {
        let bearer = format!("Bearer {access_token}");
        let request = Request::get("/").header(header::AUTHORIZATION, bearer);
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        self.server
            .authenticate(&parts, &Requirement::scope(required))
            .await
    }
}

fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(pairs).finish()
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(encoded(fields.iter().copied()).into());
    request.expect("a request")
}

/// RFC 6749 section 2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> http::HeaderValue {
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
    format!("Basic {pair}").parse().expect("ASCII")
}
