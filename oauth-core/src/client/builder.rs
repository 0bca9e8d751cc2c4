//! The description of a client, checked as a whole.

use std::fmt;

use super::{Client, ClientId, ClientSecretDigest, GrantType, TokenEndpointAuthMethod};
use crate::redirect_uri::{InvalidRedirectUri, RedirectUri};
use crate::resource::ResourceIndicator;
use crate::scope::Scope;

/// Describes a client; see [`Client`] for an example.
///
/// # Defaults
///
/// Method `client_secret_basic` with a secret, `none` without; grant type `authorization_code`; the
/// empty scope; not first-party; the name is the `client_id` (RFC 7591 section 2).
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    id: String,
    name: Option<String>,
    secrets: Vec<ClientSecretDigest>,
    problems: Vec<String>,
    token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    redirect_uris: Vec<RedirectUri>,
    grant_types: Option<Vec<GrantType>>,
    scope: Scope,
    first_party: bool,
    serves: Option<Vec<ResourceIndicator>>,
}

/// Everything that is wrong with a client's description, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidClient {
    client_id: String,
    problems: Vec<String>,
}

const SECRET_AND_NONE: &str = "the method none goes with no secret";

impl InvalidClient {
    pub(super) fn with_secret_and_none(id: &ClientId) -> Self {
        Self {
            client_id: id.to_string(),
            problems: vec![SECRET_AND_NONE.to_owned()],
        }
    }

    /// The sentences.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for InvalidClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "client {:?}: {}",
            self.client_id,
            self.problems.join("; ")
        )
    }
}

impl ClientBuilder {
    pub(super) fn new(id: String) -> Self {
        Self {
            id,
            name: None,
            secrets: Vec::new(),
            problems: Vec::new(),
            token_endpoint_auth_method: None,
            redirect_uris: Vec::new(),
            grant_types: None,
            scope: Scope::default(),
            first_party: false,
            serves: None,
        }
    }

    /// The name that users are shown.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a secret that a machine made, at least 128 bits of entropy; printable ASCII (RFC 6749
    /// appendix A.2). Only its digest is kept.
    pub fn secret(mut self, secret: &str) -> Self {
        if secret.is_empty() || !secret.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
            self.problems
                .push("a client_secret must be printable ASCII".to_owned());
        }
        self.secret_digest(ClientSecretDigest::of(secret))
    }

    /// Adds the digest of a secret. Several are valid at once, so that a secret can be replaced
    /// without a moment in which neither works.
    pub fn secret_digest(mut self, digest: ClientSecretDigest) -> Self {
        self.secrets.push(digest);
        self
    }

    /// The one method by which the client authenticates.
    pub fn token_endpoint_auth_method(mut self, method: TokenEndpointAuthMethod) -> Self {
        self.token_endpoint_auth_method = Some(method);
        self
    }

    /// Adds a redirect URI; see [`RedirectUri`] for what is accepted.
    pub fn redirect_uri(self, uri: impl AsRef<str>) -> Self {
        self.add_redirect_uri(RedirectUri::parse(uri.as_ref()))
    }

    /// Adds a redirect URI whose private-use scheme has no dot; see [`RedirectUri::danger_parse`]
    /// for what it gives up.
    pub fn danger_redirect_uri(self, uri: impl AsRef<str>) -> Self {
        self.add_redirect_uri(RedirectUri::danger_parse(uri.as_ref()))
    }

    fn add_redirect_uri(mut self, parsed: Result<RedirectUri, InvalidRedirectUri>) -> Self {
        match parsed {
            Ok(uri) => self.redirect_uris.push(uri),
            // Not the text: it may hold a password.
            Err(error) => self.problems.push(format!("a redirect URI {error}")),
        }
        self
    }

    /// The grant types the client may use.
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grant_types = Some(grant_types.into_iter().collect());
        self
    }

    /// The scope the client may ask for, values separated by spaces. Replaces what was said before.
    pub fn scope(mut self, scope: impl AsRef<str>) -> Self {
        match Scope::parse(scope.as_ref()) {
            Ok(scope) => self.scope = scope,
            Err(error) => self.problems.push(format!("the scope: {error}")),
        }
        self
    }

    /// Whether the client belongs to the operator, so that users are not asked. Ignored for a
    /// public client where the redirect URI is one that other programs can claim.
    pub fn first_party(mut self, first_party: bool) -> Self {
        self.first_party = first_party;
        self
    }

    /// The client is a resource server, and serves these protected resources: it may introspect
    /// access tokens that have no audience, or one of these in it (RFC 7662 section 2.1, RFC 8707
    /// section 2). None need be named.
    pub fn serves<R: AsRef<str>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        let served = self.serves.get_or_insert_default();
        for resource in resources {
            match ResourceIndicator::parse(resource.as_ref()) {
                Ok(resource) => served.push(resource),
                Err(error) => self.problems.push(format!("a resource {error}")),
            }
        }
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] with everything that is wrong: an identifier, secret, redirect URI or scope
    /// that is malformed, a method that does not go with the secrets, `authorization_code` without a
    /// redirect URI.
    pub fn build(self) -> Result<Client, InvalidClient> {
        let mut problems = self.problems;
        let token_endpoint_auth_method =
            self.token_endpoint_auth_method
                .unwrap_or(if self.secrets.is_empty() {
                    TokenEndpointAuthMethod::NONE
                } else {
                    TokenEndpointAuthMethod::CLIENT_SECRET_BASIC
                });
        let takes_secret = [
            TokenEndpointAuthMethod::CLIENT_SECRET_BASIC,
            TokenEndpointAuthMethod::CLIENT_SECRET_POST,
        ]
        .contains(&token_endpoint_auth_method);
        if takes_secret && self.secrets.is_empty() {
            problems.push(format!(
                "the method {} needs a secret",
                token_endpoint_auth_method.as_str()
            ));
        }
        let public = token_endpoint_auth_method == TokenEndpointAuthMethod::NONE;
        if public && !self.secrets.is_empty() {
            problems.push(SECRET_AND_NONE.to_owned());
        }
        if public && self.serves.is_some() {
            problems.push("a resource server must authenticate".to_owned());
        }
        let grant_types = self
            .grant_types
            .unwrap_or(vec![GrantType::AUTHORIZATION_CODE]);
        if grant_types.contains(&GrantType::AUTHORIZATION_CODE) && self.redirect_uris.is_empty() {
            problems.push("the grant type authorization_code needs a redirect URI".to_owned());
        }
        let id = ClientId::parse(&self.id);
        if let Err(error) = &id {
            problems.push(error.to_string());
        }
        match id {
            Ok(id) if problems.is_empty() => Ok(Client {
                name: self.name.unwrap_or_else(|| id.as_str().to_owned()),
                id,
                secrets: self.secrets,
                token_endpoint_auth_method,
                redirect_uris: self.redirect_uris,
                grant_types,
                scope: self.scope,
                first_party: self.first_party,
                serves: self.serves,
            }),
            _ => Err(InvalidClient {
                client_id: self.id,
                problems,
            }),
        }
    }
}
