//! The end of a server: running requests finish, but nobody waits for them for ever.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long running requests may take once the server is to end.
pub const GRACE: Duration = Duration::from_secs(5);

/// The signals that end a server. They no longer kill the process once this is made.
#[derive(Debug)]
pub struct Shutdown {
    terminate: Signal,
    interrupt: Signal,
}

impl Shutdown {
    /// Waits for SIGTERM and SIGINT from now on. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the operating system does not let it.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends when one of the signals has come.
    pub async fn requested(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Ends when requests that still run then are not waited for any more.
    pub async fn overdue(self) {
        self.requested().await;
        tokio::time::sleep(GRACE).await;
    }
}
