use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRef, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oauth_core::{
    Authentication, AuthorizationServer, ConsentPrompt, LoginPrompt, Parameters, Scope,
};

use crate::body::{read, response};

/// A request to the authorization endpoint, for the host's authorize handler. The handler is mounted
/// for GET and POST at [`AuthorizationServer::authorization_path`].
pub struct AuthorizationRequest {
    server: AuthorizationServer,
    request: http::Request<Bytes>,
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The request holds the host's cookies.
        formatter
            .debug_struct("AuthorizationRequest")
            .field("method", self.request.method())
            .finish_non_exhaustive()
    }
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

impl<S> FromRequest<S> for AuthorizationRequest
where
    S: Send + Sync,
    AuthorizationServer: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            server: AuthorizationServer::from_ref(state),
            request: read(request).await,
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

impl fmt::Debug for ConsentDecision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The request holds the host's cookies and the ticket.
        formatter
            .debug_struct("ConsentDecision")
            .field("granted", &self.granted)
            .finish_non_exhaustive()
    }
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

impl<S> FromRequest<S> for ConsentDecision
where
    S: Send + Sync,
    AuthorizationServer: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let server = AuthorizationServer::from_ref(state);
        Ok(Self {
            server,
            request: read(request).await,
            granted: None,
        })
    }
}

/// What the browser is sent in the end.
#[derive(Debug)]
pub struct AuthorizationResponse(oauth_core::AuthorizationResponse);

impl IntoResponse for AuthorizationResponse {
    fn into_response(self) -> Response {
        response(self.0.into_http())
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

impl IntoResponse for AuthorizationError {
    fn into_response(self) -> Response {
        response(self.0.into_http())
    }
}
