//! Values that must not be printed.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rand::Rng;
use serde::Deserialize;

/// Accepts base64 with and without the padding, since tools that make keys differ in it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A password or a client secret. Its `Debug` output does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// A secret key of exactly `N` bytes. Its `Debug` output does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key<const N: usize>([u8; N]);

impl<const N: usize> Key<N> {
    /// A new random key.
    #[expect(
        clippy::disallowed_methods,
        reason = "the host's own key, made before a server with a source of randomness exists"
    )]
    pub fn random() -> Self {
        let mut key = [0; N];
        rand::rng().fill_bytes(&mut key);
        Self(key)
    }

    /// Reads standard base64, padded or not. `None` if it is not that, or of another length.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Key<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_nothing() {
        let key = Key::<4>([222, 173, 190, 239]);
        assert_eq!(format!("{:?}", Secret::new("wonderland")), "Secret(..)");
        assert_eq!(format!("{key:?}"), "Key(..)");
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        let key = Key::<4>([222, 173, 190, 239]);
        assert_eq!(Key::from_base64("3q2+7w=="), Some(key.clone()));
        assert_eq!(Key::from_base64("3q2+7w"), Some(key));
        assert_eq!(Key::<5>::from_base64("3q2+7w=="), None);
        assert_eq!(Key::<4>::from_base64("3q2+7w==\n"), None);
        assert_eq!(Key::<4>::from_base64("not base64!"), None);
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(Key::<32>::random(), Key::<32>::random());
    }
}
