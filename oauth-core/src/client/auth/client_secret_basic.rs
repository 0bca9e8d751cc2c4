use async_trait::async_trait;
use base64::engine::general_purpose::STANDARD;
use base64::{Engine, decoded_len_estimate};
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::{
    Client, ClientAuthentication, ClientRequest, PresentedClient, TokenEndpointAuthMethod,
};
use crate::error::{ErrorCode, Rejection, StoreError};
use crate::parameters::decode_value;

const MALFORMED: Rejection = Rejection::new(
    ErrorCode::InvalidClient,
    "the Authorization header is malformed",
);

/// `client_secret_basic`: identifier and secret, each form-encoded, in an HTTP Basic header
/// (RFC 6749 section 2.3.1).
pub(crate) struct ClientSecretBasic;

#[async_trait]
impl ClientAuthentication for ClientSecretBasic {
    fn method(&self) -> TokenEndpointAuthMethod {
        TokenEndpointAuthMethod::CLIENT_SECRET_BASIC
    }

    fn identify<'r>(
        &self,
        request: &ClientRequest<'r>,
    ) -> Result<Option<PresentedClient<'r>>, Rejection> {
        let mut values = request.headers().get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Rejection::invalid_request(
                "the request has more than one Authorization header",
            ));
        }
        let value = value.to_str().map_err(|_| MALFORMED)?;
        let (scheme, credentials) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("Basic") {
            // Perhaps a method of the host. If it is nobody's, the authentication fails.
            return Ok(None);
        }
        let credentials = credentials.trim_matches(' ');
        // All the room that the decoder asks for, so that it does not leave a copy of a secret behind.
        let room = decoded_len_estimate(credentials.len());
        let mut decoded = Zeroizing::new(Vec::with_capacity(room));
        STANDARD
            .decode_vec(credentials, &mut decoded)
            .map_err(|_| MALFORMED)?;
        let colon = decoded
            .iter()
            .position(|byte| *byte == b':')
            .ok_or(MALFORMED)?;
        let (id, secret) = decoded.split_at(colon);
        let id = decode_value(id).ok_or(MALFORMED)?.into_owned();
        let secret = decode_value(secret.get(1..).unwrap_or_default()).ok_or(MALFORMED)?;
        Ok(Some(PresentedClient::new(id, Some(secret.into_owned()))))
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
