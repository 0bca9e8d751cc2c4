use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oauth_core::Clock;
use time::OffsetDateTime;

use crate::sample::START;

/// A clock that stands still until a test moves it. Clones are the same clock.
///
/// Default: it stands at [`START`].
///
/// ```
/// use std::time::Duration;
///
/// use oauth_core::store::memory::MemoryStore;
/// use oauth_core::{AuthorizationServer, Clock};
/// use oauth_testkit::TestClock;
/// use oauth_testkit::sample::at;
///
/// let clock = TestClock::default();
/// let server = AuthorizationServer::builder("https://auth.example")
///     .store(MemoryStore::default())
///     .clock(clock.clone())
///     .build()?;
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now(), at(90));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl TestClock {
    /// A clock that stands at this moment.
    pub fn at(moment: OffsetDateTime) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, moment: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Lets so much time go by.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::at(START)
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
