use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage, ResponseError};
use oauth_core::{RequiredScope, Requirement, ResourceServer, VerifiedToken};

use crate::bearer::BearerError;
use crate::body::head;

/// Protects all routes that it wraps: a request without an access token that meets what `S` requires is
/// refused with the challenge of RFC 6750.
///
/// Handlers find the [`VerifiedToken`] in the extensions.
///
/// ```
/// use actix_web::web::{ReqData, ServiceConfig, get, scope};
/// use oauth_actix::RequireToken;
/// use oauth_core::{AuthorizationServer, RequiredScope, VerifiedToken};
///
/// struct Profile;
///
/// impl RequiredScope for Profile {
///     const SCOPE: &'static str = "profile";
/// }
///
/// async fn whose(token: ReqData<VerifiedToken>) -> String {
///     token.subject().id().to_owned()
/// }
///
/// fn api(config: &mut ServiceConfig, server: &AuthorizationServer) {
///     let guarded = RequireToken::<Profile, _>::new(server.clone()).of_user();
///     config.service(scope("/api").wrap(guarded).route("/whose", get().to(whose)));
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

    async fn admit(&self, request: &ServiceRequest) -> Result<VerifiedToken, BearerError> {
        let head = head(request.request())?;
        let admitted = self.resource_server.admit(&head, &self.required);
        admitted.await.map_err(BearerError::new)
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

impl<S, R, Inner, B> Transform<Inner, ServiceRequest> for RequireToken<S, R>
where
    S: RequiredScope,
    R: ResourceServer + Clone,
    Inner: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = TokenRequired<S, R, Inner>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: Inner) -> Self::Future {
        ready(Ok(TokenRequired {
            middleware: self.clone(),
            inner: Rc::new(inner),
        }))
    }
}

/// What [`RequireToken`] makes of a service.
#[derive(Debug)]
pub struct TokenRequired<S, R, Inner> {
    middleware: RequireToken<S, R>,
    inner: Rc<Inner>,
}

impl<S, R, Inner, B> Service<ServiceRequest> for TokenRequired<S, R, Inner>
where
    S: RequiredScope,
    R: ResourceServer + Clone,
    Inner: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (middleware, inner) = (self.middleware.clone(), Rc::clone(&self.inner));
        Box::pin(async move {
            match middleware.admit(&request).await {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    Ok(inner.call(request).await?.map_into_left_body())
                }
                Err(refused) => {
                    let response = refused.error_response().map_into_right_body();
                    Ok(request.into_response(response))
                }
            }
        })
    }
}
