use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

use crate::subject::UserId;

/// What the host knows of the person at the browser.
///
/// ```
/// use oauth_core::{Authentication, UserId};
/// use time::OffsetDateTime;
///
/// let signed_in_at = OffsetDateTime::from_unix_timestamp(1_767_225_600)?;
/// let authentication = Authentication::new(UserId::new("alice"), "value of the session cookie")
///     .auth_time(signed_in_at);
/// # Ok::<(), time::error::ComponentRange>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authentication {
    subject: UserId,
    session: [u8; 32],
    auth_time: Option<OffsetDateTime>,
    acr: Option<Arc<str>>,
    amr: Vec<String>,
}

impl Authentication {
    /// A user who is signed in within this session.
    ///
    /// `session` is any value that is the same for each request of the session, differs between
    /// sessions and changes at login, the session identifier for example. Only its SHA-256 is kept.
    pub fn new(subject: UserId, session: impl AsRef<[u8]>) -> Self {
        Self {
            subject,
            session: Sha256::digest(session).into(),
            auth_time: None,
            acr: None,
            amr: Vec::new(),
        }
    }

    /// When the user last proved who they are. Without it, requests with `prompt=login` or `max_age`
    /// are answered `login_required`.
    #[must_use]
    pub fn auth_time(mut self, at: OffsetDateTime) -> Self {
        self.auth_time = Some(at);
        self
    }

    /// The authentication context class (OpenID Connect Core section 2). Kept with the grant, and
    /// told to protected resources (RFC 9470 section 6).
    #[must_use]
    pub fn acr(mut self, acr: impl Into<Arc<str>>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// The authentication methods (RFC 8176). Kept with the grant; nothing asks for them yet.
    #[must_use]
    pub fn amr(mut self, amr: impl IntoIterator<Item = String>) -> Self {
        self.amr = amr.into_iter().collect();
        self
    }

    /// The user.
    pub fn subject(&self) -> &UserId {
        &self.subject
    }

    pub(crate) fn session(&self) -> &[u8; 32] {
        &self.session
    }

    /// Unix time; `auth_time` is compared in whole seconds.
    pub(crate) fn auth_seconds(&self) -> Option<i64> {
        self.auth_time.map(OffsetDateTime::unix_timestamp)
    }

    pub(crate) fn acr_value(&self) -> Option<&Arc<str>> {
        self.acr.as_ref()
    }

    pub(crate) fn amr_values(&self) -> &[String] {
        &self.amr
    }

    /// Whether this is the same user in the same session.
    pub(crate) fn is(&self, user: &UserId, session: &[u8; 32]) -> bool {
        self.subject == *user && bool::from(self.session.ct_eq(session))
    }
}
