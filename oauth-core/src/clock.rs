//! Where the server takes the time from.

use time::OffsetDateTime;

/// Tells the time, so that tests can set it.
///
/// Everything in the framework that needs the time asks the clock given to
/// [`AuthorizationServerBuilder::clock`](crate::AuthorizationServerBuilder::clock); stores are
/// passed the moment and ask nobody. Default: [`SystemClock`].
///
/// ```
/// use oauth_core::Clock;
/// use time::OffsetDateTime;
///
/// struct Stopped(OffsetDateTime);
///
/// impl Clock for Stopped {
///     fn now(&self) -> OffsetDateTime {
///         self.0
///     }
/// }
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}
