use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::Instrument;
use tracing::field::{Empty, display};

use super::{form_body, json, origin, unavailable};
use crate::bearer::VerifiedToken;
use crate::client::Client;
use crate::credential::{CredentialKey, CredentialKind};
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::event::{Endpoint, EventKind};
use crate::parameters::Parameters;
use crate::resource::ResourceIndicator;
use crate::server::AuthorizationServer;

/// Adds members to introspection responses
/// ([RFC 7662 section 2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)), `username` for example.
///
/// ```
/// use async_trait::async_trait;
/// use oauth_core::{Client, IntrospectionClaims, StoreError, VerifiedToken};
/// use serde_json::{Map, Value};
///
/// /// The users of this host are known by their identifier.
/// struct Usernames;
///
/// #[async_trait]
/// impl IntrospectionClaims for Usernames {
///     async fn claims(
///         &self,
///         token: &VerifiedToken,
///         _asked_by: &Client,
///     ) -> Result<Map<String, Value>, StoreError> {
///         let username = token.user().map(|user| ("username".to_owned(), user.as_str().into()));
///         Ok(username.into_iter().collect())
///     }
/// }
/// ```
#[async_trait]
pub trait IntrospectionClaims: Send + Sync + 'static {
    /// What is added for this active access token when this client asks. The members of
    /// [`AuthorizationServer::introspect`] cannot be replaced.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the host cannot tell; the answer is then 503.
    async fn claims(
        &self,
        token: &VerifiedToken,
        asked_by: &Client,
    ) -> Result<Map<String, Value>, StoreError>;
}

/// An introspection response (RFC 7662 section 2.2).
#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    exp: i64,
    sub: &'a str,
    /// Ours: `user` or `client`, since the two may have one name.
    subject_kind: &'static str,
    #[serde(skip_serializing_if = "<[ResourceIndicator]>::is_empty")]
    aud: &'a [ResourceIndicator],
    iss: &'a str,
    /// RFC 9470 section 6.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    /// RFC 9470 section 6.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(flatten)]
    claims: Map<String, Value>,
}

const MEMBERS: [&str; 11] = [
    "active",
    "scope",
    "client_id",
    "token_type",
    "exp",
    "sub",
    "subject_kind",
    "aud",
    "iss",
    "acr",
    "auth_time",
];

#[derive(Serialize)]
struct Inactive {
    active: bool,
}

impl AuthorizationServer {
    /// Answers a request to the introspection endpoint
    /// ([RFC 7662 section 2](https://www.rfc-editor.org/rfc/rfc7662#section-2)).
    ///
    /// Only a client that authenticates may ask. It is told of its own access and refresh tokens, and
    /// if it is a resource server ([`ClientBuilder::serves`](crate::client::ClientBuilder::serves)) of
    /// the access tokens without an audience or with one of its resources. Everything else is
    /// `{"active": false}`.
    ///
    /// Members of an active token: `active`, `scope`, `client_id`, `token_type` (access tokens only),
    /// `exp`, `sub`, `iss`, `aud`, `acr` and `auth_time` (RFC 9470 section 6.2), and `subject_kind`,
    /// which is `user` or `client` and says whether `sub` is a user or the client itself; besides, what
    /// [`IntrospectionClaims`] adds.
    pub async fn introspect(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if *request.method() != Method::POST {
            return self.refuse_method(Endpoint::Introspection, request, "POST");
        }
        let span = tracing::info_span!("introspect", client_id = Empty, outcome = Empty);
        let answer = async {
            let answer = self.introspect_presented(request).await;
            let (outcome, response) = match answer {
                Ok(Some(active)) => ("active", active),
                Ok(None) => (
                    "inactive",
                    json(StatusCode::OK, &Inactive { active: false }),
                ),
                Err(rejection) => (
                    rejection.code().as_str(),
                    self.refuse_program(Endpoint::Introspection, request, &rejection),
                ),
            };
            tracing::Span::current().record("outcome", outcome);
            response
        };
        answer.instrument(span).await
    }

    async fn introspect_presented(
        &self,
        request: &Request<Bytes>,
    ) -> Result<Option<Response<Bytes>>, Rejection> {
        let parameters = Parameters::parse(form_body(request)?)?;
        let client = self
            .authenticate_client(request, &parameters, self.now())
            .await?;
        tracing::Span::current().record("client_id", display(client.id()));
        let answer = self.introspect_for(&client, &parameters).await;
        if let Ok(answer) = &answer {
            let kind = EventKind::Introspected {
                client_id: client.id(),
                active: answer.is_some(),
            };
            self.emit(origin(request), kind);
        }
        answer.map_err(|rejection| rejection.of_client(client.id()))
    }

    async fn introspect_for(
        &self,
        client: &Client,
        parameters: &Parameters<'_>,
    ) -> Result<Option<Response<Bytes>>, Rejection> {
        if client.is_public() {
            return Err(Rejection::new(
                ErrorCode::InvalidClient,
                "a client without authentication may not introspect",
            ));
        }
        // Each kind has a form of its own, so that the hint tells nothing new.
        parameters.optional("token_type_hint")?;
        let token = parameters.required("token", "token is missing")?;
        for kind in [CredentialKind::AccessToken, CredentialKind::RefreshToken] {
            if let Some(key) = CredentialKey::of(kind, token) {
                return self.introspect_credential(client, kind, &key).await;
            }
        }
        Ok(None)
    }

    async fn introspect_credential(
        &self,
        client: &Client,
        kind: CredentialKind,
        key: &CredentialKey,
    ) -> Result<Option<Response<Bytes>>, Rejection> {
        let found = self.inner().find(key).await.map_err(unavailable)?;
        let Some(token) = found.and_then(|found| self.read(found, kind)) else {
            return Ok(None);
        };
        let is_access_token = kind == CredentialKind::AccessToken;
        let may_know = token.client_id() == client.id()
            || is_access_token && client.is_served(token.audience());
        if !may_know {
            return Ok(None);
        }
        let mut claims = match &self.inner().introspection_claims {
            Some(hook) if is_access_token => {
                hook.claims(&token, client).await.map_err(unavailable)?
            }
            _ => Map::new(),
        };
        claims.retain(|name, value| !MEMBERS.contains(&name.as_str()) && !value.is_null());
        let body = Active {
            active: true,
            scope: token.scope().as_str(),
            client_id: token.client_id().as_str(),
            token_type: is_access_token.then_some("Bearer"),
            exp: token.expires_at().unix_timestamp(),
            sub: token.subject().id(),
            subject_kind: token.subject().kind(),
            aud: token.audience().resources(),
            iss: self.issuer().as_str(),
            acr: token.acr(),
            auth_time: token.auth_time().map(time::OffsetDateTime::unix_timestamp),
            claims,
        };
        Ok(Some(json(StatusCode::OK, &body)))
    }
}

#[cfg(test)]
mod tests;
