use http::header::AUTHORIZATION;

use super::{ClientRequest, PresentedClient};
use crate::error::Rejection;

/// `none`: a public client only says who it is (RFC 6749 section 3.2.1).
pub(super) fn identify<'r>(
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
