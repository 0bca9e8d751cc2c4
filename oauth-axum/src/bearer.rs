use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use oauth_core::{
    AuthorizationServer, BearerRejection, ClientId, NoScope, RequiredScope, Scope, UserId,
    VerifiedToken,
};

use crate::body::response;

/// A valid access token with the scope that `S` requires, whoever it acts for.
#[derive(Debug)]
pub struct BearerToken<S = NoScope>(VerifiedToken, PhantomData<fn() -> S>);

impl<S> BearerToken<S> {
    /// What the token says.
    pub fn token(&self) -> &VerifiedToken {
        &self.0
    }
}

impl<S, State> FromRequestParts<State> for BearerToken<S>
where
    S: RequiredScope,
    State: Send + Sync,
    AuthorizationServer: FromRef<State>,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, BearerError> {
        let server = AuthorizationServer::from_ref(state);
        let token = server
            .authenticate_bearer(parts, S::SCOPE)
            .await
            .map_err(BearerError)?;
        Ok(Self(token, PhantomData))
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

impl<S, State> FromRequestParts<State> for UserToken<S>
where
    S: RequiredScope,
    State: Send + Sync,
    AuthorizationServer: FromRef<State>,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, BearerError> {
        let server = AuthorizationServer::from_ref(state);
        let (token, user) = server
            .authenticate_user_bearer(parts, S::SCOPE)
            .await
            .map_err(BearerError)?;
        Ok(Self {
            token,
            user,
            required: PhantomData,
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

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        response(self.0.into_http())
    }
}
