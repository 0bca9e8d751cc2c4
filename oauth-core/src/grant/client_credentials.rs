use super::{TokenRequest, TokenResponse};
use crate::error::{ErrorCode, Rejection};
use crate::subject::Subject;

/// `client_credentials` (RFC 6749 section 4.4): a confidential client acts for itself.
pub(super) async fn handle(request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
    let client = request.client();
    if client.is_public() {
        return Err(Rejection::new(
            ErrorCode::UnauthorizedClient,
            "a public client cannot use client_credentials",
        ));
    }
    let scope = request.scope_within(client.scope())?;
    request
        .open(Subject::Client(client.id().clone()), scope)
        .await
}
