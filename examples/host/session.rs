//! The content of the session cookie.
//!
//! The servers keep the whole session in one encrypted cookie, so nothing has to be shared between
//! several processes but the key. The price: a copied cookie works until it expires, also after
//! its owner has signed out. A service with a session store would keep only the id in the cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use oauth_core::{Authentication, UserId};
use time::OffsetDateTime;

use crate::{issuer, secret::Key};

/// How long a session lasts, in seconds, from the moment of signing in.
pub const MAX_AGE_SECONDS: i64 = 12 * 60 * 60;

/// The cookie's `Path`: the whole host, as the `__Host-` prefix demands.
pub const COOKIE_PATH: &str = "/";

/// The cookie's `SameSite`. It has to come along when another site sends a person here to
/// authorize, so it cannot be `Strict`; forms of other sites come without it.
pub const COOKIE_SAME_SITE: &str = "Lax";

/// Room for clocks of several processes that differ, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// The layout of [`Session::encode`]; another layout gets another letter.
const LAYOUT: &str = "1";

/// The name of the session cookie.
///
/// With `https` it has the prefix that stops other hosts of the domain from setting it.
pub fn cookie_name(issuer: &str) -> &'static str {
    if cookie_is_secure(issuer) {
        "__Host-session"
    } else {
        "session"
    }
}

/// Whether the cookie is `Secure`: if browsers reach the server by `https`.
pub fn cookie_is_secure(issuer: &str) -> bool {
    issuer::is_https(issuer)
}

/// Now, in seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the host's own sessions need the time"
)]
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// Who is signed in at a browser, and since when.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    id: String,
    username: String,
    signed_in_at: i64,
}

impl Session {
    /// Starts a session of this moment.
    pub fn start_now(username: impl Into<String>) -> Self {
        Self::start(username, now())
    }

    /// What the authorization server is told of it.
    pub fn authentication(&self) -> Option<Authentication> {
        let signed_in_at = OffsetDateTime::from_unix_timestamp(self.signed_in_at).ok()?;
        let user = UserId::new(self.username.as_str());
        Some(Authentication::new(user, self.id.as_str()).auth_time(signed_in_at))
    }

    /// Starts a session with a new random id at `now`, in seconds since 1970.
    pub fn start(username: impl Into<String>, now: i64) -> Self {
        let id = URL_SAFE_NO_PAD.encode(Key::<32>::random().as_bytes());
        Self {
            id,
            username: username.into(),
            signed_in_at: now,
        }
    }

    /// The random id, which tells this session from every other of the same user.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who signed in.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// When the password was given, in seconds since 1970.
    pub fn signed_in_at(&self) -> i64 {
        self.signed_in_at
    }

    /// The value of the cookie. It has to be encrypted, or signed at the least.
    pub fn encode(&self) -> String {
        let username = URL_SAFE_NO_PAD.encode(&self.username);
        format!("{LAYOUT}.{}.{}.{username}", self.id, self.signed_in_at)
    }

    /// Reads what [`Session::encode`] wrote. `None` if it is anything else, or if the session has
    /// expired at `now`, in seconds since 1970.
    pub fn decode(value: &str, now: i64) -> Option<Self> {
        let mut parts = value.split('.');
        let (layout, id, at, username) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if layout != LAYOUT || id.is_empty() || parts.next().is_some() {
            return None;
        }
        let username = String::from_utf8(URL_SAFE_NO_PAD.decode(username).ok()?).ok()?;
        let session = Self {
            id: id.to_owned(),
            username,
            signed_in_at: at.parse().ok()?,
        };
        (!session.has_expired(now)).then_some(session)
    }

    /// Whether the session is over at `now`, in seconds since 1970.
    pub fn has_expired(&self, now: i64) -> bool {
        let age = now.saturating_sub(self.signed_in_at);
        // A session from the future would never end.
        !(-CLOCK_SKEW_SECONDS..MAX_AGE_SECONDS).contains(&age)
    }
}

/// Shows neither the id nor who it is, since logs are read by many.
impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = formatter.debug_struct("Session");
        fields
            .field("signed_in_at", &self.signed_in_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn decode_reads_what_encode_wrote() {
        for username in ["alice", "a.b;c=d \"é\" 🦀", ""] {
            let session = Session::start(username, NOW);
            let value = session.encode();
            assert!(
                value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            );
            assert_eq!(Session::decode(&value, NOW + 10), Some(session));
        }
    }

    #[test]
    fn ids_are_32_random_bytes() {
        let (first, second) = (Session::start("alice", NOW), Session::start("alice", NOW));
        assert_ne!(first.id(), second.id());
        assert_eq!(URL_SAFE_NO_PAD.decode(first.id()).unwrap().len(), 32);
    }

    #[test]
    fn sessions_end() {
        let value = Session::start("alice", NOW).encode();
        assert!(Session::decode(&value, NOW + MAX_AGE_SECONDS - 1).is_some());
        assert!(Session::decode(&value, NOW + MAX_AGE_SECONDS).is_none());
        assert!(Session::decode(&value, i64::MAX).is_none());
        assert!(Session::decode(&value, NOW - 30).is_some());
        assert!(Session::decode(&value, NOW - 3600).is_none());
    }

    #[test]
    fn anything_else_is_no_session() {
        let good = Session::start("alice", NOW).encode();
        for value in [
            "",
            "1",
            "...",
            "1..1800000000.YWxpY2U",
            "1.id.soon.YWxpY2U",
            "1.id.1800000000.not base64",
            "1.id.1800000000._w",
            &format!("{good}.x"),
            &good.replacen('1', "2", 1),
        ] {
            assert_eq!(Session::decode(value, NOW), None, "{value}");
        }
    }

    #[test]
    fn cookie_is_bound_to_the_host_where_that_works() {
        assert_eq!(cookie_name("https://example.com/tenant"), "__Host-session");
        assert_eq!(cookie_name("http://127.0.0.1:8080"), "session");
    }

    #[test]
    fn debug_output_shows_no_id() {
        let session = Session::start("alice", NOW);
        let shown = format!("{session:?}");
        assert!(
            !shown.contains(session.id()) && !shown.contains("alice"),
            "{shown}"
        );
    }
}
