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
///     AuthorizationServer, BearerRejection, Requirement, ResourceServer, VerifiedToken,
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

    /// As [`authenticate`](Self::authenticate) with [`Requirement::of_user`], and says which user.
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    fn authenticate_user(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> impl Future<Output = Result<(VerifiedToken, UserId), BearerRejection>> + Send {
        let required = required.of_user();
        async move {
            let token = self.authenticate(request, &required).await?;
            match token.user().cloned() {
                Some(user) => Ok((token, user)),
                // Whoever implements this did not ask for what is required.
                None => Err(BearerRejection::server_error()),
            }
        }
    }

    /// What a layer or a middleware asks: [`authenticate_user`](Self::authenticate_user) where the requirement is
    /// [`of_user`](Requirement::of_user), else [`authenticate`](Self::authenticate).
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    fn admit(
        &self,
        request: &Parts,
        required: &Requirement<'_>,
    ) -> impl Future<Output = Result<VerifiedToken, BearerRejection>> + Send {
        async move {
            if required.of_user {
                let (token, _) = self.authenticate_user(request, required).await?;
                return Ok(token);
            }
            self.authenticate(request, required).await
        }
    }
}

impl AuthorizationServer {
    fn guard<'a>(&'a self, required: &'a Requirement<'a>) -> Guard<'a> {
        let inner = self.inner();
        Guard {
            realm: inner.issuer.as_str(),
            published: inner.protected_resource.as_ref(),
            clock: &*inner.clock,
            event_sinks: &inner.event_sinks,
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
        let verify = |token| self.verify_access_token(token);
        self.guard(required).authenticate(request, verify).await
    }
}
