//! Events: what an authorization server did and refused, for an audit log, alarms or counters.
//!
//! Each issue, refusal, replay, reuse, revocation and decision of a user is one [`Event`], handed to
//! every [`EventSink`] of the server
//! ([`AuthorizationServerBuilder::event_sink`](crate::AuthorizationServerBuilder::event_sink)); an API in its
//! own process has sinks for what it refuses
//! ([`ProtectedResource::event_sink`](crate::ProtectedResource::event_sink)). No event holds a secret, a code,
//! a token, a ticket or the digest of one.
//!
//! Apart from sinks, everything is logged with `tracing`: replays as warnings, failing stores as errors, what changes something at level info,
//! the rest at level debug.
//!
//! One request can lead to several events, one for each fact: a code that is presented twice is an
//! [`EventKind::CodeReplayed`], which says that the grant is to end, and an [`EventKind::Refused`], which
//! says what the client was told.
//!
#![cfg_attr(
    feature = "metrics",
    doc = "[`MetricsSink`] counts them on the facade `metrics`."
)]
#![cfg_attr(
    not(feature = "metrics"),
    doc = "The feature `metrics` adds a sink that counts them."
)]

mod kind;
mod log;
#[cfg(feature = "metrics")]
mod metrics;
mod sink;
mod sinks;

pub use kind::{Endpoint, EventKind, RevokedBy};
#[cfg(feature = "metrics")]
pub use metrics::MetricsSink;
pub use sink::{Event, EventSink};
pub(crate) use sinks::EventSinks;

use crate::error::{Rejection, RejectionKind};
use crate::request_origin::RequestOrigin;
use crate::server::AuthorizationServer;

impl AuthorizationServer {
    /// Tells the log and every sink.
    pub(crate) fn emit(&self, origin: Option<&RequestOrigin>, kind: EventKind<'_>) {
        let inner = self.inner();
        inner.event_sinks.emit(&*inner.clock, origin, kind);
    }

    /// The same for a refusal, which is logged with its cause.
    pub(crate) fn emit_refusal(
        &self,
        origin: Option<&RequestOrigin>,
        endpoint: Endpoint,
        rejection: &Rejection,
    ) {
        rejection.log();
        let client_id = rejection.client_id();
        let kind = match rejection.kind() {
            RejectionKind::Refused => EventKind::Refused {
                endpoint,
                client_id,
                code: Some(rejection.code()),
                description: rejection.description(),
            },
            RejectionKind::ClientAuthenticationFailed => EventKind::ClientAuthenticationFailed {
                endpoint,
                client_id,
            },
            RejectionKind::Throttled { retry_after } => EventKind::Throttled {
                endpoint,
                client_id,
                retry_after: retry_after.wait(),
            },
        };
        self.emit(origin, kind);
    }
}

#[cfg(test)]
mod tests;
