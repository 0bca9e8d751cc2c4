use bytes::Bytes;
use http::{Method, Request, StatusCode};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tracing::Instrument;
use tracing::field::{Empty, display};

use super::authentication::Authentication;
use super::error::{AuthorizationError, AuthorizationRejection};
use super::pending::Asked;
use super::redirect::VerifiedRedirect;
use super::response::AuthorizationResponse;
use crate::client::GrantType;
use crate::credential::{CredentialKey, Secret, TICKET_PREFIX};
use crate::endpoint::{form_body, origin};
use crate::error::{ErrorCode, Rejection};
use crate::event::{Endpoint, EventKind};
use crate::parameters::Parameters;
use crate::redirect_uri::displayed_host;
use crate::request_origin::RequestOrigin;
use crate::resource::{Audience, ResourceIndicator};
use crate::scope::Scope;
use crate::server::AuthorizationServer;
use crate::store::{Consent, Content, ParkedAuthorization, ParkedRequest, Payload};
use crate::subject::{Subject, UserId};

/// What the consent page shows and carries.
///
/// The page posts a form to [`action`](Self::action), with the fields `ticket` and `decision` (`allow` or
/// `deny`).
#[derive(Debug)]
pub struct ConsentPrompt {
    action: String,
    ticket: Secret,
    user: UserId,
    client_id: String,
    client_name: String,
    redirect_host: String,
    scopes: Vec<RequestedScope>,
    resources: Audience,
}

/// One value of the scope that is asked for.
#[derive(Clone, Debug)]
pub struct RequestedScope {
    name: String,
    description: String,
    granted_before: bool,
}

impl RequestedScope {
    /// The value.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it allows, in words; the value itself where the server was given no words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether the user has allowed it to this client before, for all [resources](ConsentPrompt::resources)
    /// that are asked for.
    pub fn granted_before(&self) -> bool {
        self.granted_before
    }
}

impl ConsentPrompt {
    /// Where the form is posted to: the path of the consent endpoint
    /// ([`Paths::consent`](crate::Paths::consent)), from the root of the issuer's host.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The value of the hidden field `ticket`. It is good for one decision, by this user in this
    /// session.
    pub fn ticket(&self) -> &str {
        self.ticket.expose()
    }

    /// Who is asked.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The `client_id`.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client's name, as registered. Show it as a claim, not as a fact.
    pub fn client_name(&self) -> &str {
        &self.client_name
    }

    /// The host the response goes to, which is what the user can judge the client by; the scheme of a
    /// private-use redirect URI.
    pub fn redirect_host(&self) -> &str {
        &self.redirect_host
    }

    /// What is asked for.
    pub fn scopes(&self) -> &[RequestedScope] {
        &self.scopes
    }

    /// The APIs for which it is asked for (RFC 8707 section 2), as the server spells them; empty when it is for
    /// all of them.
    pub fn resources(&self) -> &[ResourceIndicator] {
        self.resources.resources()
    }
}

const STALE: Rejection = Rejection::invalid_request(
    "this page has expired or was answered before: go back to the application and start again",
);

impl AuthorizationServer {
    /// Parks a request for the user's decision.
    pub(super) async fn park(
        &self,
        asked: Asked,
        user: &Authentication,
        consent: Option<Consent>,
    ) -> Result<ConsentPrompt, AuthorizationRejection> {
        let inner = self.inner();
        let [first, second, ..]: [u8; 32] = Sha256::digest(user.subject().as_str()).into();
        let shard = u16::from_be_bytes([first, second]);
        let ticket = Secret::random(TICKET_PREFIX, shard, &*inner.randomness);
        let now = self.now();
        let parked = ParkedRequest {
            key: ticket.key(),
            owner: Subject::User(user.subject().clone()),
            expires_at: now + inner.policy.parked_request,
            payload: Payload::new(Content::ParkedAuthorization(Box::new(
                ParkedAuthorization {
                    client_id: asked.client.id().clone(),
                    user: user.subject().clone(),
                    session: *user.session(),
                    redirect_uri: asked.redirect.uri().clone(),
                    scope: asked.scope.clone(),
                    audience: asked.audience.clone(),
                    state: asked.redirect.state.clone(),
                    response_mode: asked.redirect.response_mode,
                    code_challenge: asked.code_challenge.clone(),
                },
            ))),
        };
        if let Err(error) = inner.requests.put(&parked, now).await {
            return Err(asked.refused(error).into());
        }
        let allowed = consent.as_ref().map(Consent::allowed);
        let before = |name: &str| {
            let allowed = allowed.as_ref();
            allowed.is_some_and(|allowed| allowed.covers(name, &asked.audience))
        };
        let scopes = asked.scope.values().map(|name| RequestedScope {
            name: name.to_owned(),
            description: self.scope_description(name).to_owned(),
            granted_before: before(name),
        });
        Ok(ConsentPrompt {
            action: format!("{}{}", inner.issuer.path(), inner.paths.consent),
            ticket,
            user: user.subject().clone(),
            client_id: asked.client.id().to_string(),
            client_name: asked.client.name().to_owned(),
            redirect_host: displayed_host(asked.redirect.uri()),
            scopes: scopes.collect(),
            resources: self.own_spelling(&asked.audience),
        })
    }

    /// Takes the decision that a consent page posted (fields `ticket` and `decision`), by the user who
    /// is signed in, for the whole scope that was asked for.
    ///
    /// Only the session that was shown the page can decide, once. A consent is remembered.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`] with a page for the human: the form is malformed, the ticket has
    /// expired, was used or belongs to another session, or the store failed.
    pub async fn decide(
        &self,
        request: &Request<Bytes>,
        authentication: Option<&Authentication>,
    ) -> Result<AuthorizationResponse, AuthorizationError> {
        self.decide_granting(request, authentication, None).await
    }

    /// As [`decide`](Self::decide), but an `allow` grants only what is also in `granted`, for hosts
    /// that let the user choose.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    pub async fn decide_granting(
        &self,
        request: &Request<Bytes>,
        authentication: Option<&Authentication>,
        granted: Option<&Scope>,
    ) -> Result<AuthorizationResponse, AuthorizationError> {
        let span = tracing::info_span!("decide", client_id = Empty, outcome = Empty);
        let answer = async {
            let answer = self.try_decide(request, authentication, granted).await;
            let (outcome, answer) = match answer {
                Ok(response) => ("decided", Ok(response)),
                Err(AuthorizationRejection::Redirected(refused)) => {
                    let outcome = refused.rejection().code().as_str();
                    (outcome, Ok(self.refuse(refused)))
                }
                Err(AuthorizationRejection::Local(rejection)) => {
                    let outcome = rejection.code().as_str();
                    let origin = origin(request);
                    let error = self.refuse_locally(rejection, Endpoint::Consent, origin);
                    (outcome, Err(error))
                }
            };
            tracing::Span::current().record("outcome", outcome);
            answer
        };
        answer.instrument(span).await
    }

    async fn try_decide(
        &self,
        request: &Request<Bytes>,
        authentication: Option<&Authentication>,
        granted: Option<&Scope>,
    ) -> Result<AuthorizationResponse, AuthorizationRejection> {
        let (ticket, allow) = decision(request)?;
        let Some(user) = authentication else {
            return Err(Rejection::invalid_request(
                "you are not signed in: go back to the application and start again",
            )
            .with_status(StatusCode::FORBIDDEN)
            .into());
        };
        let now = self.now();
        let Some(ticket) = ticket else {
            return Err(STALE.into());
        };
        let asked = self
            .take_parked(&ticket, user, origin(request), now)
            .await?;
        if !allow {
            return Ok(self.deny_asked(asked, Some(user.subject())));
        }
        let granted = match granted {
            Some(granted) => asked.scope.intersection(granted),
            None => asked.scope.clone(),
        };
        if granted.is_empty() && !asked.scope.is_empty() {
            return Ok(self.deny_asked(asked, Some(user.subject())));
        }
        // What another program could receive is asked for each time, so it need not be remembered.
        let remembered = asked.may_skip_consent();
        if remembered {
            let recorded = self
                .inner()
                .consents
                .record(
                    user.subject(),
                    asked.client.id(),
                    (&granted, &asked.audience),
                    now,
                )
                .await;
            if let Err(error) = recorded {
                return Err(asked.refused(error).into());
            }
        }
        let kind = EventKind::ConsentGiven {
            client_id: asked.client.id(),
            subject: user.subject(),
            scope: &granted,
            audience: &asked.audience,
            remembered,
        };
        self.emit(asked.origin.as_ref(), kind);
        Ok(self.grant(asked, user, &granted, now).await)
    }

    /// Gives the parked request of a ticket to the user it was shown to, once.
    async fn take_parked(
        &self,
        ticket: &CredentialKey,
        user: &Authentication,
        origin: Option<&RequestOrigin>,
        now: OffsetDateTime,
    ) -> Result<Asked, AuthorizationRejection> {
        let inner = self.inner();
        // Looked at first, so that somebody else's attempt does not use the ticket up.
        let found = inner.requests.get(ticket, now).await?;
        shown_to(user, found.as_ref().map(|found| found.payload.content()))?;
        drop(found);
        let taken = inner.requests.take(ticket, now).await?;
        let Some(Content::ParkedAuthorization(parked)) =
            taken.map(|taken| taken.payload.into_content())
        else {
            return Err(STALE.into());
        };
        // The client may have changed since.
        let client = self.find_client(&parked.client_id).await?;
        tracing::Span::current().record("client_id", display(client.id()));
        let verified =
            VerifiedRedirect::verify_again(&client, parked.redirect_uri, &inner.undotted_schemes);
        let mut redirect = verified.map_err(|rejection| rejection.of_client(client.id()))?;
        redirect.state = parked.state;
        redirect.response_mode = parked.response_mode;
        let may_ask = client.allows(&GrantType::AUTHORIZATION_CODE);
        let scope = parked.scope.intersection(client.scope());
        let emptied = scope.is_empty() && !parked.scope.is_empty();
        let asked = Asked {
            scope,
            client,
            redirect,
            audience: parked.audience,
            code_challenge: parked.code_challenge,
            endpoint: Endpoint::Consent,
            origin: origin.cloned(),
        };
        if !may_ask {
            let rejection = Rejection::new(
                ErrorCode::UnauthorizedClient,
                "the client may no longer use the grant type authorization_code",
            );
            return Err(asked.refused(rejection).into());
        }
        if emptied {
            let rejection = Rejection::new(
                ErrorCode::InvalidScope,
                "the client may no longer have any of the scope",
            );
            return Err(asked.refused(rejection).into());
        }
        Ok(asked)
    }
}

/// Checks that the page of a parked request was shown to this user in this session.
fn shown_to(user: &Authentication, parked: Option<&Content>) -> Result<(), Rejection> {
    let Some(Content::ParkedAuthorization(parked)) = parked else {
        return Err(STALE);
    };
    if !user.is(&parked.user, &parked.session) {
        return Err(Rejection::invalid_request(
            "this page was shown to another session: go back to the application and start again",
        )
        .with_status(StatusCode::FORBIDDEN));
    }
    Ok(())
}

/// The ticket, and whether the user agreed. No ticket where it is none that the server made.
fn decision(request: &Request<Bytes>) -> Result<(Option<CredentialKey>, bool), Rejection> {
    if *request.method() != Method::POST {
        return Err(Rejection::invalid_request("a decision is posted")
            .with_status(StatusCode::METHOD_NOT_ALLOWED));
    }
    let form = Parameters::parse(form_body(request)?)?;
    let allow = match form.optional("decision")? {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(Rejection::invalid_request("decision must be allow or deny")),
    };
    let ticket = form.required("ticket", "ticket is missing")?;
    Ok((CredentialKey::of_prefixed(TICKET_PREFIX, ticket), allow))
}
