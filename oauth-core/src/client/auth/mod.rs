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
    client_id: Claimed<'r>,
    secret: Option<Zeroizing<String>>,
}

enum Claimed<'r> {
    ClientId(ClientId),
    Text(Cow<'r, str>),
}

impl<'r> PresentedClient<'r> {
    /// A claim; without a secret where the method has none.
    pub fn new(client_id: impl Into<Cow<'r, str>>, secret: Option<String>) -> Self {
        Self {
            client_id: Claimed::Text(client_id.into()),
            secret: secret.map(Zeroizing::new),
        }
    }

    /// A claim whose text does not outlive this call: kept as the identifier, so that it is not copied twice.
    fn naming(client_id: &str) -> Self {
        let client_id = match ClientId::parse(client_id) {
            Ok(id) => Claimed::ClientId(id),
            Err(_) => Claimed::Text(client_id.to_owned().into()),
        };
        Self {
            client_id,
            secret: None,
        }
    }

    fn with_secret(self, secret: String) -> Self {
        Self {
            secret: Some(Zeroizing::new(secret)),
            ..self
        }
    }

    /// Who it claims to be.
    pub(crate) fn client_id(&self) -> &str {
        match &self.client_id {
            Claimed::ClientId(id) => id.as_str(),
            Claimed::Text(text) => text,
        }
    }

    /// The same, if it can be the identifier of a client.
    fn possible_client_id(&self) -> Option<Cow<'_, ClientId>> {
        match &self.client_id {
            Claimed::ClientId(id) => Some(Cow::Borrowed(id)),
            Claimed::Text(text) => ClientId::parse(text).ok().map(Cow::Owned),
        }
    }

    /// The secret, empty when there is none.
    pub fn secret(&self) -> &str {
        self.secret.as_deref().map_or("", String::as_str)
    }
}

/// A method of client authentication. The built-in ones need no future of their own on the heap.
pub(crate) enum AuthenticationMethod {
    ClientSecretBasic,
    ClientSecretPost,
    NoAuthentication,
    Host(Box<dyn ClientAuthentication>),
}

impl AuthenticationMethod {
    pub(crate) fn name(&self) -> TokenEndpointAuthMethod {
        match self {
            Self::ClientSecretBasic => TokenEndpointAuthMethod::CLIENT_SECRET_BASIC,
            Self::ClientSecretPost => TokenEndpointAuthMethod::CLIENT_SECRET_POST,
            Self::NoAuthentication => TokenEndpointAuthMethod::NONE,
            Self::Host(method) => method.method(),
        }
    }

    fn identify<'r>(
        &self,
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        match self {
            Self::ClientSecretBasic => client_secret_basic::identify(request),
            Self::ClientSecretPost => client_secret_post::identify(request),
            Self::NoAuthentication => none::identify(request),
            Self::Host(method) => method.identify(request),
        }
    }

    async fn verify(
        &self,
        request: &ClientRequest<'_>,
        presented: &PresentedClient<'_>,
        client: &Client,
    ) -> Result<bool, StoreError> {
        match self {
            Self::ClientSecretBasic | Self::ClientSecretPost => {
                Ok(client.accepts_secret(presented.secret()))
            }
            Self::NoAuthentication => Ok(true),
            Self::Host(method) => method.verify(request, presented, client).await,
        }
    }
}

pub(crate) const FAILED: Rejection =
    Rejection::new(ErrorCode::InvalidClient, "client authentication failed")
        .with_kind(RejectionKind::ClientAuthenticationFailed);

/// A claim, and the method by which it was made.
pub(crate) struct Claim<'m, 'r> {
    method: &'m AuthenticationMethod,
    pub(crate) presented: PresentedClient<'r>,
}

impl Claim<'_, '_> {
    /// Whether nothing is presented that could be guessed (`none`).
    pub(crate) fn proves_nothing(&self) -> bool {
        matches!(self.method, AuthenticationMethod::NoAuthentication)
    }
}

/// Finds out as which client the request was sent. `none` is the last of `methods`.
pub(crate) fn identify<'m, 'r>(
    methods: &'m [AuthenticationMethod],
    request: &ClientRequest<'r>,
) -> Result<Claim<'m, 'r>, Rejection> {
    let mut claim: Option<Claim<'m, 'r>> = None;
    for method in methods {
        // A client_id alone is also what other methods send beside their proof.
        if claim.is_some() && matches!(method, AuthenticationMethod::NoAuthentication) {
            continue;
        }
        if let Some(presented) = method.identify(request)? {
            if claim.is_some() {
                return Err(Rejection::invalid_request(
                    "the request uses more than one method of client authentication",
                ));
            }
            claim = Some(Claim { method, presented });
        }
    }
    let claim = claim.ok_or(FAILED)?;
    if request
        .parameters()
        .optional("client_id")?
        .is_some_and(|stated| stated != claim.presented.client_id())
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
    let claimed = presented.possible_client_id();
    let client = match &claimed {
        Some(id) => clients.find(id).await?,
        None => None,
    };
    let known = client.filter(|client| *client.token_endpoint_auth_method() == method.name());
    let verified = method
        .verify(request, presented, known.as_deref().unwrap_or(nobody))
        .await?;
    known.filter(|_| verified).ok_or_else(|| match &claimed {
        Some(id) => FAILED.of_client(id),
        None => FAILED,
    })
}
