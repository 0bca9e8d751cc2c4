//! A client library that knows nothing of this project: the `oauth2` crate.

use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenResponse, TokenUrl,
};

use crate::harness::{Browser, Client, Server, Target, http, query_of};

tests! {
    client_library:
    web_application_with_the_oauth2_crate,
    awkward_secret_with_the_oauth2_crate,
    public_client_with_the_oauth2_crate,
    machine_with_the_oauth2_crate,
    refused_code_with_the_oauth2_crate,
}

type Library =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn library(server: &Server, client: &Client) -> Library {
    let library = oauth2::Client::new(ClientId::new(client.id.to_owned()))
        .set_auth_uri(AuthUrl::new(server.url("/authorize")).unwrap())
        .set_token_uri(TokenUrl::new(server.url("/token")).unwrap());
    let library = match client.redirect_uris.first() {
        Some(uri) => library.set_redirect_uri(RedirectUrl::new((*uri).to_owned()).unwrap()),
        None => library,
    };
    match client.secret {
        Some(secret) => library.set_client_secret(ClientSecret::new(secret.to_owned())),
        None => library,
    }
}

async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http().execute(request.try_into()?).await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

/// A code by the library's own link, and the verifier it wants back.
async fn authorize(server: &Server, library: &Library) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = library
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let browser = Browser::of(server, server.anyone()).await;
    let mut answer = browser.open(url.as_str()).await;
    if answer.consent_form().is_some() {
        answer = browser.decide(&answer, "allow").await;
    }
    let location = answer.location().expect("a redirect to the client");
    let response = query_of(location.query().unwrap_or_default());
    assert_eq!(&response["state"], state.secret());
    (AuthorizationCode::new(response["code"].clone()), verifier)
}

async fn flow(target: &'static Target, client: Client) {
    let server = target.server();
    let library = library(server, &client);
    let (code, verifier) = authorize(server, &library).await;
    let exchange = library.exchange_code(code).set_pkce_verifier(verifier);
    let tokens = exchange.request_async(&send).await.unwrap();
    assert!(server.accepts(tokens.access_token().secret()).await);

    let refresh_token = tokens.refresh_token().expect("a refresh token");
    let exchange = library.exchange_refresh_token(refresh_token);
    let refreshed = exchange.request_async(&send).await.unwrap();
    assert!(server.accepts(refreshed.access_token().secret()).await);
    assert_ne!(
        refreshed.refresh_token().map(RefreshToken::secret),
        Some(refresh_token.secret())
    );
}

pub async fn web_application_with_the_oauth2_crate(target: &'static Target) {
    flow(target, Client::web()).await;
}

/// The crate form-encodes the secret before Basic, as RFC 6749 section 2.3.1 asks.
pub async fn awkward_secret_with_the_oauth2_crate(target: &'static Target) {
    flow(target, Client::awkward()).await;
}

pub async fn public_client_with_the_oauth2_crate(target: &'static Target) {
    flow(target, Client::public()).await;
}

pub async fn machine_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    let library = library(server, &Client::machine());
    let exchange = library
        .exchange_client_credentials()
        .add_scope(Scope::new("email".to_owned()));
    let tokens = exchange.request_async(&send).await.unwrap();
    assert!(tokens.refresh_token().is_none());
    let answer = server
        .resource("/api/email", tokens.access_token().secret())
        .await;
    assert_eq!(answer.status, 403, "{answer:?}");
}

pub async fn refused_code_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    let library = library(server, &Client::web());
    let (code, _) = authorize(server, &library).await;
    let (_, wrong) = PkceCodeChallenge::new_random_sha256();
    let exchange = library.exchange_code(code).set_pkce_verifier(wrong);
    let refusal = exchange.request_async(&send).await.expect_err("a refusal");
    let RequestTokenError::ServerResponse(error) = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(error.error(), &BasicErrorResponseType::InvalidGrant);
}
