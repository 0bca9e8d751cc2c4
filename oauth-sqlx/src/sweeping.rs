use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::{AuthorizationServer, Clock, SystemClock};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

/// So many entries of each store are removed at once.
const BATCH: usize = 1_000;

/// Removes what has expired from the stores of a server, in the background.
///
/// ```no_run
/// use std::time::Duration;
///
/// use oauth_sqlx::Sweeping;
/// # async fn run(server: oauth_core::AuthorizationServer) {
/// let sweeping = Sweeping::start(server.clone(), Duration::from_secs(60));
/// // ... serve until the process is told to end ...
/// sweeping.shutdown().await;
/// # }
/// ```
///
/// Each process of a service may run one: they pass over what another is removing. Entries go in batches of
/// 1,000 from each store, in transactions of their own, until a batch is not full; on SQLite, which has one writer
/// at a time, each transaction has ten. A store that fails is logged, and asked again the next time. Any store will
/// do, not only those of this crate.
///
/// When the value is dropped, the task ends after the current batch; [`shutdown`](Self::shutdown) waits for that.
#[must_use = "the task ends when this is dropped"]
pub struct Sweeping {
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Sweeping {
    /// Sweeps at once and then again and again after `every`.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start(server: AuthorizationServer, every: Duration) -> Self {
        Self::start_with_clock(server, every, Arc::new(SystemClock))
    }

    /// The same for a server that was given another clock than the machine's.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start_with_clock(
        server: AuthorizationServer,
        every: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (stop, stopped) = watch::channel(());
        let task = tokio::spawn(sweep(server, every, clock, stopped));
        Self { stop, task }
    }

    /// Ends the task and waits until the batch it is at is done.
    pub async fn shutdown(self) {
        let Self { stop, task } = self;
        drop(stop);
        if let Err(error) = task.await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "sweeping ended by itself"
            );
        }
    }
}

impl fmt::Debug for Sweeping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = !self.task.is_finished();
        let mut debug = formatter.debug_struct("Sweeping");
        debug.field("running", &running).finish_non_exhaustive()
    }
}

async fn sweep(
    server: AuthorizationServer,
    every: Duration,
    clock: Arc<dyn Clock>,
    mut stopped: watch::Receiver<()>,
) {
    // An interval of nothing is refused by the timer.
    let mut ticks = tokio::time::interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // Nothing is ever sent: the channel closes.
            _ = stopped.changed() => return,
            _ = ticks.tick() => {}
        }
        while stopped.has_changed().is_ok() {
            match server.sweep_once(clock.now(), BATCH).await {
                Ok(removed) if removed >= BATCH => {}
                Ok(_) => break,
                Err(error) => {
                    let cause = std::error::Error::source(&error);
                    tracing::error!(error = cause, "{error}; sweeping is tried again later");
                    break;
                }
            }
        }
    }
}
