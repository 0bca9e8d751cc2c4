//! Grant types at the token endpoint, one file for each.

mod authorization_code;
mod client_credentials;
mod refresh_token;
mod rotation;
mod token_request;

use async_trait::async_trait;

pub use rotation::RotationKey;
pub use token_request::{TokenRequest, TokenResponse};

use crate::error::Rejection;

/// What the token endpoint does for one `grant_type`.
///
/// The endpoint has authenticated the client and checked that it may use the grant type. A host adds
/// its own with
/// [`AuthorizationServerBuilder::grant_type`](crate::AuthorizationServerBuilder::grant_type).
///
/// ```
/// use async_trait::async_trait;
/// use oauth_core::grant::{GrantHandler, TokenRequest, TokenResponse};
/// use oauth_core::{ErrorCode, Rejection, Subject, UserId};
///
/// /// Exchanges a voucher that the host printed for a user.
/// struct VoucherGrant;
///
/// #[async_trait]
/// impl GrantHandler for VoucherGrant {
///     async fn handle(&self, request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection> {
///         let voucher = request.parameters().required("voucher", "voucher is missing")?;
///         if voucher != "open-sesame" {
///             return Err(Rejection::new(ErrorCode::InvalidGrant, "the voucher is not valid"));
///         }
///         let scope = request.scope_within(request.client().scope())?;
///         request.open(Subject::User(UserId::new("alice")), scope).await
///     }
/// }
/// ```
#[async_trait]
pub trait GrantHandler: Send + Sync + 'static {
    /// Answers a token request.
    ///
    /// # Errors
    ///
    /// The [`Rejection`] that the client is told.
    async fn handle(&self, request: &TokenRequest<'_>) -> Result<TokenResponse, Rejection>;
}

/// Who answers for one `grant_type`. The built-in ones need no future of their own on the heap.
pub(crate) enum Handler {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    Host(Box<dyn GrantHandler>),
}

impl Handler {
    pub(crate) async fn handle(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<TokenResponse, Rejection> {
        match self {
            Self::AuthorizationCode => authorization_code::handle(request).await,
            Self::RefreshToken => refresh_token::handle(request).await,
            Self::ClientCredentials => client_credentials::handle(request).await,
            Self::Host(handler) => handler.handle(request).await,
        }
    }
}

#[cfg(test)]
mod tests;
