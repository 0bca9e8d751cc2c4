use crate::client::GrantType;
use crate::client::auth::{AuthenticationMethod, ClientAuthentication};
use crate::grant::{GrantHandler, Handler};

/// The built-in grant types that the host has not replaced, then the host's; of several with one
/// name the last.
pub(super) fn with_built_in_grant_types(
    own: Vec<(GrantType, Box<dyn GrantHandler>)>,
) -> Vec<(GrantType, Handler)> {
    let built_in = [
        (GrantType::AUTHORIZATION_CODE, Handler::AuthorizationCode),
        (GrantType::REFRESH_TOKEN, Handler::RefreshToken),
        (GrantType::CLIENT_CREDENTIALS, Handler::ClientCredentials),
    ];
    let own = own
        .into_iter()
        .map(|(grant_type, handler)| (grant_type, Handler::Host(handler)));
    let mut grant_types: Vec<(GrantType, Handler)> = Vec::new();
    for (grant_type, handler) in built_in.into_iter().chain(own) {
        grant_types.retain(|(before, _)| *before != grant_type);
        grant_types.push((grant_type, handler));
    }
    grant_types
}

/// `none` comes last, see [`identify`](crate::client::auth::identify).
pub(super) fn with_built_in_authentication(
    own: Vec<Box<dyn ClientAuthentication>>,
) -> Vec<AuthenticationMethod> {
    let secrets = [
        AuthenticationMethod::ClientSecretBasic,
        AuthenticationMethod::ClientSecretPost,
    ];
    let own = own.into_iter().map(AuthenticationMethod::Host);
    let none = [AuthenticationMethod::NoAuthentication];
    secrets.into_iter().chain(own).chain(none).collect()
}
