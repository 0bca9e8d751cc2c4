use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};

use crate::authorization::{
    Authentication, AuthorizationResponse, Interaction, ResourceOwner, page,
};
use crate::event::Endpoint;
use crate::server::AuthorizationServer;

impl AuthorizationServer {
    /// Answers a request to the authorization endpoint (RFC 6749 section 3.1), for a host that leaves it
    /// to the framework: sends the browser to the login page, shows the consent page, or sends the
    /// response to the client.
    pub async fn authorization_endpoint(
        &self,
        owner: &dyn ResourceOwner,
        request: Request<Bytes>,
    ) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let user = match self.user(owner, &parts, Endpoint::Authorization).await {
            Ok(user) => user,
            Err(response) => return response,
        };
        let request = Request::from_parts(parts, body);
        let interaction = self.interact(&request, user.as_ref()).await;
        let (parts, _) = request.into_parts();
        match interaction {
            Ok(Interaction::Login(login)) => {
                let login_page = owner.login_page(&parts, &login);
                let location = login_page.location(self.issuer(), &login);
                AuthorizationResponse::redirect(location).into_http()
            }
            Ok(Interaction::Consent(prompt)) => match owner.consent_page(&parts, &prompt).await {
                Ok(html) => page(StatusCode::OK, html),
                Err(error) => {
                    let origin = parts.extensions.get();
                    let endpoint = Endpoint::Authorization;
                    self.refuse_locally(error.into(), endpoint, origin)
                        .into_http()
                }
            },
            Ok(Interaction::Done(response)) => response.into_http(),
            Err(error) => error.into_http(),
        }
    }

    /// Answers the form of the consent page, for a host that leaves it to the framework.
    pub async fn consent_endpoint(
        &self,
        owner: &dyn ResourceOwner,
        request: Request<Bytes>,
    ) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let user = match self.user(owner, &parts, Endpoint::Consent).await {
            Ok(user) => user,
            Err(response) => return response,
        };
        let request = Request::from_parts(parts, body);
        match self.decide(&request, user.as_ref()).await {
            Ok(response) => response.into_http(),
            Err(error) => error.into_http(),
        }
    }

    async fn user(
        &self,
        owner: &dyn ResourceOwner,
        request: &Parts,
        endpoint: Endpoint,
    ) -> Result<Option<Authentication>, Response<Bytes>> {
        let user = owner.authentication(request).await;
        user.map_err(|error| {
            let origin = request.extensions.get();
            self.refuse_locally(error.into(), endpoint, origin)
                .into_http()
        })
    }
}
