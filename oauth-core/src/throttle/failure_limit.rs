use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::{Attempt, Outcome, RetryAfter, Throttle};
use crate::clock::{Clock, SystemClock};

const LONGEST_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);
const PARTS: usize = 64;
/// Some 24 bytes each.
const KEYS_IN_A_PART: usize = 2048;

/// A [`Throttle`] that lets a number of failures pass for each identity at each address, and then one more
/// in each share of the period, in the memory of one process.
///
/// - Only failures count. Whoever authenticates well can do so as often as they like.
/// - The key is purpose, identity and address together; of an IPv6 address its first 64 bits, since one
///   household has all the others. An attempt whose address is not known is let through.
/// - It remembers at most some 130 thousand keys, in about 4 MiB, and forgets those that have the least to
///   wait when there are more.
/// - Each process counts for itself: with several behind one balancer an attacker has the allowance of
///   each.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_core::AuthorizationServer;
/// use oauth_core::throttle::FailureLimit;
///
/// // 20 wrong secrets at once, then one every three seconds.
/// let limit = FailureLimit::new(20, Duration::from_secs(60));
/// let builder = AuthorizationServer::builder("https://auth.example.com").throttle(limit);
/// # let _ = builder;
/// ```
pub struct FailureLimit {
    limiter: RateLimiter<Probe, Remembered, Moments, NoOpMiddleware<Nanos>>,
    hasher: RandomState,
}

/// A key, and whether a failure is counted or only looked for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Probe {
    key: u64,
    counts: bool,
}

/// What [`governor`] knows of each key: the moment until which its allowance is used up.
struct Remembered([Mutex<HashMap<u64, Nanos>>; PARTS]);

impl StateStore for Remembered {
    type Key = Probe;

    fn measure_and_replace<T, F, E>(&self, probe: &Probe, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let [.., low] = probe.key.to_be_bytes();
        let [first, ..] = &self.0;
        let part = self.0.get(usize::from(low) % PARTS).unwrap_or(first);
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        let (answer, used_until) = decide(part.get(&probe.key).copied())?;
        if probe.counts {
            if part.len() >= KEYS_IN_A_PART && !part.contains_key(&probe.key) {
                forget_half(&mut part);
            }
            part.insert(probe.key, used_until);
        }
        Ok(answer)
    }
}

fn forget_half(part: &mut HashMap<u64, Nanos>) {
    let mut moments: Vec<Nanos> = part.values().copied().collect();
    let middle = moments.len() / 2;
    let (_, median, _) = moments.select_nth_unstable(middle);
    let median = *median;
    let mut equal = part
        .values()
        .filter(|it| **it == median)
        .count()
        .div_ceil(2);
    part.retain(|_, used_until| {
        if *used_until == median && equal > 0 {
            equal -= 1;
            return false;
        }
        *used_until >= median
    });
}

/// The server's clock as [`governor`] reads one.
#[derive(Clone)]
struct Moments(Arc<dyn Clock>);

impl governor::clock::Clock for Moments {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let nanoseconds = self.0.now().unix_timestamp_nanos();
        Nanos::from(u64::try_from(nanoseconds).unwrap_or_default())
    }
}

impl FailureLimit {
    /// Lets `failures` pass at once, and as many again in each `period`, one by one.
    ///
    /// `failures`: at least 1. `period`: up to one day. What is beyond is taken as the nearest.
    pub fn new(failures: u32, period: Duration) -> Self {
        Self::with_clock(failures, period, SystemClock)
    }

    /// As [`new`](Self::new), with a clock of one's own.
    pub fn with_clock(failures: u32, period: Duration, clock: impl Clock) -> Self {
        let failures = NonZeroU32::new(failures).unwrap_or(NonZeroU32::MIN);
        let share = period.min(LONGEST_PERIOD) / failures.get();
        let share = share.max(Duration::from_nanos(1));
        let quota = Quota::with_period(share).unwrap_or(Quota::per_second(failures));
        let parts = std::array::from_fn(|_| Mutex::default());
        Self {
            limiter: RateLimiter::new(
                quota.allow_burst(failures),
                Remembered(parts),
                Moments(Arc::new(clock)),
            ),
            hasher: RandomState::new(),
        }
    }

    /// A random number for each key, so that memory does not grow with what is claimed; two keys share
    /// one by chance only, which nobody outside can find.
    fn probe(&self, attempt: &Attempt<'_>, counts: bool) -> Option<Probe> {
        let place = match attempt.peer()?.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        let key = (attempt.purpose(), attempt.identity(), place);
        Some(Probe {
            key: self.hasher.hash_one(key),
            counts,
        })
    }
}

impl Throttle for FailureLimit {
    fn check(&self, attempt: &Attempt<'_>) -> Result<(), RetryAfter> {
        let Some(probe) = self.probe(attempt, false) else {
            return Ok(());
        };
        self.limiter.check_key(&probe).map_err(|not_until| {
            let now = governor::clock::Clock::now(self.limiter.clock());
            RetryAfter::new(not_until.wait_time_from(now))
        })
    }

    fn outcome(&self, attempt: &Attempt<'_>, outcome: Outcome) {
        if outcome == Outcome::Failure
            && let Some(probe) = self.probe(attempt, true)
        {
            // One that is over the limit is not let through again either way.
            let _ = self.limiter.check_key(&probe);
        }
    }
}

#[cfg(test)]
impl FailureLimit {
    /// How many keys it has remembered.
    pub(super) fn into_remembered(self) -> usize {
        let Remembered(parts) = self.limiter.into_state_store();
        let sizes = parts
            .iter()
            .map(|part| part.lock().map_or(0, |part| part.len()));
        sizes.sum()
    }
}

impl fmt::Debug for FailureLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FailureLimit")
            .finish_non_exhaustive()
    }
}
