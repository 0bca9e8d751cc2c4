use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use tracing::Instrument;
use tracing::field::{Empty, display};

use super::cross_origin::{allow_any_origin, preflight};
use super::{form_body, origin, unavailable};
use crate::client::Client;
use crate::credential::{CredentialKey, CredentialKind};
use crate::error::Rejection;
use crate::event::{Endpoint, EventKind, RevokedBy};
use crate::parameters::Parameters;
use crate::policy::AccessTokenRevocation;
use crate::server::AuthorizationServer;
use crate::store::Target;

const METHODS: &str = "POST, OPTIONS";

impl AuthorizationServer {
    /// Answers a request to the revocation endpoint
    /// ([RFC 7009 section 2](https://www.rfc-editor.org/rfc/rfc7009#section-2)).
    ///
    /// A refresh token, used or not, ends its grant; an access token ends itself, or its grant
    /// ([`Policy::access_token_revocation`](crate::Policy::access_token_revocation)). A token that is
    /// unknown, or another client's, is answered like one that was revoked.
    pub async fn revoke(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match *request.method() {
            Method::POST => {}
            Method::OPTIONS => return preflight(METHODS),
            _ => {
                let refused = self.refuse_method(Endpoint::Revocation, request, METHODS);
                return allow_any_origin(refused);
            }
        }
        let span = tracing::info_span!("revoke", client_id = Empty, outcome = Empty);
        let answer = async {
            let answer = self.revoke_presented(request).await;
            let outcome = match &answer {
                Ok(outcome) => outcome,
                Err(rejection) => rejection.code().as_str(),
            };
            tracing::Span::current().record("outcome", outcome);
            match answer {
                Ok(_) => done(),
                Err(rejection) => self.refuse_program(Endpoint::Revocation, request, &rejection),
            }
        };
        allow_any_origin(answer.instrument(span).await)
    }

    async fn revoke_presented(&self, request: &Request<Bytes>) -> Result<&'static str, Rejection> {
        let parameters = Parameters::parse(form_body(request)?)?;
        let client = self
            .authenticate_client(request, &parameters, self.now())
            .await?;
        tracing::Span::current().record("client_id", display(client.id()));
        let answer = self.revoke_token(&client, request, &parameters).await;
        answer.map_err(|rejection| rejection.of_client(client.id()))
    }

    async fn revoke_token(
        &self,
        client: &Client,
        request: &Request<Bytes>,
        parameters: &Parameters<'_>,
    ) -> Result<&'static str, Rejection> {
        // Each kind has a form of its own, so that the hint tells nothing new; one that is malformed
        // by being there twice is an error all the same.
        parameters.optional("token_type_hint")?;
        let token = parameters.required("token", "token is missing")?;
        for kind in [CredentialKind::RefreshToken, CredentialKind::AccessToken] {
            if let Some(key) = CredentialKey::of(kind, token) {
                return self.revoke_credential(client, request, kind, &key).await;
            }
        }
        Ok("unknown")
    }

    async fn revoke_credential(
        &self,
        client: &Client,
        request: &Request<Bytes>,
        kind: CredentialKind,
        key: &CredentialKey,
    ) -> Result<&'static str, Rejection> {
        let Some(found) = self.inner().find(key).await.map_err(unavailable)? else {
            return Ok("unknown");
        };
        if found.grant.client_id != *client.id() || found.credential.kind != kind {
            return Ok("foreign");
        }
        let alone = kind == CredentialKind::AccessToken
            && self.inner().policy.access_token_revocation == AccessTokenRevocation::Token;
        let target = if alone {
            Target::Credential(*key)
        } else {
            Target::Grant(found.grant.id)
        };
        let revoked = self.inner().grants.revoke(target, self.now()).await;
        revoked.map_err(unavailable)?;
        let kind = EventKind::Revoked {
            by: RevokedBy::Client,
            client_id: client.id(),
            subject: found.grant.subject.as_ref(),
            grant: found.grant.id,
            whole_grant: !alone,
        };
        self.emit(origin(request), kind);
        Ok("revoked")
    }
}

/// RFC 7009 section 2.2: the content of the body is ignored, so there is none.
fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::OK;
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

#[cfg(test)]
mod tests;
