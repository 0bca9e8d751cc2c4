//! Client authentication at the token endpoint
//! ([RFC 6749 section 2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)), one file for each
//! method.

mod client_secret_basic;
mod client_secret_post;
mod none;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use zeroize::Zeroizing;

pub(crate) use client_secret_basic::ClientSecretBasic;
pub(crate) use client_secret_post::ClientSecretPost;
pub(crate) use none::NoAuthentication;

use super::{Client, ClientId, TokenEndpointAuthMethod};
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::parameters::Parameters;
use crate::store::ClientStore;

/// One method of client authentication.
///
/// Built in are `client_secret_basic`, `client_secret_post` and `none`; more are added with
/// [`AuthorizationServerBuilder::authenticate_clients_with`](crate::AuthorizationServerBuilder::authenticate_clients_with).
///
/// ```
/// use async_trait::async_trait;
/// use http::HeaderMap;
/// use oauth_core::client::auth::{ClientAuthentication, PresentedClient};
/// use oauth_core::{Client, Parameters, Rejection, StoreError, TokenEndpointAuthMethod};
///
/// /// A proxy in front has checked the client's certificate and names the client in a header.
/// struct TrustedProxy;
///
/// #[async_trait]
/// impl ClientAuthentication for TrustedProxy {
///     fn method(&self) -> TokenEndpointAuthMethod {
///         TokenEndpointAuthMethod::new("tls_client_auth")
///     }
///
///     fn identify<'r>(
///         &self,
///         headers: &'r HeaderMap,
///         _parameters: &'r Parameters<'_>,
///     ) -> Result<Option<PresentedClient<'r>>, Rejection> {
///         let name = headers.get("x-client-certificate").and_then(|name| name.to_str().ok());
///         Ok(name.map(|name| PresentedClient::new(name, None)))
///     }
///
///     async fn verify(
///         &self,
///         _presented: &PresentedClient<'_>,
///         _client: &Client,
///     ) -> Result<bool, StoreError> {
///         Ok(true)
///     }
/// }
/// ```
#[async_trait]
pub trait ClientAuthentication: Send + Sync + 'static {
    /// The registered name of the method.
    fn method(&self) -> TokenEndpointAuthMethod;

    /// Says whether the request uses this method, and as which client. Two methods in one request
    /// are refused (RFC 6749 section 2.3).
    ///
    /// # Errors
    ///
    /// A [`Rejection`] when the request uses the method in a malformed way.
    fn identify<'r>(
        &self,
        headers: &'r HeaderMap,
        parameters: &'r Parameters<'_>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection>;

    /// Checks what was presented against the client. It is also called, and its answer ignored,
    /// when there is no such client, so that the two cases take the same time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be checked at present; the client is told 503.
    async fn verify(
        &self,
        presented: &PresentedClient<'_>,
        client: &Client,
    ) -> Result<bool, StoreError>;
}

/// The client that a request claims to come from, and the secret it showed.
pub struct PresentedClient<'r> {
    client_id: Cow<'r, str>,
    secret: Option<Zeroizing<String>>,
}

impl<'r> PresentedClient<'r> {
    /// A claim; without a secret where the method has none.
    pub fn new(client_id: impl Into<Cow<'r, str>>, secret: Option<String>) -> Self {
        Self {
            client_id: client_id.into(),
            secret: secret.map(Zeroizing::new),
        }
    }

    /// The secret, empty when there is none.
    pub fn secret(&self) -> &str {
        self.secret.as_deref().map_or("", String::as_str)
    }
}

const FAILED: Rejection = Rejection::new(ErrorCode::InvalidClient, "client authentication failed");

/// Finds out which client sent the request. `none` is the last of `methods`.
///
/// An unknown client, a wrong secret and another method than the registered one give the same
/// answer after the same work.
pub(crate) async fn authenticate(
    methods: &[Arc<dyn ClientAuthentication>],
    clients: &dyn ClientStore,
    nobody: &Client,
    headers: &HeaderMap,
    parameters: &Parameters<'_>,
) -> Result<Arc<Client>, Rejection> {
    let mut claim = None;
    for method in methods {
        // A client_id alone is also what other methods send beside their proof.
        if claim.is_some() && method.method() == TokenEndpointAuthMethod::NONE {
            continue;
        }
        if let Some(presented) = method.identify(headers, parameters)? {
            if claim.is_some() {
                return Err(Rejection::invalid_request(
                    "the request uses more than one method of client authentication",
                ));
            }
            claim = Some((method, presented));
        }
    }
    let Some((method, presented)) = claim else {
        return Err(FAILED);
    };
    if parameters
        .optional("client_id")?
        .is_some_and(|stated| stated != presented.client_id)
    {
        return Err(Rejection::invalid_request(
            "client_id differs from the client that authenticates",
        ));
    }
    let client = match ClientId::parse(&presented.client_id) {
        Ok(id) => clients.find(&id).await?,
        Err(_) => None,
    };
    let known = client.filter(|client| *client.auth_method() == method.method());
    let verified = method
        .verify(&presented, known.as_deref().unwrap_or(nobody))
        .await?;
    known.filter(|_| verified).ok_or(FAILED)
}
