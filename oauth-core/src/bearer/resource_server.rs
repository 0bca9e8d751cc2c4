use http::request::Parts;

use super::guard::Guard;
use super::rejection::BearerRejection;
use super::requirement::Requirement;
use super::token::VerifiedToken;
use crate::server::AuthorizationServer;
use crate::subject::UserId;

/// Guards protected routes: takes the access token from a request and checks it.
///
/// [`AuthorizationServer`] guards an API beside it,
/// [`ProtectedResource`](crate::ProtectedResource) one in its own process.
///
/// ```
/// use http::request::Parts;
/// use oauth_core::{
///     AuthorizationServer, BearerRejection, Requirement, ResourceServer, UserId, VerifiedToken,
/// };
///
/// /// A service with an API, for the extractors of an adapter.
/// #[derive(Clone)]
/// struct Service(AuthorizationServer);
///
/// impl ResourceServer for Service {
///     async fn authenticate(
///         &self,
///         request: &Parts,
///         required: &Requirement<'_>,
///     ) -> Result<VerifiedToken, BearerRejection> {
///         self.0.authenticate(request, required).await
///     }
///
///     async fn authenticate_user(
///         &self,
///         request: &Parts,
///         required: &Requirement<'_>,
///     ) -> Result<(VerifiedToken, UserId), BearerRejection> {
///         self.0.authenticate_user(request, required).await
///     }
/// }
/// ```
pub trait ResourceServer: Send + Sync + 'static {
    /// The token of the request, if it counts, is for this resource and meets the requirement.
    ///
    /// Only the `Authorization` header counts; a token in the query is refused (RFC 9700 section
    /// 4.3.2).
    ///
    /// # Errors
    ///
    /// [`BearerRejection`], which makes the response with its challenge (RFC 6750 section 3, RFC 9470
    /// section 3, RFC 9728 section 5.1).
    fn authenticate(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> impl Future<Output = Result<VerifiedToken, BearerRejection>> + Send;

    /// As [`authenticate`](Self::authenticate), for a resource that belongs to a user: a token that
    /// acts for a client on its own is refused with 403.
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    fn authenticate_user(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> impl Future<Output = Result<(VerifiedToken, UserId), BearerRejection>> + Send;
}

impl AuthorizationServer {
    fn guard<'a>(&'a self, required: &'a Requirement<'a>) -> Guard<'a> {
        let inner = self.inner();
        Guard {
            realm: inner.issuer.as_str(),
            published: inner.protected_resource.as_ref(),
            clock: &*inner.clock,
            required,
        }
    }
}

impl ResourceServer for AuthorizationServer {
    async fn authenticate(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<VerifiedToken, BearerRejection> {
        let guard = self.guard(required);
        let admitted = match guard.presented(request) {
            Ok(token) => guard.admit(self.verify_access_token(token).await),
            Err(rejection) => Err(rejection),
        };
        admitted.inspect_err(|rejection| self.emit(request.extensions.get(), rejection.event()))
    }

    async fn authenticate_user(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> Result<(VerifiedToken, UserId), BearerRejection> {
        let token = self.authenticate(request, required).await?;
        let admitted = self.guard(required).admit_user(token);
        admitted.inspect_err(|rejection| self.emit(request.extensions.get(), rejection.event()))
    }
}
