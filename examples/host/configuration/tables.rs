//! The tables that are there at most once.

use std::time::Duration;

use super::document::Section;
use crate::secret::Key;

/// Ten years. More is a mistake: most likely milliseconds.
const LONGEST_SECONDS: i64 = 10 * 365 * 24 * 60 * 60;

/// The longest window in which a lost refresh response can be asked for again.
const LONGEST_RETRY_SECONDS: i64 = 60;

/// `[lifetimes]`, in the file in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of an authorization code. Default: 60 seconds.
    pub authorization_code: Duration,
    /// Of an access token. Default: one hour.
    pub access_token: Duration,
    /// Of a whole grant, from its approval, and so of its refresh tokens. Default: 30 days.
    pub refresh_token: Duration,
    /// In which a client may ask again for a refresh response it has lost. Default: zero, off.
    pub refresh_retry_window: Duration,
    /// Of a consent ticket. Default: 10 minutes.
    pub parked_request: Duration,
    /// Of a device code. Default: 10 minutes.
    pub device_code: Duration,
    /// Of a pushed request. Default: 60 seconds.
    pub pushed_request: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            authorization_code: Duration::from_secs(60),
            access_token: Duration::from_secs(3600),
            refresh_token: Duration::from_secs(2_592_000),
            refresh_retry_window: Duration::ZERO,
            parked_request: Duration::from_secs(600),
            device_code: Duration::from_secs(600),
            pushed_request: Duration::from_secs(60),
        }
    }
}

impl Lifetimes {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let default = Self::default();
        let mut lifetime = |key, default| seconds(section, key, 1, LONGEST_SECONDS, default);
        Self {
            authorization_code: lifetime("authorization_code", default.authorization_code),
            access_token: lifetime("access_token", default.access_token),
            refresh_token: lifetime("refresh_token", default.refresh_token),
            parked_request: lifetime("parked_request", default.parked_request),
            device_code: lifetime("device_code", default.device_code),
            pushed_request: lifetime("pushed_request", default.pushed_request),
            refresh_retry_window: seconds(
                section,
                "refresh_retry_window",
                0,
                LONGEST_RETRY_SECONDS,
                default.refresh_retry_window,
            ),
        }
    }
}

fn seconds(
    section: &mut Section<'_>,
    key: &'static str,
    least: i64,
    most: i64,
    default: Duration,
) -> Duration {
    let Some(seconds) = section.integer(key) else {
        return default;
    };
    if !(least..=most).contains(&seconds) {
        section.problem(key, &format!("must be from {least} to {most} seconds"));
    }
    Duration::from_secs(seconds.unsigned_abs())
}

/// `[policy]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether clients may register themselves. Default: no.
    pub dynamic_registration: bool,
    /// Whether a client id may be the URL of a document about the client. Default: no.
    pub client_id_metadata_documents: bool,
    /// From which successors of refresh tokens are derived when the retry window is on.
    pub rotation_key: Option<Key<32>>,
}

impl Policy {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            dynamic_registration: section.flag("dynamic_registration"),
            client_id_metadata_documents: section.flag("client_id_metadata_documents"),
            rotation_key: key(section, "rotation_key"),
        }
    }
}

/// `[server]`, which has one key.
pub(super) fn session_key(mut section: Section<'_>) -> Option<Key<64>> {
    let session_key = key(&mut section, "session_key");
    section.finish();
    session_key
}

fn key<const N: usize>(section: &mut Section<'_>, name: &'static str) -> Option<Key<N>> {
    let text = section.string(name)?;
    let key = Key::from_base64(&text);
    if key.is_none() {
        section.problem(name, &format!("must be base64 of exactly {N} bytes"));
    }
    key
}
