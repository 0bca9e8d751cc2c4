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

/// In whole microseconds, which is what databases keep.
pub(crate) fn now(clock: &dyn Clock) -> OffsetDateTime {
    let now = clock.now();
    now.replace_nanosecond(now.microsecond() * 1_000)
        .unwrap_or(now)
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
