//! What can go wrong, each with a sentence for the visitor.

use http::StatusCode;

/// Why the visitor sees no profile.
///
/// Sources are kept out on purpose: an error of the HTTP client or of the `oauth2` crate may quote
/// what the server sent, tokens included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The visitor pressed "deny".
    #[error("You declined. This app has received nothing and cannot read your profile.")]
    Declined,
    /// The server refused the authorization request for another reason.
    #[error("The service refused the request ({code}). {description}")]
    Refused { code: String, description: String },
    /// `state` is not one that this browser was given, or was used already.
    #[error(
        "This answer does not belong to a connection that was begun in this browser, or it came a \
         second time."
    )]
    UnknownState,
    /// `iss` names another server than the one that was asked (RFC 9207).
    #[error("This answer comes from another service than the one that was asked. It was not used.")]
    WrongIssuer,
    /// The response has neither a code nor an error.
    #[error("The service's answer is incomplete.")]
    Incomplete,
    /// Nothing to read with: not connected, or disconnected here.
    #[error("This app is not connected to your account.")]
    NotConnected,
    /// The service ended the grant: disconnected there, or its life is over.
    #[error("The service no longer lets this app read your profile. Connect again to go on.")]
    Ended,
    /// The granted scope does not cover the request.
    #[error("The service lets this app in, but not to your profile.")]
    Forbidden,
    /// The server cannot be reached, or does not answer in time.
    #[error("The service cannot be reached at the moment. Try again later.")]
    Unreachable,
    /// The server answered something that makes no sense here.
    #[error("The service gave an unexpected answer: {0}.")]
    Unexpected(&'static str),
}

impl Failure {
    /// The page's heading.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Declined => "Not connected",
            Self::NotConnected => "Not connected yet",
            Self::Ended => "Disconnected",
            Self::Unreachable => "No connection",
            _ => "That did not work",
        }
    }

    /// The page's status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            // To decline is a choice, and not to be connected a state: nothing failed.
            Self::Declined | Self::NotConnected | Self::Ended => StatusCode::OK,
            Self::Refused { .. } | Self::UnknownState | Self::WrongIssuer | Self::Incomplete => {
                StatusCode::BAD_REQUEST
            }
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unreachable | Self::Unexpected(_) => StatusCode::BAD_GATEWAY,
        }
    }
}
