//! Where the server takes unpredictable bytes from.

use rand::Rng;

/// Fills memory with bytes that nobody can predict.
///
/// Codes, tokens, tickets and identifiers are made of them, so an implementation that can be
/// predicted gives every account away; replace it in tests only. Default: [`SystemRandomness`].
///
/// ```
/// use oauth_core::Randomness;
///
/// /// For tests: the same bytes each time.
/// struct Constant(u8);
///
/// impl Randomness for Constant {
///     fn fill(&self, bytes: &mut [u8]) {
///         bytes.fill(self.0);
///     }
/// }
/// ```
pub trait Randomness: Send + Sync + 'static {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// A cryptographic generator in each thread, seeded and reseeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// `N` bytes of `randomness`.
pub(crate) fn random<const N: usize>(randomness: &dyn Randomness) -> [u8; N] {
    let mut bytes = [0; N];
    randomness.fill(&mut bytes);
    bytes
}
