use std::fmt;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Responder, ResponseError};
use bytes::Bytes;
use oauth_core::{
    Authentication, AuthorizationServer, ConsentPrompt, LoginPrompt, Parameters, Scope,
};

use crate::app_data::shared;
use crate::body::{Extraction, read, response};

/// A request to the authorization endpoint, for the host's authorize handler. The handler is mounted
/// for GET, HEAD and POST at [`AuthorizationServer::authorization_path`].
pub struct AuthorizationRequest {
    server: AuthorizationServer,
    request: http::Request<Bytes>,
}

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

impl AuthorizationRequest {
    /// Says what the host has to do, given who is signed in;
    /// see [`AuthorizationServer::interact`].
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`] with a page for the human, when the client must not be told.
    pub async fn evaluate(
        self,
        authentication: Option<Authentication>,
    ) -> Result<Interaction, AuthorizationError> {
        let interaction = self
            .server
            .interact(&self.request, authentication.as_ref())
            .await;
        Ok(match interaction.map_err(AuthorizationError)? {
            oauth_core::Interaction::Login(login) => Interaction::Login(login),
            oauth_core::Interaction::Consent(prompt) => Interaction::Consent(prompt),
            oauth_core::Interaction::Done(response) => {
                Interaction::Done(AuthorizationResponse(response))
            }
        })
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The headers hold the session cookie.
        write!(formatter, "AuthorizationRequest({})", self.request.method())
    }
}

impl FromRequest for AuthorizationRequest {
    type Error = Error;
    type Future = Extraction<Self, Error>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            Ok(Self {
                server: shared::<AuthorizationServer>(&request)?,
                request: read(&request, payload).await?,
            })
        })
    }
}

/// The answer of the consent page, for the host's consent handler: a form with the fields `ticket`
/// and `decision` (`allow` or `deny`).
pub struct ConsentDecision {
    server: AuthorizationServer,
    request: http::Request<Bytes>,
    granted: Option<Scope>,
}

impl ConsentDecision {
    /// The fields of the form, where a host finds what its own inputs say: check boxes for scope
    /// values, for [`granting`](Self::granting). `None` when the form is malformed, which
    /// [`by`](Self::by) then answers.
    pub fn form(&self) -> Option<Parameters<'_>> {
        Parameters::parse(self.request.body()).ok()
    }

    /// Grants only what is also in `scope`, for hosts that let the user choose.
    #[must_use]
    pub fn granting(mut self, scope: Scope) -> Self {
        self.granted = Some(scope);
        self
    }

    /// The decision of the user who is signed in; see [`AuthorizationServer::decide`].
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`] with a page for the human: the form is malformed, the ticket has
    /// expired, was used or belongs to another session, or the store failed.
    pub async fn by(
        self,
        authentication: Option<Authentication>,
    ) -> Result<AuthorizationResponse, AuthorizationError> {
        self.server
            .decide_granting(
                &self.request,
                authentication.as_ref(),
                self.granted.as_ref(),
            )
            .await
            .map(AuthorizationResponse)
            .map_err(AuthorizationError)
    }
}

impl fmt::Debug for ConsentDecision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The headers hold the session cookie, the body the ticket.
        write!(formatter, "ConsentDecision({})", self.request.method())
    }
}

impl FromRequest for ConsentDecision {
    type Error = Error;
    type Future = Extraction<Self, Error>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            Ok(Self {
                server: shared::<AuthorizationServer>(&request)?,
                request: read(&request, payload).await?,
                granted: None,
            })
        })
    }
}

/// What the browser is sent in the end.
#[derive(Debug)]
pub struct AuthorizationResponse(oauth_core::AuthorizationResponse);

impl AuthorizationResponse {
    /// The response, for handlers that answer with different ones.
    pub fn into_response(self) -> HttpResponse {
        response(self.0.into_http())
    }
}

impl Responder for AuthorizationResponse {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}

/// A refusal that is shown to the human, with its page
/// ([`error_page`](oauth_core::AuthorizationServerBuilder::error_page) renders it).
#[derive(Debug)]
pub struct AuthorizationError(oauth_core::AuthorizationError);

impl AuthorizationError {
    /// The core's error.
    pub fn into_inner(self) -> oauth_core::AuthorizationError {
        self.0
    }
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl ResponseError for AuthorizationError {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        response(self.0.response().clone())
    }
}
