//! Registered clients and how they authenticate.

pub mod auth;
mod builder;
mod record;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use builder::{ClientBuilder, InvalidClient};
pub use record::InvalidClientRecord;

use crate::randomness::{Randomness, random};
use crate::redirect_uri::RedirectUri;
use crate::resource::{Audience, ResourceIndicator};
use crate::scope::Scope;

/// A `client_id`: 1 to 2048 printable ASCII characters
/// ([RFC 6749 appendix A.1](https://www.rfc-editor.org/rfc/rfc6749#appendix-A.1)).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(Arc<str>);

/// A text that is not a [`ClientId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client_id has 1 to 2048 printable ASCII characters")]
pub struct InvalidClientId;

impl ClientId {
    /// Checks length and characters.
    ///
    /// # Errors
    ///
    /// [`InvalidClientId`] for another length or character.
    pub fn parse(text: &str) -> Result<Self, InvalidClientId> {
        let printable = text.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
        if text.is_empty() || text.len() > 2048 || !printable {
            return Err(InvalidClientId);
        }
        Ok(Self(text.into()))
    }

    /// The identifier as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientId({:?})", self.as_str())
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidClientId;

    fn try_from(text: String) -> Result<Self, InvalidClientId> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.as_str().to_owned()
    }
}

/// A `grant_type` of the token endpoint, built in or the host's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GrantType(Cow<'static, str>);

impl GrantType {
    /// `authorization_code` (RFC 6749 section 4.1).
    pub const AUTHORIZATION_CODE: Self = Self(Cow::Borrowed("authorization_code"));
    /// `refresh_token` (RFC 6749 section 6).
    pub const REFRESH_TOKEN: Self = Self(Cow::Borrowed("refresh_token"));
    /// `client_credentials` (RFC 6749 section 4.4).
    pub const CLIENT_CREDENTIALS: Self = Self(Cow::Borrowed("client_credentials"));

    /// A grant type by its name; an extension's name is an absolute URI (RFC 6749 section 4.5).
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A `token_endpoint_auth_method` (RFC 7591 section 2), built in or the host's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenEndpointAuthMethod(Cow<'static, str>);

impl TokenEndpointAuthMethod {
    /// `client_secret_basic`: the secret in the `Authorization` header.
    pub const CLIENT_SECRET_BASIC: Self = Self(Cow::Borrowed("client_secret_basic"));
    /// `client_secret_post`: the secret in the form.
    pub const CLIENT_SECRET_POST: Self = Self(Cow::Borrowed("client_secret_post"));
    /// `none`: a public client, which has no secret.
    pub const NONE: Self = Self(Cow::Borrowed("none"));

    /// A method by its registered name.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client secret that was made just now: 43 characters of base64url, 256 bits of them random.
///
/// Redacted when printed, wiped from memory when dropped.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    fn random(randomness: &dyn Randomness) -> Self {
        let bytes = Zeroizing::new(random::<32>(randomness));
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
    }

    /// The text, for the client.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret(redacted)")
    }
}

/// The SHA-256 of a client secret that a machine made.
///
/// Such a secret has at least 128 bits of entropy, so a fast hash is enough; a password that a
/// human chose would need a slow one, so do not put one here.
#[derive(Clone)]
pub struct ClientSecretDigest([u8; 32]);

impl ClientSecretDigest {
    /// The digest of a secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The digest with these bytes, as a store kept them.
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ClientSecretDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecretDigest(redacted)")
    }
}

/// A registered client ([RFC 6749 section 2](https://www.rfc-editor.org/rfc/rfc6749#section-2)).
///
/// ```
/// use oauth_core::{Client, GrantType};
///
/// let client = Client::builder("web")
///     .name("Photo printer")
///     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
///     .redirect_uri("https://printer.example.com/callback")
///     .grant_types([GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN])
///     .scope("profile email")
///     .build()?;
/// # Ok::<(), oauth_core::InvalidClient>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    name: String,
    secrets: Vec<ClientSecretDigest>,
    token_endpoint_auth_method: TokenEndpointAuthMethod,
    redirect_uris: Vec<RedirectUri>,
    grant_types: Vec<GrantType>,
    scope: Scope,
    first_party: bool,
    /// What the client serves, if it is a resource server.
    serves: Option<Vec<ResourceIndicator>>,
}

impl Client {
    /// Begins the description of a client.
    pub fn builder(id: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(id.into())
    }

    /// A clone with an identifier and a scope of its own, to which every grant of the client refers, so that threads
    /// with a clone each do not write to the same counts of references.
    pub(crate) fn unshared(&self) -> Self {
        Self {
            id: ClientId(self.id.as_str().into()),
            scope: self.scope.unshared(),
            ..self.clone()
        }
    }

    /// The `client_id`.
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// The name that users are shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the client authenticates, the only way it may.
    pub fn token_endpoint_auth_method(&self) -> &TokenEndpointAuthMethod {
        &self.token_endpoint_auth_method
    }

    /// Whether the client cannot keep a secret (RFC 6749 section 2.1).
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == TokenEndpointAuthMethod::NONE
    }

    /// The digests of the secrets that are valid at present.
    pub fn secrets(&self) -> &[ClientSecretDigest] {
        &self.secrets
    }

    /// The registered redirect URIs.
    pub fn redirect_uris(&self) -> &[RedirectUri] {
        &self.redirect_uris
    }

    /// The grant types the client may use.
    pub fn grant_types(&self) -> &[GrantType] {
        &self.grant_types
    }

    /// Whether the client may use this grant type.
    pub fn allows(&self, grant_type: &GrantType) -> bool {
        self.grant_types.contains(grant_type)
    }

    /// The scope the client may ask for, and what it gets when it asks for none in particular.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether the client belongs to the operator, so that users are not asked.
    pub fn is_first_party(&self) -> bool {
        self.first_party
    }

    /// The protected resources that the client serves; `None` unless it is a resource server.
    pub fn serves(&self) -> Option<&[ResourceIndicator]> {
        self.serves.as_deref()
    }

    /// Whether the client is a resource server for tokens with this audience: one without an audience,
    /// or with one of the resources that it serves.
    pub(crate) fn is_served(&self, audience: &Audience) -> bool {
        self.serves.as_ref().is_some_and(|served| {
            audience.is_empty() || served.iter().any(|resource| audience.contains(resource))
        })
    }

    /// Whether `secret` is one of the client's. Each digest is compared in constant time.
    pub fn accepts_secret(&self, secret: &str) -> bool {
        let presented = ClientSecretDigest::of(secret);
        let hit = self
            .secrets
            .iter()
            .fold(subtle::Choice::from(0), |hit, own| {
                hit | own.0.as_slice().ct_eq(presented.0.as_slice())
            });
        hit.into()
    }

    /// The client with a new secret beside its newest until now, and that secret, which is told to the
    /// client once and kept by nobody else. Both are accepted until
    /// [`with_newest_secret_only`](Self::with_newest_secret_only); a secret that was older is not, so a
    /// rotation comes after the client has changed over from the one before.
    ///
    /// ```
    /// use oauth_core::{Client, SystemRandomness};
    ///
    /// let client = Client::builder("web")
    ///     .secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU")
    ///     .redirect_uri("https://app.example.com/callback")
    ///     .build()?;
    /// let (client, secret) = client.with_new_secret(&SystemRandomness)?;
    /// assert!(client.accepts_secret(secret.expose()));
    /// assert!(client.accepts_secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU"));
    ///
    /// // Once the client has changed over:
    /// let client = client.with_newest_secret_only();
    /// assert!(!client.accepts_secret("Wz3mJ9vYb2qLr8sTn5xHk1cDf7gPa4eU"));
    /// # Ok::<(), oauth_core::InvalidClient>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] for a public client, which has no secret.
    pub fn with_new_secret(
        mut self,
        randomness: &dyn Randomness,
    ) -> Result<(Self, ClientSecret), InvalidClient> {
        if self.is_public() {
            return Err(InvalidClient::with_secret_and_none(&self.id));
        }
        let secret = ClientSecret::random(randomness);
        self.secrets.drain(..self.secrets.len().saturating_sub(1));
        self.secrets.push(ClientSecretDigest::of(secret.expose()));
        Ok((self, secret))
    }

    /// The client with its newest secret alone: the end of a rotation.
    #[must_use]
    pub fn with_newest_secret_only(mut self) -> Self {
        self.secrets.drain(..self.secrets.len().saturating_sub(1));
        self
    }

    /// A client that does not exist: checking a secret against it costs what a real one costs.
    pub(crate) fn nobody(secret: [u8; 32]) -> Self {
        Self {
            id: ClientId("".into()),
            name: String::new(),
            secrets: vec![ClientSecretDigest(secret)],
            token_endpoint_auth_method: TokenEndpointAuthMethod::new(""),
            redirect_uris: Vec::new(),
            grant_types: Vec::new(),
            scope: Scope::default(),
            first_party: false,
            serves: None,
        }
    }
}

#[cfg(test)]
mod tests;
