//! The form of codes, tokens and tickets, and the keys under which stores keep them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::randomness::{Randomness, random};

/// 2 bytes of shard and 32 random bytes, as base64url.
const BODY: usize = 46;
/// A CRC-32 of prefix and body, as base64url.
const CHECKSUM: usize = 6;

/// What a credential under a grant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialKind {
    /// An authorization code; spent once (RFC 6749 section 4.1.2).
    AuthorizationCode,
    /// An access token; used until it expires.
    AccessToken,
    /// A refresh token; spent once (RFC 9700 section 4.14.2).
    RefreshToken,
}

impl CredentialKind {
    /// The name of the kind, for a store's column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::AuthorizationCode,
            Self::AccessToken,
            Self::RefreshToken,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }

    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "oac_",
            Self::AccessToken => "oat_",
            Self::RefreshToken => "ort_",
        }
    }
}

/// The prefix of consent tickets, which belong to no grant.
pub(crate) const TICKET_PREFIX: &str = "oct_";

/// The key under which a store keeps a credential: its shard and the SHA-256 of its text.
///
/// The credential itself never reaches a store. All credentials of one grant have the shard of the
/// [`GrantId`], so a store that partitions by it finds a credential and its grant in one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialKey {
    shard: u16,
    digest: [u8; 32],
}

impl CredentialKey {
    /// The key with these parts, as a store kept them.
    pub const fn new(shard: u16, digest: [u8; 32]) -> Self {
        Self { shard, digest }
    }

    /// Spread evenly over the 65,536 values.
    pub const fn shard(&self) -> u16 {
        self.shard
    }

    /// The SHA-256 of the credential's text.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The first bytes of the digest, which nobody can choose: a hash of the key.
    pub(crate) const fn leading_bytes(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.digest;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The key of a credential that was presented, or `None` when its form is not that of one the
    /// server made, so that no store needs to be asked.
    pub fn of(kind: CredentialKind, presented: &str) -> Option<Self> {
        Self::of_prefixed(kind.prefix(), presented)
    }

    pub(crate) fn of_prefixed(prefix: &str, presented: &str) -> Option<Self> {
        let rest = presented.strip_prefix(prefix)?;
        if rest.len() != BODY + CHECKSUM {
            return None;
        }
        let (body, checksum) = rest.split_at_checked(BODY)?;
        // The checksum vouches for the rest of the body.
        let mut bytes = [0; 3];
        URL_SAFE_NO_PAD
            .decode_slice(body.get(..4)?, &mut bytes)
            .ok()?;
        let mut stated = [0; 4];
        URL_SAFE_NO_PAD.decode_slice(checksum, &mut stated).ok()?;
        let covered = presented.get(..prefix.len() + BODY)?;
        if crc32fast::hash(covered.as_bytes()).to_be_bytes() != stated {
            return None;
        }
        let [first, second, _] = bytes;
        Some(Self {
            shard: u16::from_be_bytes([first, second]),
            digest: Sha256::digest(presented).into(),
        })
    }
}

impl fmt::Debug for CredentialKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.digest;
        write!(
            formatter,
            "CredentialKey({:04x}:{a:02x}{b:02x}{c:02x}{d:02x}..)",
            self.shard
        )
    }
}

/// Identifies a grant; made by the core, opaque to stores.
///
/// The text form is 24 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId {
    shard: u16,
    id: [u8; 16],
}

impl GrantId {
    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        Self::from_bytes(random(randomness))
    }

    /// The shard of the grant and of every credential under it.
    pub const fn shard(&self) -> u16 {
        self.shard
    }

    /// The 18 bytes, shard first, for a store's column.
    pub fn to_bytes(self) -> [u8; 18] {
        let mut bytes = [0; 18];
        let (shard, id) = bytes.split_at_mut(2);
        shard.copy_from_slice(&self.shard.to_be_bytes());
        id.copy_from_slice(&self.id);
        bytes
    }

    /// The identifier with these bytes, as a store kept them.
    pub const fn from_bytes(bytes: [u8; 18]) -> Self {
        let [first, second, id @ ..] = bytes;
        Self {
            shard: u16::from_be_bytes([first, second]),
            id,
        }
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.to_bytes()))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GrantId({self})")
    }
}

impl std::str::FromStr for GrantId {
    type Err = InvalidGrantId;

    fn from_str(text: &str) -> Result<Self, InvalidGrantId> {
        let mut bytes = [0; 18];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(18) => Ok(Self::from_bytes(bytes)),
            _ => Err(InvalidGrantId),
        }
    }
}

/// A text that is not a [`GrantId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a grant identifier")]
pub struct InvalidGrantId;

/// A credential as the client receives it: `prefix_` + base64url(shard, 32 bytes) + checksum.
///
/// Redacted when printed, compared in constant time, wiped from memory when dropped.
pub(crate) struct Secret {
    text: Zeroizing<String>,
    key: CredentialKey,
}

impl Secret {
    pub(crate) fn random(prefix: &str, shard: u16, randomness: &dyn Randomness) -> Self {
        Self::from_material(prefix, shard, &Zeroizing::new(random(randomness)))
    }

    /// A credential of which the 32 bytes are given, for one that must come out the same again.
    pub(crate) fn from_material(prefix: &str, shard: u16, material: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new([0; 34]);
        let (start, rest) = bytes.split_at_mut(2);
        start.copy_from_slice(&shard.to_be_bytes());
        rest.copy_from_slice(material);
        let text = Zeroizing::new(text_of(prefix, &bytes));
        let key = CredentialKey {
            shard,
            digest: Sha256::digest(text.as_bytes()).into(),
        };
        Self { text, key }
    }

    pub(crate) fn key(&self) -> CredentialKey {
        self.key
    }

    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}

/// Prefix, body and checksum. Not with `encode_string`, which clears a kilobyte for each call and leaves the secret in
/// it.
fn text_of(prefix: &str, body: &[u8; 34]) -> String {
    let mut text = Vec::with_capacity(prefix.len() + BODY + CHECKSUM);
    text.extend_from_slice(prefix.as_bytes());
    append_base64(&mut text, body, BODY);
    let checksum = crc32fast::hash(&text).to_be_bytes();
    append_base64(&mut text, &checksum, CHECKSUM);
    // ASCII all of it.
    String::from_utf8(text).unwrap_or_default()
}

fn append_base64(text: &mut Vec<u8>, bytes: &[u8], length: usize) {
    let start = text.len();
    text.resize(start + length, 0);
    let room = text.get_mut(start..).unwrap_or_default();
    // It cannot fail: `length` is that of these bytes when they are encoded.
    let _ = URL_SAFE_NO_PAD.encode_slice(bytes, room);
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text.as_bytes().ct_eq(other.text.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    const KIND: CredentialKind = CredentialKind::AccessToken;

    #[test]
    fn a_presented_credential_gives_its_key() {
        let secret = Secret::random(KIND.prefix(), 0xbeef, &SystemRandomness);
        assert_eq!(secret.expose().len(), 56);
        let key = CredentialKey::of(KIND, secret.expose()).unwrap();
        assert_eq!(key, secret.key());
        assert_eq!(key.shard(), 0xbeef);
        assert_eq!(
            CredentialKey::of(CredentialKind::RefreshToken, secret.expose()),
            None
        );
    }

    #[test]
    fn the_same_bytes_give_the_same_text_in_every_version() {
        let material = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let secret = Secret::from_material(KIND.prefix(), 0xbeef, &material);
        assert_eq!(
            secret.expose(),
            "oat_vu8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw5yEQBg"
        );
    }

    #[test]
    fn any_changed_character_is_noticed_without_a_store() {
        let secret = Secret::random(KIND.prefix(), 1, &SystemRandomness);
        for at in 0..secret.expose().len() {
            let mut changed = secret.expose().to_owned().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(CredentialKey::of(KIND, &changed), None, "{at}");
        }
        for other in [
            "",
            "oat_",
            "oat_é",
            &"oat_".repeat(14),
            &format!("{} ", secret.expose()),
        ] {
            assert_eq!(CredentialKey::of(KIND, other), None);
        }
    }

    #[test]
    fn a_grant_id_has_a_text_form() {
        let id = GrantId::random(&SystemRandomness);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(GrantId::from_bytes(id.to_bytes()), id);
        assert_eq!("".parse::<GrantId>(), Err(InvalidGrantId));
        assert_eq!("é".repeat(12).parse::<GrantId>(), Err(InvalidGrantId));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = Secret::random(KIND.prefix(), 1, &SystemRandomness);
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
        assert!(
            secret
                == Secret::from_material(KIND.prefix(), 1, &{
                    let mut bytes = [0; 34];
                    URL_SAFE_NO_PAD
                        .decode_slice(&secret.expose()[4..50], &mut bytes)
                        .unwrap();
                    bytes[2..].try_into().unwrap()
                })
        );
    }
}
