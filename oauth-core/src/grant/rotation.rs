use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::credential::{CredentialKind, Secret};

/// A key from which successors of refresh tokens are derived, so that a client whose response was
/// lost can be given the same one again although no store holds it.
///
/// 32 random bytes, the same on every node. Keys are a list: the first derives, all are recognised,
/// so that a key can be replaced; keep the old one for the length of
/// [`refresh_retry_window`](crate::Policy::refresh_retry_window). A refresh token that was issued
/// while there was no window cannot be retried.
#[derive(Clone)]
pub struct RotationKey(Zeroizing<[u8; 32]>);

impl RotationKey {
    /// The key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The one refresh token that follows `presented`.
    pub(super) fn successor(
        &self,
        presented: &str,
        nonce: &[u8; 16],
        shard: u16,
    ) -> Option<Secret> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).ok()?;
        mac.update(b"refresh token successor");
        mac.update(nonce);
        mac.update(presented.as_bytes());
        let material = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        Some(Secret::from_material(
            CredentialKind::RefreshToken.prefix(),
            shard,
            &material,
        ))
    }
}

impl fmt::Debug for RotationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RotationKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_depends_on_key_token_and_nonce() {
        let key = RotationKey::new([1; 32]);
        let successor = key.successor("ort_x", &[2; 16], 3).unwrap();
        assert!(key.successor("ort_x", &[2; 16], 3).unwrap() == successor);
        assert_eq!(successor.key().shard(), 3);
        let others = [
            RotationKey::new([9; 32]).successor("ort_x", &[2; 16], 3),
            key.successor("ort_y", &[2; 16], 3),
            key.successor("ort_x", &[9; 16], 3),
        ];
        assert!(
            others
                .iter()
                .all(|other| *other.as_ref().unwrap() != successor)
        );
    }
}
