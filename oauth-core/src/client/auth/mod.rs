//! Client authentication at the token endpoint
//! ([RFC 6749 section 2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)), one file for each
//! method.

mod client_secret_basic;
mod client_secret_post;
mod none;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Extensions, HeaderMap, Request};
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub(crate) use client_secret_basic::ClientSecretBasic;
pub(crate) use client_secret_post::ClientSecretPost;
pub(crate) use none::NoAuthentication;

use super::{Client, ClientId, TokenEndpointAuthMethod};
use crate::error::{ErrorCode, Rejection, RejectionKind, StoreError};
use crate::issuer::Issuer;
use crate::parameters::Parameters;
use crate::store::ClientStore;

/// One method of client authentication.
///
/// Built in are `client_secret_basic`, `client_secret_post` and `none`; more are added with
/// [`AuthorizationServerBuilder::client_authentication`](crate::AuthorizationServerBuilder::client_authentication).
///
/// ```
/// use async_trait::async_trait;
/// use oauth_core::client::auth::{ClientAuthentication, ClientRequest, PresentedClient};
/// use oauth_core::{Client, Rejection, StoreError, TokenEndpointAuthMethod};
///
/// /// Set by the host's TLS layer from the certificate of the connection.
/// #[derive(Clone)]
/// struct CertificateSubject(String);
///
/// struct Certificate;
///
/// #[async_trait]
/// impl ClientAuthentication for Certificate {
///     fn method(&self) -> TokenEndpointAuthMethod {
///         TokenEndpointAuthMethod::new("example_certificate")
///     }
///
///     fn identify<'r>(
///         &self,
///         request: &ClientRequest<'r>,
///     ) -> Result<Option<PresentedClient<'r>>, Rejection> {
///         let subject = request.extensions().get::<CertificateSubject>();
///         Ok(subject.map(|subject| PresentedClient::new(subject.0.as_str(), None)))
///     }
///
///     async fn verify(
///         &self,
///         _request: &ClientRequest<'_>,
///         _presented: &PresentedClient<'_>,
///         _client: &Client,
///     ) -> Result<bool, StoreError> {
///         Ok(true) // The TLS layer has.
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
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection>;

    /// Checks what was presented against the client. It is also called, and its answer ignored,
    /// when there is no such client, so that the two cases take the same time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be checked at present; the client is told 503.
    async fn verify(
        &self,
        _request: &ClientRequest<'_>,
        presented: &PresentedClient<'_>,
        client: &Client,
    ) -> Result<bool, StoreError>;
}

/// What a method of client authentication sees of a request.
pub struct ClientRequest<'r> {
    request: &'r Request<Bytes>,
    parameters: &'r Parameters<'r>,
    issuer: &'r Issuer,
    now: OffsetDateTime,
}

impl<'r> ClientRequest<'r> {
    pub(crate) fn new(
        request: &'r Request<Bytes>,
        parameters: &'r Parameters<'r>,
        issuer: &'r Issuer,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            request,
            parameters,
            issuer,
            now,
        }
    }

    /// The headers.
    pub fn headers(&self) -> &'r HeaderMap {
        self.request.headers()
    }

    /// What the host or its web framework knows of the connection. In `oauth-actix`, whose requests cannot
    /// be handed over with them, there is a [`RequestOrigin`](crate::RequestOrigin) and nothing else.
    pub fn extensions(&self) -> &'r Extensions {
        self.request.extensions()
    }

    /// The form.
    pub fn parameters(&self) -> &'r Parameters<'r> {
        self.parameters
    }

    /// The issuer identifier, one of the audiences of a signed assertion (RFC 7523 section 3).
    pub fn issuer(&self) -> &'r Issuer {
        self.issuer
    }

    /// The moment of the request, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }
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

    /// Who it claims to be.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret, empty when there is none.
    pub fn secret(&self) -> &str {
        self.secret.as_deref().map_or("", String::as_str)
    }
}

pub(crate) const FAILED: Rejection =
    Rejection::new(ErrorCode::InvalidClient, "client authentication failed")
        .with_kind(RejectionKind::ClientAuthenticationFailed);

/// A claim, and the method by which it was made.
pub(crate) struct Claim<'m, 'r> {
    method: &'m dyn ClientAuthentication,
    pub(crate) presented: PresentedClient<'r>,
}

impl Claim<'_, '_> {
    /// Whether nothing is presented that could be guessed (`none`).
    pub(crate) fn proves_nothing(&self) -> bool {
        self.method.method() == TokenEndpointAuthMethod::NONE
    }
}

/// Finds out as which client the request was sent. `none` is the last of `methods`.
pub(crate) fn identify<'m, 'r>(
    methods: &'m [Arc<dyn ClientAuthentication>],
    request: &ClientRequest<'r>,
) -> Result<Claim<'m, 'r>, Rejection> {
    let mut claim: Option<Claim<'m, 'r>> = None;
    for method in methods {
        // A client_id alone is also what other methods send beside their proof.
        if claim.is_some() && method.method() == TokenEndpointAuthMethod::NONE {
            continue;
        }
        if let Some(presented) = method.identify(request)? {
            if claim.is_some() {
                return Err(Rejection::invalid_request(
                    "the request uses more than one method of client authentication",
                ));
            }
            let method = &**method;
            claim = Some(Claim { method, presented });
        }
    }
    let claim = claim.ok_or(FAILED)?;
    if request
        .parameters()
        .optional("client_id")?
        .is_some_and(|stated| stated != claim.presented.client_id)
    {
        return Err(Rejection::invalid_request(
            "client_id differs from the client that authenticates",
        ));
    }
    Ok(claim)
}

/// Checks the claim; [`FAILED`] when it is not true.
///
/// An unknown client, a wrong secret and another method than the registered one give the same
/// answer after the same work.
pub(crate) async fn verify(
    claim: &Claim<'_, '_>,
    clients: &dyn ClientStore,
    nobody: &Client,
    request: &ClientRequest<'_>,
) -> Result<Arc<Client>, Rejection> {
    let Claim { method, presented } = claim;
    let claimed = ClientId::parse(&presented.client_id).ok();
    let client = match &claimed {
        Some(id) => clients.find(id).await?,
        None => None,
    };
    let known = client.filter(|client| *client.token_endpoint_auth_method() == method.method());
    let verified = method
        .verify(request, presented, known.as_deref().unwrap_or(nobody))
        .await?;
    known.filter(|_| verified).ok_or_else(|| match &claimed {
        Some(id) => FAILED.of_client(id),
        None => FAILED,
    })
}
