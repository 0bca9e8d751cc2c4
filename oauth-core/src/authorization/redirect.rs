use std::fmt;
use std::sync::Arc;

use super::response::ResponseMode;
use crate::client::Client;
use crate::error::Rejection;
use crate::redirect_uri::RedirectUri;

/// Where a response may be sent: client and redirect URI have been checked.
///
/// This is the only way to a redirect, so nothing can be sent to an unchecked place.
#[derive(Clone)]
pub(crate) struct VerifiedRedirect {
    uri: Arc<str>,
    claimable: bool,
    pub(super) state: Option<String>,
    pub(super) response_mode: ResponseMode,
}

impl fmt::Debug for VerifiedRedirect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the state, which is the client's secret.
        write!(formatter, "VerifiedRedirect({:?})", self.uri)
    }
}

impl VerifiedRedirect {
    /// Checks a redirect URI against those of the client (RFC 6749 section 3.1.2.3). It may be left
    /// out only when the client has exactly one.
    pub(super) fn verify(
        client: &Client,
        requested: Option<&str>,
        undotted_schemes: &[String],
    ) -> Result<Self, Rejection> {
        let registered = registered(client, requested, undotted_schemes)?;
        let uri = requested.unwrap_or(registered.as_str()).into();
        Ok(Self::to(uri, registered))
    }

    /// Checks once more a redirect URI that a request was parked with.
    pub(super) fn verify_again(
        client: &Client,
        parked: Arc<str>,
        undotted_schemes: &[String],
    ) -> Result<Self, Rejection> {
        let registered = registered(client, Some(&parked), undotted_schemes)?;
        Ok(Self::to(parked, registered))
    }

    fn to(uri: Arc<str>, registered: &RedirectUri) -> Self {
        Self {
            uri,
            claimable: registered.is_claimable(),
            state: None,
            response_mode: ResponseMode::Query,
        }
    }

    pub(super) fn uri(&self) -> &Arc<str> {
        &self.uri
    }

    /// Whether other programs of the user's device could receive the response.
    pub(super) fn is_claimable(&self) -> bool {
        self.claimable
    }
}

fn registered<'c>(
    client: &'c Client,
    requested: Option<&str>,
    undotted_schemes: &[String],
) -> Result<&'c RedirectUri, Rejection> {
    let registered = match requested {
        Some(requested) => client
            .redirect_uris()
            .iter()
            .find(|uri| uri.matches(requested)),
        None => match client.redirect_uris() {
            [only] => Some(only),
            _ => {
                return Err(Rejection::invalid_request(
                    "redirect_uri is missing, and the client does not have exactly one",
                ));
            }
        },
    };
    let registered = registered.filter(|uri| {
        uri.undotted_scheme()
            .is_none_or(|scheme| undotted_schemes.iter().any(|it| it == scheme))
    });
    registered
        .ok_or_else(|| Rejection::invalid_request("redirect_uri is not registered for the client"))
}
