use std::fmt;

use bytes::Bytes;
use http::{Method, Request};
use tracing::Instrument;
use tracing::field::Empty;

use super::authentication::Authentication;
use super::consent::ConsentPrompt;
use super::error::{AuthorizationError, AuthorizationRejection};
use super::pending::{Evaluation, PendingAuthorization};
use super::request::query_after_login;
use super::response::AuthorizationResponse;
use crate::event::Endpoint;
use crate::server::AuthorizationServer;

/// What the host does with an authorization request.
#[derive(Debug)]
pub enum Interaction {
    /// Show the login page, and come back.
    Login(LoginPrompt),
    /// Show the consent page.
    Consent(ConsentPrompt),
    /// Send this.
    Done(AuthorizationResponse),
}

impl Interaction {
    fn outcome(&self) -> &'static str {
        match self {
            Self::Login(_) => "login",
            Self::Consent(_) => "consent",
            Self::Done(_) => "done",
        }
    }
}

/// What the login page needs to know.
pub struct LoginPrompt {
    return_to: String,
    fresh: bool,
    login_hint: Option<String>,
    acr_values: Vec<String>,
    client_name: String,
}

impl fmt::Debug for LoginPrompt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The place to return to holds the request, the client's state included.
        let mut debug = formatter.debug_struct("LoginPrompt");
        debug
            .field("client_name", &self.client_name)
            .field("fresh", &self.fresh);
        debug.finish_non_exhaustive()
    }
}

impl LoginPrompt {
    /// Where the browser goes after the login: path and query, on the issuer's origin. It carries
    /// the whole request, which is validated again. A login page that gets it back from the browser
    /// checks it with [`AuthorizationServer::is_return_url`].
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// Whether a fresh login is demanded, so that even a user who is signed in must be shown the
    /// login page.
    pub fn is_fresh_login_demanded(&self) -> bool {
        self.fresh
    }

    /// The `login_hint`: whom the client expects at the browser. Anybody can have written it.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The authentication context classes, by one of which the user must sign in, the preferred first
    /// (RFC 9470 section 4); empty for any. Only those that the server's
    /// [`acr_value`](crate::AuthorizationServerBuilder::acr_value) has named.
    pub fn acr_values(&self) -> impl Iterator<Item = &str> {
        self.acr_values.iter().map(String::as_str)
    }

    /// The name of the client that asks.
    pub fn client_name(&self) -> &str {
        &self.client_name
    }
}

impl AuthorizationServer {
    /// Answers a request to the authorization endpoint as far as it can: validates it, looks at who
    /// is signed in and what that user has allowed before, and says what the host has to do.
    ///
    /// Nothing is written before the user is signed in. A valid POST is answered with a redirect to
    /// its GET form, because a cross-site POST comes without the host's `SameSite` cookies.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`] with a page for the human, when the client must not be told.
    pub async fn interact(
        &self,
        request: &Request<Bytes>,
        authentication: Option<&Authentication>,
    ) -> Result<Interaction, AuthorizationError> {
        let span = tracing::info_span!("authorize", client_id = Empty, outcome = Empty);
        let answer = async {
            let answer = self.try_interact(request, authentication).await;
            let (outcome, answer) = match answer {
                Ok(interaction) => (interaction.outcome(), Ok(interaction)),
                Err(AuthorizationRejection::Redirected(refused)) => {
                    let outcome = refused.rejection().code().as_str();
                    (outcome, Ok(Interaction::Done(self.refuse(refused))))
                }
                Err(AuthorizationRejection::Local(rejection)) => {
                    let outcome = rejection.code().as_str();
                    (
                        outcome,
                        Err(self.local_error(rejection, Endpoint::Authorization)),
                    )
                }
            };
            tracing::Span::current().record("outcome", outcome);
            answer
        };
        answer.instrument(span).await
    }

    async fn try_interact(
        &self,
        request: &Request<Bytes>,
        authentication: Option<&Authentication>,
    ) -> Result<Interaction, AuthorizationRejection> {
        let pending = self.authorize(request).await?;
        if *request.method() == Method::POST {
            let issuer = &self.inner().issuer;
            let url = self.return_url(query_of(request, &pending));
            let location = format!("{}{url}", issuer.origin());
            return Ok(Interaction::Done(AuthorizationResponse::redirect(location)));
        }
        let consent = match authentication {
            Some(user) => {
                let consents = &self.inner().consents;
                match consents
                    .find(user.subject(), pending.asked.client.id())
                    .await
                {
                    Ok(consent) => consent,
                    Err(error) => return Err(pending.asked.refused(error).into()),
                }
            }
            None => None,
        };
        let evaluation = pending.evaluate(authentication, consent.as_ref());
        let user = match (evaluation, authentication) {
            (Evaluation::Refuse(rejection), _) => {
                return Err(pending.asked.refused(rejection).into());
            }
            (Evaluation::Approve, Some(user)) if *request.method() != Method::HEAD => {
                let scope = pending.asked.scope.clone();
                return Ok(Interaction::Done(
                    self.grant(pending.asked, user, &scope, pending.received_at)
                        .await,
                ));
            }
            (Evaluation::Consent, Some(user)) if *request.method() != Method::HEAD => user,
            // RFC 9110 section 9.3.2: whoever asks with HEAD asks for nothing to happen.
            (Evaluation::Approve | Evaluation::Consent, Some(_)) => {
                return Ok(Interaction::Done(AuthorizationResponse::nothing()));
            }
            (Evaluation::Reauthenticate, _) => {
                return Ok(Interaction::Login(
                    self.login_prompt(request, pending, true),
                ));
            }
            (Evaluation::Login | Evaluation::Approve | Evaluation::Consent, _) => {
                return Ok(Interaction::Login(
                    self.login_prompt(request, pending, false),
                ));
            }
        };
        Ok(Interaction::Consent(
            self.park(pending.asked, user, consent).await?,
        ))
    }

    fn login_prompt(
        &self,
        request: &Request<Bytes>,
        pending: PendingAuthorization,
        again: bool,
    ) -> LoginPrompt {
        let query = query_of(request, &pending);
        let fresh = again || pending.demands_fresh_login();
        let return_to = if fresh {
            self.return_url(&query_after_login(query, pending.received_at))
        } else {
            self.return_url(query)
        };
        LoginPrompt {
            return_to,
            fresh,
            client_name: pending.asked.client.name().to_owned(),
            login_hint: pending.login_hint,
            acr_values: pending.acr_values,
        }
    }

    fn return_url(&self, query: &str) -> String {
        let inner = self.inner();
        format!(
            "{}{}?{query}",
            inner.issuer.path(),
            inner.paths.authorization
        )
    }

    /// Whether this is a URL as [`LoginPrompt::return_to`] gives them: the authorization endpoint of
    /// this server, path and query. A login page that redirects to anything else it was handed is an
    /// open redirector (RFC 9700 section 4.11).
    pub fn is_return_url(&self, url: &str) -> bool {
        let inner = self.inner();
        url.strip_prefix(inner.issuer.path())
            .and_then(|rest| rest.strip_prefix(inner.paths.authorization.as_str()))
            .and_then(|rest| rest.strip_prefix('?'))
            .is_some_and(|query| query.bytes().all(|byte| byte.is_ascii_graphic()))
    }
}

/// The whole request as a query.
fn query_of<'r>(request: &'r Request<Bytes>, pending: &'r PendingAuthorization) -> &'r str {
    let own = || request.uri().query().unwrap_or_default();
    pending.rewritten.as_deref().unwrap_or_else(own)
}
