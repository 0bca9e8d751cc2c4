use async_trait::async_trait;

use super::{
    Client, ClientAuthentication, ClientRequest, PresentedClient, TokenEndpointAuthMethod,
};
use crate::error::{Rejection, StoreError};

/// `client_secret_post`: `client_id` and `client_secret` in the form (RFC 6749 section 2.3.1).
pub(crate) struct ClientSecretPost;

#[async_trait]
impl ClientAuthentication for ClientSecretPost {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::CLIENT_SECRET_POST
    }

    fn identify<'r>(
        &self,
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        let Some(secret) = request.parameters().optional("client_secret")? else {
            return Ok(None);
        };
        let id = request
            .parameters()
            .optional("client_id")?
            .unwrap_or_default();
        Ok(Some(PresentedClient::new(id, Some(secret.to_owned()))))
    }

    async fn verify(
        &self,
        _request: &ClientRequest<'_>,
        presented: &PresentedClient<'_>,
        client: &Client,
    ) -> Result<bool, StoreError> {
        Ok(client.accepts_secret(presented.secret()))
    }
}
