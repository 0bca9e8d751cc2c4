use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use oauth_core::{BearerRejection, RequiredScope, Requirement, ResourceServer, VerifiedToken};
use tower_layer::Layer;
use tower_service::Service;

use crate::bearer::BearerError;
use crate::body::note_origin;

/// Protects all routes under it: a request without an access token that meets what `S` requires is refused
/// with the challenge of RFC 6750.
///
/// Handlers find the [`VerifiedToken`] in the extensions.
///
/// ```
/// use axum::routing::get;
/// use axum::{Extension, Router};
/// use oauth_axum::RequireToken;
/// use oauth_core::{AuthorizationServer, RequiredScope, VerifiedToken};
///
/// struct Profile;
///
/// impl RequiredScope for Profile {
///     const SCOPE: &'static str = "profile";
/// }
///
/// async fn whose(Extension(token): Extension<VerifiedToken>) -> String {
///     token.subject().id().to_owned()
/// }
///
/// fn api(server: &AuthorizationServer) -> Router {
///     Router::new()
///         .route("/api/whose", get(whose))
///         .route_layer(RequireToken::<Profile, _>::new(server.clone()).of_user())
/// }
/// ```
pub struct RequireToken<S, R> {
    resource_server: R,
    required: Requirement<'static>,
    scope: PhantomData<fn() -> S>,
}

impl<S: RequiredScope, R: ResourceServer + Clone> RequireToken<S, R> {
    /// Any token that `resource_server` admits: the authorization server for an API beside it, a
    /// [`ProtectedResource`](oauth_core::ProtectedResource) for one in its own process.
    pub fn new(resource_server: R) -> Self {
        Self {
            resource_server,
            required: Requirement::of::<S>(),
            scope: PhantomData,
        }
    }

    /// Only a token that acts for a user; others are refused with 403.
    #[must_use]
    pub fn of_user(mut self) -> Self {
        self.required = self.required.of_user();
        self
    }

    async fn admit(
        &self,
        request: &http::request::Parts,
    ) -> Result<VerifiedToken, BearerRejection> {
        self.resource_server.admit(request, &self.required).await
    }
}

impl<S, R: Clone> Clone for RequireToken<S, R> {
    fn clone(&self) -> Self {
        Self {
            resource_server: self.resource_server.clone(),
            ..*self
        }
    }
}

impl<S, R> fmt::Debug for RequireToken<S, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RequireToken");
        debug
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

impl<S, R: Clone, Inner> Layer<Inner> for RequireToken<S, R> {
    type Service = TokenRequired<S, R, Inner>;

    fn layer(&self, inner: Inner) -> Self::Service {
        TokenRequired {
            layer: self.clone(),
            inner,
        }
    }
}

/// What [`RequireToken`] makes of a service.
#[derive(Debug)]
pub struct TokenRequired<S, R, Inner> {
    layer: RequireToken<S, R>,
    inner: Inner,
}

impl<S, R: Clone, Inner: Clone> Clone for TokenRequired<S, R, Inner> {
    fn clone(&self) -> Self {
        Self {
            layer: self.layer.clone(),
            inner: self.inner.clone(),
        }
    }
}

impl<S, R, Inner> Service<Request> for TokenRequired<S, R, Inner>
where
    S: RequiredScope,
    R: ResourceServer + Clone,
    Inner: Service<Request, Error = Infallible> + Clone + Send + 'static,
    Inner::Response: IntoResponse,
    Inner::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let layer = self.layer.clone();
        // The one that is ready is used up; its clone takes its place.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            note_origin(&mut parts);
            match layer.admit(&parts).await {
                Ok(token) => {
                    parts.extensions.insert(token);
                    let response = inner.call(Request::from_parts(parts, body)).await?;
                    Ok(response.into_response())
                }
                Err(rejection) => Ok(BearerError::new(rejection).into_response()),
            }
        })
    }
}
