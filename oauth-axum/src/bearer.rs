use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use oauth_core::{
    AuthorizationServer, BearerRejection, ClientId, NoScope, RequiredScope, Requirement,
    ResourceServer, Scope, UserId, VerifiedToken,
};

use crate::body::{note_origin, response};

/// A valid access token that meets what `S` requires, whoever it acts for.
///
/// `R` checks it, and is found in the state: the authorization server for an API beside it, a
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

impl<S, R, State> FromRequestParts<State> for BearerToken<S, R>
where
    S: RequiredScope,
    R: ResourceServer + FromRef<State>,
    State: Send + Sync,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, BearerError> {
        note_origin(parts);
        let required = Requirement::of::<S>();
        let token = R::from_ref(state).authenticate(parts, &required).await;
        let token = token.map_err(BearerError)?;
        Ok(Self(token, PhantomData))
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

impl<S, R, State> FromRequestParts<State> for UserToken<S, R>
where
    S: RequiredScope,
    R: ResourceServer + FromRef<State>,
    State: Send + Sync,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, BearerError> {
        note_origin(parts);
        let required = Requirement::of::<S>();
        let admitted = R::from_ref(state).authenticate_user(parts, &required).await;
        let (token, user) = admitted.map_err(BearerError)?;
        Ok(Self {
            token,
            user,
            checked: PhantomData,
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

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        response(self.0.into_http())
    }
}
