use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::{Client, ClientAuthentication, PresentedClient, TokenEndpointAuthMethod};
use crate::error::{Rejection, StoreError};
use crate::parameters::Parameters;

/// `none`: a public client only says who it is (RFC 6749 section 3.2.1).
pub(crate) struct NoAuthentication;

#[async_trait]
impl ClientAuthentication for NoAuthentication {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::NONE
    }

    fn identify<'r>(
        &self,
        headers: &'r HeaderMap,
        parameters: &'r Parameters<'_>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        let other = headers.contains_key(AUTHORIZATION)
            || ["client_secret", "client_assertion"]
                .iter()
                .any(|name| parameters.all(name).next().is_some());
        if other {
            return Ok(None);
        }
        Ok(parameters
            .optional("client_id")?
            .map(|id| PresentedClient::new(id, None)))
    }

    async fn verify(
        &self,
        _presented: &PresentedClient<'_>,
        _client: &Client,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }
}
