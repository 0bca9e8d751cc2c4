use bytes::Bytes;
use http::{Request, Response};

use crate::server::AuthorizationServer;

/// An endpoint that answers programs, for an adapter that mounts all there are.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use oauth_core::AuthorizationServer;
///
/// async fn route(server: &AuthorizationServer, request: &Request<Bytes>) -> Option<Response<Bytes>> {
///     let path = request.uri().path();
///     let mut endpoints = server.program_endpoints();
///     let endpoint = endpoints.find(|one| server.program_endpoint_path(*one) == path)?;
///     Some(server.program_endpoint(endpoint, request).await)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgramEndpoint {
    /// [`AuthorizationServer::token`] (RFC 6749 section 3.2).
    Token,
    /// [`AuthorizationServer::revoke`] (RFC 7009 section 2).
    Revocation,
    /// [`AuthorizationServer::introspect`] (RFC 7662 section 2).
    Introspection,
}

impl AuthorizationServer {
    /// The endpoints that answer programs, as far as they are enabled.
    pub fn program_endpoints(&self) -> impl Iterator<Item = ProgramEndpoint> + use<> {
        [
            ProgramEndpoint::Token,
            ProgramEndpoint::Revocation,
            ProgramEndpoint::Introspection,
        ]
        .into_iter()
    }

    /// Where such an endpoint is, below the issuer.
    pub fn program_endpoint_path(&self, endpoint: ProgramEndpoint) -> &str {
        let paths = &self.inner().paths;
        match endpoint {
            ProgramEndpoint::Token => &paths.token,
            ProgramEndpoint::Revocation => &paths.revocation,
            ProgramEndpoint::Introspection => &paths.introspection,
        }
    }

    /// Answers a request to such an endpoint.
    pub async fn program_endpoint(
        &self,
        endpoint: ProgramEndpoint,
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        match endpoint {
            ProgramEndpoint::Token => self.token(request).await,
            ProgramEndpoint::Revocation => self.revoke(request).await,
            ProgramEndpoint::Introspection => self.introspect(request).await,
        }
    }
}
