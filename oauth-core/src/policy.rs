//! How long things live, and what ends with what.

use std::time::Duration;

/// The lifetimes that the server gives, and what revocation ends.
///
/// # Defaults
///
/// | lifetime | default | range |
/// |---|---|---|
/// | [`authorization_code`](Self::authorization_code) | 60 seconds | 1 second to 10 minutes |
/// | [`access_token`](Self::access_token) | 1 hour | 1 second to 10 years |
/// | [`refresh_token`](Self::refresh_token) | 30 days | 1 second to 10 years |
/// | [`refresh_retry_window`](Self::refresh_retry_window) | 0, which is off | 0 to 60 seconds |
/// | [`parked_request`](Self::parked_request) | 10 minutes | 1 second to 1 day |
///
/// A value out of range is reported by
/// [`build`](crate::AuthorizationServerBuilder::build).
///
/// ```
/// use std::time::Duration;
/// use oauth_core::Policy;
///
/// let policy = Policy::default().access_token(Duration::from_secs(600));
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) authorization_code: Duration,
    pub(crate) access_token: Duration,
    pub(crate) refresh_token: Duration,
    pub(crate) refresh_retry_window: Duration,
    pub(crate) parked_request: Duration,
    pub(crate) access_token_revocation: AccessTokenRevocation,
}

/// What ends when a client revokes an access token
/// ([RFC 7009 section 2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1)). A revoked refresh token
/// always ends its grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessTokenRevocation {
    /// The access token alone.
    #[default]
    Token,
    /// The grant, and with it every token under it.
    Grant,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            authorization_code: Duration::from_secs(60),
            access_token: Duration::from_secs(60 * 60),
            refresh_token: Duration::from_secs(30 * 24 * 60 * 60),
            refresh_retry_window: Duration::ZERO,
            parked_request: Duration::from_secs(10 * 60),
            access_token_revocation: AccessTokenRevocation::default(),
        }
    }
}

const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Policy {
    /// How long an authorization code can be exchanged (RFC 6749 section 4.1.2).
    #[must_use]
    pub fn authorization_code(mut self, lifetime: Duration) -> Self {
        self.authorization_code = lifetime;
        self
    }

    /// How long an access token is accepted; never longer than its grant.
    #[must_use]
    pub fn access_token(mut self, lifetime: Duration) -> Self {
        self.access_token = lifetime;
        self
    }

    /// How long a grant with refresh tokens lives, counted from the approval. Refreshing does not
    /// prolong it.
    #[must_use]
    pub fn refresh_token(mut self, lifetime: Duration) -> Self {
        self.refresh_token = lifetime;
        self
    }

    /// How long after its first use a refresh token may be presented again by a client that lost
    /// the response; it is then given the same successor once more.
    ///
    /// Zero turns this off: a connection lost in mid-refresh then costs the user a login, because a
    /// second use looks like theft (RFC 9700 section 4.14.2). Needs
    /// [`rotation_keys`](crate::AuthorizationServerBuilder::rotation_keys).
    #[must_use]
    pub fn refresh_retry_window(mut self, window: Duration) -> Self {
        self.refresh_retry_window = window;
        self
    }

    /// How long a consent page that was shown can be answered.
    #[must_use]
    pub fn parked_request(mut self, lifetime: Duration) -> Self {
        self.parked_request = lifetime;
        self
    }

    /// What ends when a client revokes an access token. Default: the token alone.
    #[must_use]
    pub fn access_token_revocation(mut self, ends: AccessTokenRevocation) -> Self {
        self.access_token_revocation = ends;
        self
    }

    /// What is out of range, one sentence each.
    pub(crate) fn problems(&self) -> impl Iterator<Item = String> {
        let second = Duration::from_secs(1);
        [
            (
                "authorization_code",
                self.authorization_code,
                second,
                Duration::from_secs(600),
            ),
            ("access_token", self.access_token, second, YEARS),
            ("refresh_token", self.refresh_token, second, YEARS),
            (
                "refresh_retry_window",
                self.refresh_retry_window,
                Duration::ZERO,
                Duration::from_secs(60),
            ),
            (
                "parked_request",
                self.parked_request,
                second,
                Duration::from_secs(24 * 60 * 60),
            ),
        ]
        .into_iter()
        .filter(|(_, value, least, most)| value < least || value > most)
        .map(|(name, _, least, most)| {
            format!(
                "the lifetime {name} must be from {} to {} seconds",
                least.as_secs(),
                most.as_secs()
            )
        })
    }
}
