use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use super::authentication::Authentication;
use super::error::RedirectedRejection;
use super::prompt::Prompt;
use super::redirect::VerifiedRedirect;
use super::request::UNMET;
use super::response::AuthorizationResponse;
use crate::client::{Client, GrantType};
use crate::credential::{CredentialKind, GrantId, Secret};
use crate::error::{ErrorCode, Rejection};
use crate::event::{Endpoint, EventKind};
use crate::pkce::CodeChallenge;
use crate::request_origin::RequestOrigin;
use crate::resource::Audience;
use crate::scope::Scope;
use crate::server::AuthorizationServer;
use crate::store::{
    AuthorizationCodePayload, Consent, Content, Credential, Grant, GrantPayload, Payload, recorded,
};
use crate::subject::{Subject, UserId};

/// A valid authorization request that nobody has decided yet.
pub struct PendingAuthorization {
    pub(super) asked: Asked,
    /// The whole request as a query, where that of the request itself is not it.
    pub(super) rewritten: Option<String>,
    pub(super) received_at: OffsetDateTime,
    pub(super) prompt: Prompt,
    pub(super) max_age: Option<i64>,
    pub(super) login_after: Option<i64>,
    pub(super) login_hint: Option<String>,
    /// Authentication context classes, by one of which the user must sign in; empty for any.
    pub(super) acr_values: Vec<String>,
}

/// Who asks for what, and where the answer goes: what is left of a request once the user has been
/// asked, and all that an answer needs.
pub(super) struct Asked {
    pub(super) client: Arc<Client>,
    pub(super) redirect: VerifiedRedirect,
    pub(super) scope: Scope,
    pub(super) audience: Audience,
    pub(super) code_challenge: CodeChallenge,
    /// Where the request or the decision came in, and where from.
    pub(super) endpoint: Endpoint,
    pub(super) origin: Option<RequestOrigin>,
}

/// What has to happen with a pending authorization next.
#[derive(Debug)]
pub enum Evaluation {
    /// Nobody is signed in.
    Login,
    /// Somebody is signed in, but a fresh login is demanded.
    Reauthenticate,
    /// The user has to be asked.
    Consent,
    /// The user need not be asked.
    Approve,
    /// The request cannot be met; the client is told why.
    Refuse(Rejection),
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("PendingAuthorization");
        debug
            .field("client_id", self.asked.client.id())
            .field("scope", &self.asked.scope);
        debug.finish_non_exhaustive()
    }
}

impl PendingAuthorization {
    /// The client that asks.
    pub fn client(&self) -> &Client {
        &self.asked.client
    }

    /// What it asks for.
    pub fn scope(&self) -> &Scope {
        &self.asked.scope
    }

    /// The resources it asks for (RFC 8707 section 2); empty when it named none.
    pub fn audience(&self) -> &Audience {
        &self.asked.audience
    }

    /// What a [`ConsentStore`](crate::store::ConsentStore) is to record when the user has allowed this, so that
    /// it counts for the resources of this request only.
    ///
    /// [`decide`](AuthorizationServer::decide) does it for hosts that use tickets.
    pub fn scope_to_remember(&self, granted: &Scope) -> Scope {
        recorded(granted, &self.asked.audience)
    }

    /// The `redirect_uri` the response goes to.
    pub fn redirect_uri(&self) -> &str {
        self.asked.redirect.uri()
    }

    /// The `login_hint`: whom the client expects at the browser. Anybody can have written it.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// Whether a login must be fresher than the one the user may have
    /// (`prompt=login`, `max_age=0`).
    pub(super) fn demands_fresh_login(&self) -> bool {
        self.prompt.login || self.max_age == Some(0)
    }

    /// Says what has to happen, given who is signed in and what that user has allowed the client
    /// before. The rules of `prompt`, `max_age` and `acr_values` (OpenID Connect Core section
    /// 3.1.2.1, RFC 9470 section 5) are here and nowhere else. Reads nothing, writes nothing.
    pub fn evaluate(
        &self,
        authentication: Option<&Authentication>,
        consent: Option<&Consent>,
    ) -> Evaluation {
        let Some(authentication) = authentication else {
            return if self.prompt.none {
                LOGIN_REQUIRED
            } else {
                Evaluation::Login
            };
        };
        if self.demands_fresh_login() || self.max_age.is_some() || self.login_after.is_some() {
            let Some(auth_time) = authentication.auth_seconds() else {
                return LOGIN_REQUIRED;
            };
            if self.demands_fresh_login() || self.is_stale(auth_time) {
                return if self.prompt.none {
                    LOGIN_REQUIRED
                } else {
                    Evaluation::Reauthenticate
                };
            }
        }
        if let Some(refused) = self.class_is_missing(authentication) {
            return refused;
        }
        let asked = &self.asked;
        let remembered =
            consent.is_some_and(|consent| consent.covers(&asked.scope, &asked.audience));
        let skip =
            self.asked.may_skip_consent() && (self.asked.client.is_first_party() || remembered);
        if skip && !self.prompt.consent {
            return Evaluation::Approve;
        }
        if self.prompt.none {
            return Evaluation::Refuse(Rejection::new(
                ErrorCode::ConsentRequired,
                "the user has to be asked",
            ));
        }
        Evaluation::Consent
    }

    /// What has to happen when the user has signed in by none of the classes that are asked for.
    fn class_is_missing(&self, authentication: &Authentication) -> Option<Evaluation> {
        let own = authentication.acr_value().map(|acr| &**acr);
        if self.acr_values.is_empty() || self.acr_values.iter().any(|it| Some(&**it) == own) {
            return None;
        }
        // The login that was asked for has taken place, and another would end alike.
        let has_tried = |seconds: i64| self.login_after.is_some_and(|moment| seconds >= moment);
        let in_vain = authentication.auth_seconds().is_none_or(has_tried);
        Some(if in_vain || self.prompt.none {
            Evaluation::Refuse(UNMET)
        } else {
            Evaluation::Reauthenticate
        })
    }

    fn is_stale(&self, auth_time: i64) -> bool {
        let now = self.received_at.unix_timestamp();
        let too_old = self
            .max_age
            .is_some_and(|max_age| now.saturating_sub(auth_time) > max_age);
        // A moment later than now would demand a login that nobody can have yet.
        let too_early = self
            .login_after
            .is_some_and(|moment| auth_time < moment.min(now));
        too_old || too_early
    }
}

impl Asked {
    /// Whether consent may be taken from memory or from `first_party`: not for a public client when
    /// another program could receive the code (RFC 9700 section 4.1, RFC 8252 section 8.6).
    pub(super) fn may_skip_consent(&self) -> bool {
        !(self.client.is_public() && self.redirect.is_claimable())
    }

    pub(super) fn refused(self, rejection: impl Into<Rejection>) -> RedirectedRejection {
        RedirectedRejection {
            redirect: self.redirect,
            rejection: rejection.into().of_client(self.client.id()),
            endpoint: self.endpoint,
            origin: self.origin,
        }
    }
}

const LOGIN_REQUIRED: Evaluation = Evaluation::Refuse(Rejection::new(
    ErrorCode::LoginRequired,
    "the user has to sign in",
));

impl AuthorizationServer {
    /// Grants what was asked, or the part of it that is in `granted`, and sends the client an
    /// authorization code (RFC 6749 section 4.1.2). When nothing is left of the scope, that is a
    /// refusal (`access_denied`).
    ///
    /// The caller vouches that the user agreed, as [`PendingAuthorization::evaluate`] said. When the
    /// store fails, the client is told so instead.
    pub async fn approve(
        &self,
        pending: PendingAuthorization,
        authentication: &Authentication,
        granted: &Scope,
    ) -> AuthorizationResponse {
        let now = self.now();
        self.grant(pending.asked, authentication, granted, now)
            .await
    }

    pub(super) async fn grant(
        &self,
        asked: Asked,
        authentication: &Authentication,
        granted: &Scope,
        now: OffsetDateTime,
    ) -> AuthorizationResponse {
        let inner = self.inner();
        let scope = asked.scope.intersection(granted);
        if scope.is_empty() && !asked.scope.is_empty() {
            // A token response has no way to say it (RFC 6749 section 5.1): without `scope` it means
            // everything that was asked for.
            return self.deny_asked(asked, Some(authentication.subject()));
        }
        let policy = &inner.policy;
        let lifetime = if asked.client.allows(&GrantType::REFRESH_TOKEN) {
            policy.refresh_token
        } else {
            policy.authorization_code + policy.access_token
        };
        let id = GrantId::random(&*inner.randomness);
        let grant = Grant {
            id,
            client_id: asked.client.id().clone(),
            subject: Some(Subject::User(authentication.subject().clone())),
            expires_at: now + lifetime,
            revoked_at: None,
            payload: Payload::new(Content::Grant(
                GrantPayload::new(scope, now.unix_timestamp())
                    .with_auth_time(authentication.auth_seconds())
                    .with_authentication(
                        authentication.acr_value().cloned(),
                        authentication.amr_values().to_vec(),
                    )
                    .with_audience(asked.audience.clone()),
            )),
        };
        let kind = CredentialKind::AuthorizationCode;
        let code = Secret::random(kind.prefix(), id.shard(), &*inner.randomness);
        let credential = Credential {
            key: code.key(),
            kind,
            expires_at: grant.expires_at.min(now + policy.authorization_code),
            spent_at: None,
            spent_by: None,
            payload: Payload::new(Content::AuthorizationCode(AuthorizationCodePayload {
                redirect_uri: asked.redirect.uri().clone(),
                code_challenge: asked.code_challenge.clone(),
            })),
        };
        match self.open_grant(&grant, &[credential], now).await {
            Ok(()) => {
                if let Content::Grant(granted) = grant.payload.content() {
                    let kind = EventKind::CodeIssued {
                        client_id: &grant.client_id,
                        subject: authentication.subject(),
                        grant: id,
                        scope: &granted.scope,
                        audience: granted.audience(),
                    };
                    self.emit(asked.origin.as_ref(), kind);
                }
                let parameters = [("code", code.expose())];
                AuthorizationResponse::to_client(&inner.issuer, &asked.redirect, &parameters)
            }
            Err(error) => self.refuse(asked.refused(error)),
        }
    }

    /// Tells the client that the user said no (`access_denied`).
    pub fn deny(&self, pending: PendingAuthorization) -> AuthorizationResponse {
        self.deny_asked(pending.asked, None)
    }

    pub(super) fn deny_asked(
        &self,
        asked: Asked,
        subject: Option<&UserId>,
    ) -> AuthorizationResponse {
        let client_id = asked.client.id();
        let kind = EventKind::ConsentDenied { client_id, subject };
        self.emit(asked.origin.as_ref(), kind);
        let denied = Rejection::new(ErrorCode::AccessDenied, "the user did not agree");
        self.send_refusal(&asked.redirect, &denied)
    }

    /// Tells the client why its request was refused (RFC 6749 section 4.1.2.1).
    pub fn refuse(&self, refused: RedirectedRejection) -> AuthorizationResponse {
        let RedirectedRejection {
            redirect,
            rejection,
            endpoint,
            origin,
        } = refused;
        self.emit_refusal(origin.as_ref(), endpoint, &rejection);
        self.send_refusal(&redirect, &rejection)
    }

    fn send_refusal(
        &self,
        redirect: &VerifiedRedirect,
        rejection: &Rejection,
    ) -> AuthorizationResponse {
        let parameters = [
            ("error", rejection.code().as_str()),
            ("error_description", rejection.description()),
        ];
        AuthorizationResponse::to_client(&self.inner().issuer, redirect, &parameters)
    }
}
