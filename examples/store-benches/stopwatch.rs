//! How long something takes.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// More than the caches of most processors, in words of 8 bytes.
const WORDS: usize = 64 << 17;
/// Words of one line of a cache.
const LINE: usize = 8;

/// Measures, from cold caches if told so.
pub(crate) struct Stopwatch {
    /// What is written to in between; nothing where the caches stay as they are.
    other: Vec<u64>,
}

impl Stopwatch {
    pub(crate) fn new(cold: bool) -> Self {
        let words = if cold { WORDS } else { 0 };
        Self {
            other: vec![0; words],
        }
    }

    /// Waits for a future, and says how long that took.
    pub(crate) async fn timed<F: Future>(&mut self, future: F) -> (F::Output, Duration) {
        for word in self.other.iter_mut().step_by(LINE) {
            *word = word.wrapping_add(1);
        }
        timed(future).await
    }
}

/// Waits for a future, and says how long that took.
pub(crate) async fn timed<F: Future>(future: F) -> (F::Output, Duration) {
    let begin = now();
    let output = future.await;
    (output, now().saturating_sub(begin))
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(
        now.tv_sec.try_into().unwrap_or_default(),
        now.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The mean of all but the tenth that was fastest and the tenth that was slowest.
pub(crate) fn mean(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let extreme = times.len() / 10;
    let others = times.get(extreme..times.len() - extreme);
    let others = others.unwrap_or_default();
    let sum: Duration = others.iter().sum();
    sum / u32::try_from(others.len().max(1)).unwrap_or(u32::MAX)
}

/// In microseconds, with three digits that count.
pub(crate) fn shown(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    match microseconds {
        ..10.0 => format!("{microseconds:.2} µs"),
        10.0..100.0 => format!("{microseconds:.1} µs"),
        100.0..10_000.0 => format!("{microseconds:.0} µs"),
        _ => format!("{:.1} ms", microseconds / 1e3),
    }
}
