use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use time::OffsetDateTime;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use super::cross_origin::{allow_any_origin, any_origin, preflight};
use super::{JSON, fixed_headers, form_body, origin};
use crate::client::{Client, GrantType};
use crate::error::{ErrorCode, Rejection};
use crate::event::Endpoint;
use crate::grant::{TokenRequest, TokenResponse};
use crate::parameters::Parameters;
use crate::server::AuthorizationServer;

const METHODS: &str = "POST, OPTIONS";

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
                allow_any_origin(self.refuse_program(Endpoint::Token, request, &rejection))
            })
        };
        answer.instrument(span).await
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

/// A successful response (RFC 6749 section 5.1).
fn success(tokens: &TokenResponse) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body(tokens)));
    response.headers_mut().clone_from(&HEADERS);
    response
}

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = fixed_headers(&JSON);
    headers.extend([any_origin()]);
    headers
});

/// Without serde, which looks at every character for one to escape: tokens are base64url, and RFC 6749 section 3.3 allows
/// a scope neither quote nor backslash. Joined in one go, so that it is exactly as long as its allocation.
fn body(tokens: &TokenResponse) -> String {
    const NOTHING: [&str; 3] = [""; 3];
    let refresh_token = tokens.refresh_token.as_ref();
    let [before_refresh, refresh_token, after_refresh] = refresh_token.map_or(NOTHING, |token| {
        [",\"refresh_token\":\"", token.expose(), "\""]
    });
    let [before_scope, scope, after_scope] = match tokens.scope.as_str() {
        "" => NOTHING,
        scope => [",\"scope\":\"", scope, "\""],
    };
    [
        "{\"access_token\":\"",
        tokens.access_token.expose(),
        "\",\"token_type\":\"Bearer\",\"expires_in\":",
        itoa::Buffer::new().format(tokens.expires_in),
        before_refresh,
        refresh_token,
        after_refresh,
        before_scope,
        scope,
        after_scope,
        "}",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::SystemRandomness;
    use crate::credential::Secret;
    use crate::scope::Scope;

    proptest! {
        #[test]
        fn a_successful_response_is_json_whatever_the_scope(
            scope in "([!#-\\[\\]-~]{1,12} ?){0,5}",
            expires_in in 0..i64::MAX,
            has_refresh_token in any::<bool>(),
        ) {
            let token = |prefix| Secret::random(prefix, 7, &SystemRandomness);
            let tokens = TokenResponse {
                access_token: token("oat_"),
                expires_in,
                refresh_token: has_refresh_token.then(|| token("ort_")),
                scope: Scope::parse(&scope).unwrap(),
            };
            let mut expected = json!({
                "access_token": tokens.access_token.expose(),
                "token_type": "Bearer",
                "expires_in": expires_in,
            });
            if let Some(refresh_token) = &tokens.refresh_token {
                expected["refresh_token"] = refresh_token.expose().into();
            }
            if !tokens.scope.is_empty() {
                expected["scope"] = tokens.scope.as_str().into();
            }
            let written: Value = serde_json::from_str(&body(&tokens)).unwrap();
            prop_assert_eq!(written, expected);
        }
    }
}
