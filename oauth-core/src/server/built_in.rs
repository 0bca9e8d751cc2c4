use std::sync::Arc;

use crate::client::GrantType;
use crate::client::auth::{ClientAuthentication, Method};
use crate::grant::{
    AuthorizationCodeGrant, ClientCredentialsGrant, GrantHandler, RefreshTokenGrant,
};

pub(super) type GrantTypes = Vec<(GrantType, Arc<dyn GrantHandler>)>;

/// The built-in grant types that the host has not replaced, then the host's; of several with one
/// name the last.
pub(super) fn with_built_in_grant_types(own: GrantTypes) -> GrantTypes {
    let built_in: [(GrantType, Arc<dyn GrantHandler>); 3] = [
        (
            GrantType::AUTHORIZATION_CODE,
            Arc::new(AuthorizationCodeGrant),
        ),
        (GrantType::REFRESH_TOKEN, Arc::new(RefreshTokenGrant)),
        (
            GrantType::CLIENT_CREDENTIALS,
            Arc::new(ClientCredentialsGrant),
        ),
    ];
    let mut grant_types: GrantTypes = Vec::new();
    for (grant_type, handler) in built_in.into_iter().chain(own) {
        grant_types.retain(|(before, _)| *before != grant_type);
        grant_types.push((grant_type, handler));
    }
    grant_types
}

/// `none` comes last, see [`identify`](crate::client::auth::identify).
pub(super) fn with_built_in_authentication(own: Vec<Box<dyn ClientAuthentication>>) -> Vec<Method> {
    let secrets = [Method::ClientSecretBasic, Method::ClientSecretPost];
    let own = own.into_iter().map(Method::Own);
    let none = [Method::NoAuthentication];
    secrets.into_iter().chain(own).chain(none).collect()
}
