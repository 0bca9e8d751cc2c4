use std::fmt;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use oauth_core::{
    AuthorizationServer, BearerRejection, ClientId, NoScope, RequiredScope, Requirement,
    ResourceServer, Scope, UserId, VerifiedToken,
};

use crate::app_data::{Unserved, shared};
use crate::body::{Extraction, head, response};

/// A valid access token that meets what `S` requires, whoever it acts for.
///
/// `R` checks it, and is found in the `app_data`: the authorization server for an API beside it, a
/// [`ProtectedResource`](oauth_core::ProtectedResource) for one in its own process.
#[derive(Debug)]
pub struct BearerToken<S = NoScope, R = AuthorizationServer>(
    VerifiedToken,
    PhantomData<fn() -> (S, R)>,
);

impl<S, R> BearerToken<S, R> {
    /// What the token says.
    pub fn token(&self) -> &VerifiedToken {
        &self.0
    }
}

impl<S: RequiredScope, R: ResourceServer + Clone> FromRequest for BearerToken<S, R> {
    type Error = BearerError;
    type Future = Extraction<Self, BearerError>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let resource_server: R = shared(&request)?;
            let (head, required) = (head(&request)?, Requirement::of::<S>());
            let token = resource_server.authenticate(&head, &required).await;
            Ok(Self(token.map_err(BearerError)?, PhantomData))
        })
    }
}

/// A valid access token that meets what `S` requires and acts for a user; `R` checks it, see
/// [`BearerToken`].
#[derive(Debug)]
pub struct UserToken<S = NoScope, R = AuthorizationServer> {
    token: VerifiedToken,
    user: UserId,
    checked: PhantomData<fn() -> (S, R)>,
}

impl<S, R> UserToken<S, R> {
    /// The user.
    pub fn subject(&self) -> &UserId {
        &self.user
    }

    /// The client that acts for the user.
    pub fn client_id(&self) -> &ClientId {
        self.token.client_id()
    }

    /// What the token may be used for.
    pub fn scope(&self) -> &Scope {
        self.token.scope()
    }

    /// Everything the token says.
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }
}

impl<S: RequiredScope, R: ResourceServer + Clone> FromRequest for UserToken<S, R> {
    type Error = BearerError;
    type Future = Extraction<Self, BearerError>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let resource_server: R = shared(&request)?;
            let (head, required) = (head(&request)?, Requirement::of::<S>());
            let admitted = resource_server.authenticate_user(&head, &required).await;
            let (token, user) = admitted.map_err(BearerError)?;
            Ok(Self {
                token,
                user,
                checked: PhantomData,
            })
        })
    }
}

/// Why a request to a protected route was refused; its response carries the challenge of RFC 6750.
#[derive(Debug)]
pub struct BearerError(BearerRejection);

impl BearerError {
    pub(crate) fn new(rejection: BearerRejection) -> Self {
        Self(rejection)
    }

    /// The core's refusal.
    pub fn into_inner(self) -> BearerRejection {
        self.0
    }
}

impl From<Unserved> for BearerError {
    fn from(_: Unserved) -> Self {
        Self(BearerRejection::server_error())
    }
}

impl fmt::Display for BearerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl ResponseError for BearerError {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        response(self.0.clone().into_http())
    }
}
