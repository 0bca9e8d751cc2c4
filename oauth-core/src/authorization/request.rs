use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use time::OffsetDateTime;
use tracing::field::display;

use super::error::{AuthorizationRejection, RedirectedRejection};
use super::pending::{Asked, PendingAuthorization};
use super::prompt::Prompt;
use super::redirect::VerifiedRedirect;
use super::response::ResponseMode;
use crate::client::{Client, ClientId, GrantType};
use crate::encoding::encode_pairs;
use crate::endpoint::{form_body, origin};
use crate::error::{ErrorCode, Rejection};
use crate::event::Endpoint;
use crate::parameters::Parameters;
use crate::pkce::CodeChallenge;
use crate::request_origin::RequestOrigin;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::server::AuthorizationServer;

/// The longest query in bytes. It travels once more, encoded, in the address of the login page.
const MAX_QUERY: usize = 16 * 1024;
/// The longest form; it comes back as a query.
const MAX_FORM: usize = 8 * 1024;

/// In a return URL: the moment, as Unix time, from which a login counts as the fresh one that was
/// demanded.
pub(super) const LOGIN_AFTER: &str = "login_after";

impl AuthorizationServer {
    /// Validates a request to the authorization endpoint (RFC 6749 section 4.1.1). Nothing is
    /// written and nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`AuthorizationRejection`] says why, and whether the human or the client is told.
    pub async fn authorize(
        &self,
        request: &Request<Bytes>,
    ) -> Result<PendingAuthorization, AuthorizationRejection> {
        let answer = self.try_authorize(request).await;
        // The others are told when they are sent.
        if let Err(AuthorizationRejection::Local(rejection)) = &answer {
            self.emit_refusal(origin(request), Endpoint::Authorization, rejection);
        }
        answer
    }

    async fn try_authorize(
        &self,
        request: &Request<Bytes>,
    ) -> Result<PendingAuthorization, AuthorizationRejection> {
        let encoded = match *request.method() {
            Method::GET | Method::HEAD => {
                let query = request.uri().query().unwrap_or_default();
                if query.len() > MAX_QUERY {
                    return Err(TOO_LONG.with_status(StatusCode::URI_TOO_LONG).into());
                }
                query.as_bytes()
            }
            Method::POST => {
                if request.body().len() > MAX_FORM {
                    return Err(TOO_LONG.with_status(StatusCode::PAYLOAD_TOO_LARGE).into());
                }
                form_body(request)?
            }
            _ => {
                return Err(Rejection::invalid_request(
                    "the authorization endpoint takes GET and POST",
                )
                .with_status(StatusCode::METHOD_NOT_ALLOWED)
                .into());
            }
        };
        let parameters = Parameters::parse(encoded)?;
        let pending = self.validate(&parameters, origin(request)).await?;
        // A form may hold what a query cannot, so it is written anew.
        let rewritten = match request.uri().query() {
            Some(query) if *request.method() != Method::POST && is_ascii_graphic(query) => None,
            _ => Some(encode_pairs(parameters.pairs())),
        };
        if rewritten
            .as_ref()
            .is_some_and(|query| query.len() > MAX_QUERY)
        {
            return Err(TOO_LONG.with_status(StatusCode::PAYLOAD_TOO_LARGE).into());
        }
        Ok(PendingAuthorization {
            rewritten,
            ..pending
        })
    }

    async fn validate(
        &self,
        parameters: &Parameters<'_>,
        origin: Option<&RequestOrigin>,
    ) -> Result<PendingAuthorization, AuthorizationRejection> {
        // Until client and redirect URI are verified, `?` makes a local refusal.
        let client_id = parameters.required("client_id", "client_id is missing")?;
        let requested = parameters.optional("redirect_uri")?;
        let client_id = ClientId::parse(client_id).map_err(|_| UNKNOWN_CLIENT)?;
        let client = self.find_client(&client_id).await?;
        tracing::Span::current().record("client_id", display(client.id()));
        let verified = VerifiedRedirect::verify(&client, requested, &self.inner().undotted_schemes);
        let mut redirect = verified.map_err(|rejection| rejection.of_client(client.id()))?;
        let (endpoint, origin) = (Endpoint::Authorization, origin.cloned());
        match self.validate_for(&client, parameters, &mut redirect) {
            Ok(details) => Ok(PendingAuthorization {
                asked: Asked {
                    client,
                    redirect,
                    scope: details.scope,
                    audience: details.audience,
                    code_challenge: details.code_challenge,
                    endpoint,
                    origin,
                },
                rewritten: None,
                received_at: self.now(),
                prompt: details.prompt,
                max_age: details.max_age,
                login_after: details.login_after,
                login_hint: details.login_hint,
                acr_values: details.acr_values,
            }),
            Err(rejection) => Err(RedirectedRejection {
                redirect,
                rejection: rejection.of_client(client.id()),
                endpoint,
                origin,
            }
            .into()),
        }
    }

    pub(super) async fn find_client(&self, id: &ClientId) -> Result<Arc<Client>, Rejection> {
        self.inner().clients.find(id).await?.ok_or(UNKNOWN_CLIENT)
    }

    /// Those of the requested authentication context classes that the host has
    /// ([RFC 9470 section 4](https://www.rfc-editor.org/rfc/rfc9470#section-4)). A host that has named none
    /// does not know the parameter.
    fn supported_classes(&self, requested: Option<&str>) -> Result<Vec<String>, Rejection> {
        let supported = &self.inner().acr_values;
        let Some(requested) = requested.filter(|_| !supported.is_empty()) else {
            return Ok(Vec::new());
        };
        let known: Vec<String> = requested
            .split(' ')
            .filter(|class| supported.iter().any(|own| own == class))
            .map(str::to_owned)
            .collect();
        if known.is_empty() {
            return Err(UNMET);
        }
        Ok(known)
    }

    /// The checks of which the client is told. Fills in how it is told as soon as that is known.
    fn validate_for(
        &self,
        client: &Client,
        parameters: &Parameters<'_>,
        redirect: &mut VerifiedRedirect,
    ) -> Result<Details, Rejection> {
        if let Some(state) = parameters.optional("state")? {
            // RFC 6749 appendix A.5. A form would not carry them unchanged.
            if state.chars().any(char::is_control) {
                return Err(Rejection::invalid_request("state holds control characters"));
            }
            redirect.state = Some(state.to_owned());
        }
        if let Some(mode) = parameters.optional("response_mode")? {
            redirect.response_mode = ResponseMode::parse(mode)
                .ok_or_else(|| Rejection::invalid_request("response_mode is not supported"))?;
        }
        if parameters.all("request").next().is_some() {
            return Err(Rejection::new(
                ErrorCode::RequestNotSupported,
                "request objects are not supported",
            ));
        }
        if parameters.all("request_uri").next().is_some() {
            return Err(Rejection::new(
                ErrorCode::RequestUriNotSupported,
                "request_uri is not supported",
            ));
        }
        match parameters.required("response_type", "response_type is missing")? {
            "code" => {}
            _ => {
                return Err(Rejection::new(
                    ErrorCode::UnsupportedResponseType,
                    "the only response_type is code",
                ));
            }
        }
        if !client.allows(&GrantType::AUTHORIZATION_CODE) {
            return Err(Rejection::new(
                ErrorCode::UnauthorizedClient,
                "the client may not use the grant type authorization_code",
            ));
        }
        let scope = match parameters.optional("scope")? {
            Some(text) if text == client.scope().as_str() => client.scope().clone(),
            Some(text) => Scope::parse(text)
                .ok()
                .filter(|scope| scope.is_subset(client.scope()))
                .ok_or_else(|| {
                    Rejection::new(
                        ErrorCode::InvalidScope,
                        "scope is malformed or more than the client may ask for",
                    )
                })?,
            None => client.scope().clone(),
        };
        let audience = self.requested_audience(parameters)?;
        let challenge = parameters.required("code_challenge", "code_challenge is missing")?;
        match parameters.optional("code_challenge_method")? {
            Some("S256") => {}
            // RFC 7636 section 4.3: a method left out means plain.
            _ => {
                return Err(Rejection::invalid_request(
                    "code_challenge_method must be S256",
                ));
            }
        }
        let code_challenge = CodeChallenge::parse(challenge).ok_or_else(|| {
            Rejection::invalid_request("code_challenge is not the base64url form of a SHA-256")
        })?;
        let prompt = match parameters.optional("prompt")? {
            Some(values) => Prompt::parse(values)?,
            None => Prompt::default(),
        };
        let max_age = parameters
            .optional("max_age")?
            .map(|text| {
                seconds(text)
                    .ok_or_else(|| Rejection::invalid_request("max_age is not a number of seconds"))
            })
            .transpose()?;
        let login_after = parameters
            .optional(LOGIN_AFTER)?
            .map(|text| {
                seconds(text)
                    .ok_or_else(|| Rejection::invalid_request("login_after is not a Unix time"))
            })
            .transpose()?;
        let acr_values = self.supported_classes(parameters.optional("acr_values")?)?;
        let login_hint = parameters.optional("login_hint")?.map(str::to_owned);
        Ok(Details {
            scope,
            audience,
            code_challenge,
            prompt,
            max_age,
            login_after,
            login_hint,
            acr_values,
        })
    }
}

/// RFC 9470 section 5.
pub(super) const UNMET: Rejection = Rejection::new(
    ErrorCode::UnmetAuthenticationRequirements,
    "the user cannot sign in by any of the acr_values",
);

const UNKNOWN_CLIENT: Rejection = Rejection::invalid_request("client_id is unknown");

const TOO_LONG: Rejection = Rejection::invalid_request("the authorization request is too long");

struct Details {
    scope: Scope,
    audience: Audience,
    code_challenge: CodeChallenge,
    prompt: Prompt,
    max_age: Option<i64>,
    login_after: Option<i64>,
    login_hint: Option<String>,
    acr_values: Vec<String>,
}

fn is_ascii_graphic(text: &str) -> bool {
    // Nearly always it is, so the whole text is looked at without a branch for each byte.
    text.bytes()
        .fold(true, |graphic, byte| graphic & byte.is_ascii_graphic())
}

/// A non-negative whole number as digits.
fn seconds(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// The query again, with a fresh login demanded as "later than this moment" instead.
pub(super) fn query_after_login(query: &str, now: OffsetDateTime) -> String {
    let Ok(parameters) = Parameters::parse(query.as_bytes()) else {
        return query.to_owned();
    };
    let prompt = parameters
        .optional("prompt")
        .ok()
        .flatten()
        .unwrap_or_default();
    let prompt: Vec<&str> = prompt
        .split(' ')
        .filter(|value| !value.is_empty() && *value != "login")
        .collect();
    let prompt = prompt.join(" ");
    let moment = now.unix_timestamp().to_string();
    let kept = parameters
        .pairs()
        .filter(|(name, _)| !["prompt", "max_age", LOGIN_AFTER].contains(name));
    let added = [("prompt", prompt.as_str()), (LOGIN_AFTER, moment.as_str())];
    encode_pairs(kept.chain(added.into_iter().filter(|(_, value)| !value.is_empty())))
}
