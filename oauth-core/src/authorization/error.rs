use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::page::{ErrorPage, ErrorPageRenderer, page};
use super::redirect::VerifiedRedirect;
use crate::error::{Rejection, StoreError};
use crate::event::Endpoint;
use crate::request_origin::RequestOrigin;
use crate::server::AuthorizationServer;

/// Why an authorization request was refused, and who is told.
#[derive(Debug)]
pub enum AuthorizationRejection {
    /// Client or redirect URI are not trustworthy, or nothing could be checked: the human sees a
    /// page of the server (RFC 6749 section 4.1.2.1).
    Local(Rejection),
    /// The client is told, at its redirect URI.
    Redirected(RedirectedRejection),
}

/// A refusal that the client is told at its redirect URI. It cannot be made before client and
/// redirect URI are verified.
#[derive(Debug)]
pub struct RedirectedRejection {
    pub(super) redirect: VerifiedRedirect,
    pub(super) rejection: Rejection,
    pub(super) endpoint: Endpoint,
    pub(super) origin: Option<RequestOrigin>,
}

impl RedirectedRejection {
    /// Why.
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }
}

impl From<Rejection> for AuthorizationRejection {
    fn from(rejection: Rejection) -> Self {
        Self::Local(rejection)
    }
}

impl From<StoreError> for AuthorizationRejection {
    fn from(error: StoreError) -> Self {
        Self::Local(error.into())
    }
}

impl From<RedirectedRejection> for AuthorizationRejection {
    fn from(rejection: RedirectedRejection) -> Self {
        Self::Redirected(rejection)
    }
}

/// A refusal that is shown to the human, with its page.
#[derive(Debug, thiserror::Error)]
#[error("{rejection}")]
pub struct AuthorizationError {
    rejection: Rejection,
    response: Box<Response<Bytes>>,
}

impl AuthorizationServer {
    /// Says that the human is refused, to the log and the sinks; gives the page.
    pub(crate) fn refuse_locally(
        &self,
        rejection: Rejection,
        endpoint: Endpoint,
        origin: Option<&RequestOrigin>,
    ) -> AuthorizationError {
        self.emit_refusal(origin, endpoint, &rejection);
        self.local_error(rejection, endpoint)
    }

    /// A refusal with its page.
    pub(super) fn local_error(
        &self,
        rejection: Rejection,
        endpoint: Endpoint,
    ) -> AuthorizationError {
        let methods = match endpoint {
            Endpoint::Consent => "POST",
            _ => "GET, HEAD, POST",
        };
        AuthorizationError::new(rejection, &self.inner().error_page, methods)
    }
}

impl AuthorizationError {
    fn new(rejection: Rejection, render: &ErrorPageRenderer, methods: &'static str) -> Self {
        let html = render(&ErrorPage(&rejection));
        let mut response = page(rejection.status(), html);
        if rejection.status() == StatusCode::METHOD_NOT_ALLOWED {
            // RFC 9110 section 15.5.6.
            let methods = HeaderValue::from_static(methods);
            response.headers_mut().insert(header::ALLOW, methods);
        }
        Self {
            response: Box::new(response),
            rejection,
        }
    }

    /// Why.
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// The page, for a framework that makes the response of an error it only borrows.
    pub fn response(&self) -> &Response<Bytes> {
        &self.response
    }

    /// The page.
    pub fn into_http(self) -> Response<Bytes> {
        *self.response
    }
}
