use std::fmt;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use oauth_core::{BearerRejection, ClientId, NoScope, RequiredScope, Scope, UserId, VerifiedToken};

use crate::app_data::{Unserved, server};
use crate::body::{Extraction, head, response};

/// A valid access token with the scope that `S` requires, whoever it acts for.
#[derive(Debug)]
pub struct BearerToken<S = NoScope>(VerifiedToken, PhantomData<fn() -> S>);

impl<S> BearerToken<S> {
    /// What the token says.
    pub fn token(&self) -> &VerifiedToken {
        &self.0
    }
}

impl<S: RequiredScope + 'static> FromRequest for BearerToken<S> {
    type Error = BearerError;
    type Future = Extraction<Self, BearerError>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = server(&request)?
                .authenticate_bearer(&head(&request)?, S::SCOPE)
                .await
                .map_err(BearerError)?;
            Ok(Self(token, PhantomData))
        })
    }
}

/// A valid access token with the scope that `S` requires, which acts for a user.
#[derive(Debug)]
pub struct UserToken<S = NoScope> {
    token: VerifiedToken,
    user: UserId,
    required: PhantomData<fn() -> S>,
}

impl<S> UserToken<S> {
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

impl<S: RequiredScope + 'static> FromRequest for UserToken<S> {
    type Error = BearerError;
    type Future = Extraction<Self, BearerError>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (token, user) = server(&request)?
                .authenticate_user_bearer(&head(&request)?, S::SCOPE)
                .await
                .map_err(BearerError)?;
            Ok(Self {
                token,
                user,
                required: PhantomData,
            })
        })
    }
}

/// Why a request to a protected route was refused; its response carries the challenge of RFC 6750.
#[derive(Debug)]
pub struct BearerError(BearerRejection);

impl BearerError {
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
