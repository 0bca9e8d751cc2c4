use async_trait::async_trait;
use http::header::AUTHORIZATION;

use super::{
    Client, ClientAuthentication, ClientRequest, PresentedClient, TokenEndpointAuthMethod,
};
use crate::error::{Rejection, StoreError};

/// `none`: a public client only says who it is (RFC 6749 section 3.2.1).
pub(crate) struct NoAuthentication;

#[async_trait]
impl ClientAuthentication for NoAuthentication {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::NONE
    }

    fn identify<'r>(
        &self,
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        let other = request.headers().contains_key(AUTHORIZATION)
            || ["client_secret", "client_assertion"]
                .iter()
                .any(|name| request.parameters().all(name).next().is_some());
        if other {
            return Ok(None);
        }
        Ok(request
            .parameters()
            .optional("client_id")?
            .map(|id| PresentedClient::new(id, None)))
    }

    async fn verify(
        &self,
        _request: &ClientRequest<'_>,
        _presented: &PresentedClient<'_>,
        _client: &Client,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }
}
