//! What the service counts, for Prometheus.

use std::fmt;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// The content type of the text format of Prometheus.
pub const METRICS_HEADERS: [(&str, &str); 2] = [
    ("content-type", "text/plain; version=0.0.4; charset=utf-8"),
    ("cache-control", "no-store"),
];

/// The counters of the process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to count. A process has one set of counters, so this is called once.
    ///
    /// # Errors
    /// If somebody counts already.
    pub fn start() -> Result<Self, BuildError> {
        PrometheusBuilder::new().install_recorder().map(Self)
    }

    /// The counters in the text format of Prometheus.
    pub fn text(&self) -> String {
        self.0.render()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}
