//! Logs go to stderr, so that stdout carries only what the server has to say to a person or a test.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Starts logging to stderr, filtered by `RUST_LOG`, at `warn` unless it says otherwise.
///
/// A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // An error here says that a subscriber is installed already.
    let _ = subscriber.try_init();
}
