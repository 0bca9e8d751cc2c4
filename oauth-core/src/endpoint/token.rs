use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use time::OffsetDateTime;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use super::cross_origin::{allow_any_origin, preflight};
use super::{form_body, json, origin};
use crate::client::{Client, GrantType};
use crate::error::{ErrorCode, Rejection};
use crate::event::Endpoint;
use crate::grant::{TokenRequest, TokenResponse};
use crate::parameters::Parameters;
use crate::server::AuthorizationServer;

const METHODS: &str = "POST, OPTIONS";

/// A successful response (RFC 6749 section 5.1).
#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
}

impl AuthorizationServer {
    /// Answers a request to the token endpoint (RFC 6749 section 3.2).
    pub async fn token(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match *request.method() {
            Method::POST => {}
            Method::OPTIONS => return preflight(METHODS),
            _ => {
                let refused = self.refuse_method(Endpoint::Token, request, METHODS);
                return allow_any_origin(refused);
            }
        }
        let span = tracing::info_span!(
            "token",
            client_id = Empty,
            grant_type = Empty,
            outcome = Empty
        );
        let noted = span.clone();
        let answer = async {
            let answer = self.issue(request, &noted).await;
            let outcome = answer
                .as_ref()
                .map_or_else(|rejection| rejection.code().as_str(), |_| "issued");
            noted.record("outcome", outcome);
            answer.unwrap_or_else(|rejection| {
                self.refuse_program(Endpoint::Token, request, &rejection)
            })
        };
        allow_any_origin(answer.instrument(span).await)
    }

    async fn issue(
        &self,
        request: &Request<Bytes>,
        span: &Span,
    ) -> Result<Response<Bytes>, Rejection> {
        let parameters = Parameters::parse(form_body(request)?)?;
        let now = self.now();
        let client = self.authenticate_client(request, &parameters, now).await?;
        span.record("client_id", display(client.id()));
        let answer = self
            .issue_to(&client, request, &parameters, now, span)
            .await;
        answer.map_err(|rejection| rejection.of_client(client.id()))
    }

    async fn issue_to(
        &self,
        client: &Client,
        request: &Request<Bytes>,
        parameters: &Parameters<'_>,
        now: OffsetDateTime,
        span: &Span,
    ) -> Result<Response<Bytes>, Rejection> {
        let inner = self.inner();
        let name = parameters.required("grant_type", "grant_type is missing")?;
        let Some((grant_type, handler)) = inner
            .grant_types
            .iter()
            .find(|(own, _)| own.as_str() == name)
        else {
            return Err(Rejection::new(
                ErrorCode::UnsupportedGrantType,
                "the grant_type is not supported",
            ));
        };
        span.record("grant_type", GrantType::as_str(grant_type));
        if !client.allows(grant_type) {
            return Err(Rejection::new(
                ErrorCode::UnauthorizedClient,
                "the client may not use this grant_type",
            ));
        }
        let origin = origin(request);
        let request = TokenRequest::new(self, client, grant_type, parameters, now, origin);
        Ok(success(&handler.handle(&request).await?))
    }
}

fn success(response: &TokenResponse) -> Response<Bytes> {
    json(
        StatusCode::OK,
        &TokenBody {
            access_token: response.access_token.expose(),
            token_type: "Bearer",
            expires_in: response.expires_in,
            refresh_token: response.refresh_token.as_ref().map(|token| token.expose()),
            scope: response.scope.as_str(),
        },
    )
}
