//! A client library that knows nothing of this project: the `oauth2` crate.

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IntrospectionUrl, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, RevocationUrl, Scope,
    TokenIntrospectionResponse, TokenResponse, TokenUrl,
};

use crate::harness::{Browser, Client, Server, Target, http, query_of};

tests! {
    client_library:
    web_application_with_the_oauth2_crate,
    awkward_secret_with_the_oauth2_crate,
    public_client_with_the_oauth2_crate,
    machine_with_the_oauth2_crate,
    refused_code_with_the_oauth2_crate,
    revocation_with_the_oauth2_crate,
    introspection_with_the_oauth2_crate,
    resource_server_with_the_oauth2_crate,
    refused_introspection_with_the_oauth2_crate,
}

type Library = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

fn library(server: &Server, client: &Client) -> Library {
    let library = oauth2::Client::new(ClientId::new(client.id.to_owned()))
        .set_auth_uri(AuthUrl::new(server.url("/authorize")).unwrap())
        .set_token_uri(TokenUrl::new(server.url("/token")).unwrap())
        .set_introspection_url(IntrospectionUrl::new(server.url("/introspect")).unwrap())
        .set_revocation_url(RevocationUrl::new(secure(&server.url("/revoke"))).unwrap());
    let library = match client.method {
        "client_secret_post" => library.set_auth_type(AuthType::RequestBody),
        _ => library,
    };
    let library = match client.redirect_uris.first() {
        Some(uri) => library.set_redirect_uri(RedirectUrl::new((*uri).to_owned()).unwrap()),
        None => library,
    };
    match client.secret {
        Some(secret) => library.set_client_secret(ClientSecret::new(secret.to_owned())),
        None => library,
    }
}

/// The crate revokes at `https` addresses only (RFC 7009 section 2).
fn secure(url: &str) -> String {
    url.replacen("http://", "https://", 1)
}

/// Sends the request, as the proxy would do that ends TLS.
async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let mut request: reqwest::Request = request.try_into()?;
    request.url_mut().set_scheme("http").expect("a scheme");
    let answer = http().execute(request).await?;
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

/// Tokens by the library's own way.
async fn tokens(server: &Server, library: &Library) -> BasicTokenResponse {
    let (code, verifier) = authorize(server, library).await;
    let exchange = library.exchange_code(code).set_pkce_verifier(verifier);
    exchange.request_async(&send).await.unwrap()
}

pub async fn revocation_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    for client in [
        Client::web(),
        Client::post(),
        Client::public(),
        Client::awkward(),
    ] {
        let library = library(server, &client);
        let tokens = tokens(server, &library).await;
        let ended = tokens.access_token();
        let revocation = library.revoke_token(ended.into()).unwrap();
        revocation.request_async(&send).await.unwrap();
        assert!(!server.accepts(ended.secret()).await);

        let refresh_token = tokens.refresh_token().expect("a refresh token");
        let exchange = library.exchange_refresh_token(refresh_token);
        let refreshed = exchange.request_async(&send).await.unwrap();
        let next = refreshed.refresh_token().expect("a refresh token");
        let revocation = library.revoke_token(next.into()).unwrap();
        revocation.request_async(&send).await.unwrap();
        assert!(!server.accepts(refreshed.access_token().secret()).await);
        let unknown = AccessToken::new("unheard-of".to_owned());
        let revocation = library.revoke_token((&unknown).into()).unwrap();
        revocation.request_async(&send).await.unwrap();
    }
}

pub async fn introspection_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    for client in [Client::web(), Client::post(), Client::awkward()] {
        let library = library(server, &client);
        let tokens = tokens(server, &library).await;
        let question = library.introspect(tokens.access_token());
        let answer = question.request_async(&send).await.unwrap();
        assert!(answer.active());
        assert_eq!(answer.client_id().map(|id| id.as_str()), Some(client.id));
        assert_eq!(answer.iss(), Some(server.issuer.as_str()));
        assert_eq!(answer.scopes(), tokens.scopes());
        assert!(answer.sub().is_some() && answer.exp().is_some());
        let unknown = AccessToken::new("unheard-of".to_owned());
        let question = library.introspect(&unknown);
        let answer = question.request_async(&send).await.unwrap();
        assert!(!answer.active());
        assert_eq!(answer.sub(), None);
    }
}

pub async fn resource_server_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    let resource = crate::harness::VIDEOS[0];
    let machine = library(server, &Client::machine());
    let exchange = machine
        .exchange_client_credentials()
        .add_extra_param("resource", resource);
    let tokens = exchange.request_async(&send).await.unwrap();
    let videos = library(server, &Client::videos());
    let question = videos.introspect(tokens.access_token());
    let answer = question.request_async(&send).await.unwrap();
    assert!(answer.active());
    assert_eq!(answer.aud(), Some(&vec![resource.to_owned()]));
    let photos = library(server, &Client::photos());
    let question = photos.introspect(tokens.access_token());
    assert!(!question.request_async(&send).await.unwrap().active());
}

pub async fn refused_introspection_with_the_oauth2_crate(target: &'static Target) {
    let server = target.server();
    let public = library(server, &Client::public());
    let tokens = tokens(server, &public).await;
    let question = public.introspect(tokens.access_token());
    let refusal = question.request_async(&send).await.expect_err("a refusal");
    let RequestTokenError::ServerResponse(error) = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(error.error(), &BasicErrorResponseType::InvalidClient);
}
