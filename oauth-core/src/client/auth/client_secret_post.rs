use super::{ClientRequest, PresentedClient};
use crate::error::Rejection;

/// `client_secret_post`: `client_id` and `client_secret` in the form (RFC 6749 section 2.3.1).
pub(super) fn identify<'r>(
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
