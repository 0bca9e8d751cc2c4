//! Everything that is said to the server: its metadata, its token endpoint, its API.

use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthUrl, AuthorizationCode, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RefreshToken,
    RequestTokenError, TokenUrl,
};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::failure::Failure;
use crate::settings::Settings;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// An answer larger than this is none that a token endpoint or the API would give.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The server as its metadata describes it (RFC 8414).
pub(crate) struct Provider {
    settings: Settings,
    client: Client,
    names_itself: bool,
    http: Http,
}

/// The members of the metadata that this app needs.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: AuthUrl,
    token_endpoint: TokenUrl,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What `/api/profile` tells.
#[derive(Deserialize)]
pub(crate) struct Profile {
    pub(crate) sub: String,
    pub(crate) username: String,
}

/// What `/api/email` tells.
#[derive(Deserialize)]
pub(crate) struct Email {
    pub(crate) email: String,
}

impl Provider {
    /// Asks the server for its endpoints.
    pub(crate) async fn discover(settings: Settings) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            // A redirect would carry the client's credentials to somebody else.
            .redirect(Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|_| Failure::Unexpected("the HTTP client could not be set up"))?;
        let http = Http(http);
        let request = reqwest::Request::new(http::Method::GET, settings.metadata.clone());
        let answer = http.send(request).await?;
        if answer.status() != http::StatusCode::OK {
            return Err(Failure::Unexpected(
                "its metadata is not where RFC 8414 puts it",
            ));
        }
        let metadata: Metadata = json(&answer)?;
        // RFC 8414 section 3.3: else any server could pass itself off as another.
        if metadata.issuer != settings.issuer {
            return Err(Failure::Unexpected("its metadata names another issuer"));
        }
        let mut client = BasicClient::new(settings.client_id.clone())
            .set_redirect_uri(settings.redirect_uri.clone())
            .set_auth_uri(metadata.authorization_endpoint)
            .set_token_uri(metadata.token_endpoint);
        if let Some(secret) = settings.client_secret.clone() {
            client = client.set_client_secret(secret);
        }
        let names_itself = metadata.authorization_response_iss_parameter_supported;
        Ok(Self {
            settings,
            client,
            names_itself,
            http,
        })
    }

    /// Where to send the browser, and what the callback must match.
    pub(crate) fn authorization(&self) -> (Url, CsrfToken, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = self
            .client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(self.settings.scope.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        (url, state, verifier)
    }

    /// Whether an authorization response with this `iss` comes from this server (RFC 9207).
    pub(crate) fn sent(&self, iss: Option<&str>) -> bool {
        match iss {
            Some(iss) => iss == self.settings.issuer,
            None => !self.names_itself,
        }
    }

    /// Exchanges a code.
    pub(crate) async fn exchange(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> Result<BasicTokenResponse, Failure> {
        self.client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .request_async(&self.http)
            .await
            .map_err(refused)
    }

    /// Spends a refresh token.
    pub(crate) async fn refresh(
        &self,
        token: &RefreshToken,
    ) -> Result<BasicTokenResponse, Failure> {
        self.client
            .exchange_refresh_token(token)
            .request_async(&self.http)
            .await
            .map_err(refused)
    }

    /// Reads one resource of the API. [`Failure::Ended`] says that the token is not taken.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        resource: &str,
        token: &AccessToken,
    ) -> Result<T, Failure> {
        let url = format!(
            "{}/api/{resource}",
            self.settings.issuer.trim_end_matches('/')
        );
        let request = self.http.0.get(url).bearer_auth(token.secret()).build();
        let answer = self
            .http
            .send(request.map_err(|_| Failure::Unreachable)?)
            .await?;
        match answer.status().as_u16() {
            200 => json(&answer),
            401 => Err(Failure::Ended),
            403 => Err(Failure::Forbidden),
            503 => Err(Failure::Unreachable),
            _ => Err(Failure::Unexpected("its API answered with an error")),
        }
    }

    /// What this app asks for.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }
}

fn json<T: DeserializeOwned>(answer: &HttpResponse) -> Result<T, Failure> {
    let wrong = |_| Failure::Unexpected("it is not the JSON that was expected");
    serde_json::from_slice(answer.body()).map_err(wrong)
}

/// The HTTP client, in the shape that the `oauth2` crate wants.
struct Http(reqwest::Client);

impl Http {
    async fn send(&self, request: reqwest::Request) -> Result<HttpResponse, Failure> {
        let unreachable = |_| Failure::Unreachable;
        let mut answer = self.0.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                return Err(Failure::Unexpected("it is too long"));
            }
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(|_| Failure::Unreachable)?;
            self.send(request).await
        })
    }
}

/// `invalid_grant` means that the visitor has to connect again; everything else may pass.
fn refused(
    error: RequestTokenError<Failure, oauth2::StandardErrorResponse<BasicErrorResponseType>>,
) -> Failure {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => Failure::Ended,
            BasicErrorResponseType::Extension(code) if code == "temporarily_unavailable" => {
                Failure::Unreachable
            }
            code => Failure::Refused {
                code: code.as_ref().to_owned(),
                description: answer.error_description().cloned().unwrap_or_default(),
            },
        },
        RequestTokenError::Request(failure) => failure,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Failure::Unexpected("it is no token response")
        }
    }
}
