//! Proof Key for Code Exchange ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)), S256 only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The `code_challenge` of an authorization request, method `S256` (RFC 7636 section 4.2).
///
/// `plain` does not exist here (RFC 9700 section 2.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CodeChallenge([u8; 32]);

/// The `code_verifier` of a token request: 43 to 128 unreserved characters (RFC 7636 section 4.1).
pub(crate) struct CodeVerifier<'a>(&'a str);

impl CodeChallenge {
    /// Reads the base64url form, 43 characters without padding. `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut digest) {
            Ok(32) if text.len() == 43 => Some(Self(digest)),
            _ => None,
        }
    }

    /// Whether the challenge is the SHA-256 of this verifier (RFC 7636 section 4.6).
    pub(crate) fn accepts(&self, verifier: &CodeVerifier<'_>) -> bool {
        Sha256::digest(verifier.0).as_slice().ct_eq(&self.0).into()
    }
}

impl<'a> CodeVerifier<'a> {
    /// Checks length and characters. `None` when they are not those of RFC 7636 section 4.1.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        ((43..=128).contains(&text.len()) && text.bytes().all(unreserved)).then_some(Self(text))
    }
}

impl std::fmt::Debug for CodeVerifier<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CodeVerifier(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_appendix_b() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(challenge.accepts(&CodeVerifier::parse(VERIFIER).unwrap()));
        let other = VERIFIER.replace('d', "e");
        assert!(!challenge.accepts(&CodeVerifier::parse(&other).unwrap()));
    }

    #[test]
    fn a_challenge_has_one_spelling() {
        let padded = format!("{CHALLENGE}=");
        // The last character carries two spare bits; only one of its four spellings counts.
        let spare = format!("{}N", &CHALLENGE[..42]);
        for text in [
            "",
            &CHALLENGE[..42],
            &padded,
            &spare,
            &CHALLENGE.replace('-', "+"),
        ] {
            assert_eq!(CodeChallenge::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for (length, fine) in [(42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(
                CodeVerifier::parse(&"a".repeat(length)).is_some(),
                fine,
                "{length}"
            );
        }
        assert!(CodeVerifier::parse(&format!("{} ", "a".repeat(43))).is_none());
        assert!(CodeVerifier::parse(&format!("{}+", "a".repeat(43))).is_none());
    }
}
