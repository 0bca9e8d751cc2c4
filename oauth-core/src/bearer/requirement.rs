use std::time::Duration;

/// What a protected route requires of an access token, as a type for the adapters' extractors and
/// layers.
///
/// ```
/// use std::time::Duration;
/// use oauth_core::RequiredScope;
///
/// struct Profile;
///
/// impl RequiredScope for Profile {
///     const SCOPE: &'static str = "profile";
/// }
///
/// /// Money moves only for a user who has signed in with two factors within the last five minutes.
/// struct Transfer;
///
/// impl RequiredScope for Transfer {
///     const SCOPE: &'static str = "transfer";
///     const ACR_VALUES: &'static str = "urn:example:two-factors";
///     const MAX_AGE: Option<Duration> = Some(Duration::from_secs(300));
/// }
/// ```
pub trait RequiredScope: Send + Sync + 'static {
    /// One or more scope values separated by spaces; the token must have all of them. Empty for none.
    const SCOPE: &'static str;
    /// Authentication context classes separated by spaces, by one of which the user must have signed
    /// in ([RFC 9470 section 3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). Empty for any.
    const ACR_VALUES: &'static str = "";
    /// How long ago the user may have signed in, in whole seconds (RFC 9470 section 3). `None` for any
    /// time.
    const MAX_AGE: Option<Duration> = None;
}

/// Nothing is required: any valid token will do.
#[derive(Clone, Copy, Debug)]
pub struct NoScope;

impl RequiredScope for NoScope {
    const SCOPE: &'static str = "";
}

/// What a protected route requires of an access token, as a value.
///
/// ```
/// use oauth_core::Requirement;
///
/// let profile = Requirement::scope("profile");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Requirement<'a> {
    pub(super) scope: &'a str,
    pub(super) acr_values: &'a str,
    pub(super) max_age: Option<Duration>,
    pub(super) of_user: bool,
}

impl<'a> Requirement<'a> {
    /// All of these scope values, separated by spaces; none when empty.
    pub const fn scope(scope: &'a str) -> Self {
        Self {
            scope,
            acr_values: "",
            max_age: None,
            of_user: false,
        }
    }

    /// What the type says.
    pub const fn of<S: RequiredScope>() -> Requirement<'static> {
        Requirement {
            scope: S::SCOPE,
            acr_values: S::ACR_VALUES,
            max_age: S::MAX_AGE,
            of_user: false,
        }
    }

    /// Besides, a token that acts for a user; one that acts for a client on its own is refused with 403.
    #[must_use]
    pub const fn of_user(mut self) -> Self {
        self.of_user = true;
        self
    }

    /// Besides, a sign-in by one of these authentication context classes, separated by spaces (RFC
    /// 9470 section 3).
    #[must_use]
    pub const fn acr_values(mut self, acr_values: &'a str) -> Self {
        self.acr_values = acr_values;
        self
    }

    /// Besides, a sign-in that is at most so long ago, in whole seconds (RFC 9470 section 3).
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }
}
