//! How the stores write things, for those who write them past the stores.

use oauth_core::{ClientId, Subject, UserId};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

pub(crate) fn microseconds(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).expect("a moment of these centuries")
}

pub(crate) fn subject_key(subject: &Subject) -> [u8; 32] {
    digest(&format!("{}:{}", subject.kind(), subject.id()))
}

pub(crate) fn client_key(client: &ClientId) -> [u8; 32] {
    digest(client.as_str())
}

pub(crate) fn user_key(user: &UserId) -> [u8; 32] {
    digest(user.as_str())
}

pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
