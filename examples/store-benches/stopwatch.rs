//! How long something takes.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

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
