use metrics::{Counter, SharedString, counter, describe_counter};

use super::kind::{Endpoint, EventKind};
use super::sink::{Event, EventSink};
use crate::client::GrantType;
use crate::error::ErrorCode;

const TOKENS: &str = "oauth_tokens_issued_total";
const CODES: &str = "oauth_codes_issued_total";
const REFUSALS: &str = "oauth_refusals_total";
const THROTTLED: &str = "oauth_throttled_total";
const REPLAYS: &str = "oauth_replays_total";
const REVOCATIONS: &str = "oauth_revocations_total";
const INTROSPECTIONS: &str = "oauth_introspections_total";
const CONSENTS: &str = "oauth_consents_total";
const DISCONNECTIONS: &str = "oauth_disconnections_total";

/// Counts events on the facade [`metrics`](https://docs.rs/metrics), for whatever exporter the program has
/// installed.
///
/// | counter | labels |
/// |---|---|
/// | `oauth_tokens_issued_total` | `grant_type` |
/// | `oauth_codes_issued_total` | |
/// | `oauth_refusals_total` | `endpoint`, `error` |
/// | `oauth_throttled_total` | `endpoint` |
/// | `oauth_replays_total` | `kind`: `authorization_code` or `refresh_token` |
/// | `oauth_revocations_total` | `target`: `token` or `grant` |
/// | `oauth_introspections_total` | `active`: `true` or `false` |
/// | `oauth_consents_total` | `decision`: `allow` or `deny` |
/// | `oauth_disconnections_total` | |
///
/// Labels have the values of this table, of the registered error codes (`none` for a request without an
/// access token) and of the server's own grant types; nothing that a client sends becomes one, so their
/// number is bounded.
///
/// ```
/// use oauth_core::AuthorizationServer;
/// use oauth_core::event::MetricsSink;
///
/// let builder = AuthorizationServer::builder("https://auth.example.com").event_sink(MetricsSink::new());
/// # let _ = builder;
/// ```
#[derive(Debug)]
pub struct MetricsSink(());

impl MetricsSink {
    /// Describes the counters to the exporter, which therefore is installed first.
    pub fn new() -> Self {
        describe_counter!(TOKENS, "Access tokens issued.");
        describe_counter!(CODES, "Authorization codes issued.");
        describe_counter!(REFUSALS, "Requests refused.");
        describe_counter!(THROTTLED, "Attempts to authenticate refused unseen.");
        describe_counter!(REPLAYS, "Codes and refresh tokens used twice.");
        describe_counter!(REVOCATIONS, "Tokens and grants revoked.");
        describe_counter!(INTROSPECTIONS, "Tokens introspected.");
        describe_counter!(CONSENTS, "Decisions of users.");
        describe_counter!(DISCONNECTIONS, "Applications disconnected by users.");
        Self(())
    }
}

impl Default for MetricsSink {
    fn default() -> Self {
        Self::new()
    }
}

fn tokens_issued(grant_type: &GrantType) -> Counter {
    /// The compiler makes a key where name and label are literals; else each token would cost a few allocations.
    macro_rules! by_grant_type {
        ($($built_in:literal)*) => {
            match grant_type.as_str() {
                $($built_in => counter!("oauth_tokens_issued_total", "grant_type" => $built_in),)*
                other => counter!(TOKENS, "grant_type" => SharedString::from(other.to_owned())),
            }
        };
    }
    by_grant_type!("authorization_code" "refresh_token" "client_credentials")
}

fn refused(endpoint: Endpoint, error: &'static str) {
    counter!(REFUSALS, "endpoint" => endpoint.as_str(), "error" => error).increment(1);
}

impl EventSink for MetricsSink {
    fn event(&self, event: &Event<'_>) {
        match *event.kind() {
            EventKind::TokenIssued { grant_type, .. } => {
                tokens_issued(grant_type).increment(1);
            }
            EventKind::CodeIssued { .. } => counter!(CODES).increment(1),
            EventKind::Refused { endpoint, code, .. } => {
                refused(endpoint, code.map_or("none", ErrorCode::as_str));
            }
            EventKind::ClientAuthenticationFailed { endpoint, .. } => {
                refused(endpoint, ErrorCode::InvalidClient.as_str());
            }
            EventKind::Throttled { endpoint, .. } => {
                counter!(THROTTLED, "endpoint" => endpoint.as_str()).increment(1);
            }
            EventKind::CodeReplayed { .. } => {
                counter!(REPLAYS, "kind" => "authorization_code").increment(1);
            }
            EventKind::RefreshTokenReused { .. } => {
                counter!(REPLAYS, "kind" => "refresh_token").increment(1);
            }
            EventKind::Revoked { whole_grant, .. } => {
                let target = if whole_grant { "grant" } else { "token" };
                counter!(REVOCATIONS, "target" => target).increment(1);
            }
            EventKind::Introspected { active, .. } => {
                let active = if active { "true" } else { "false" };
                counter!(INTROSPECTIONS, "active" => active).increment(1);
            }
            EventKind::ConsentGiven { .. } => {
                counter!(CONSENTS, "decision" => "allow").increment(1);
            }
            EventKind::ConsentDenied { .. } => {
                counter!(CONSENTS, "decision" => "deny").increment(1);
            }
            EventKind::Disconnected { .. } => counter!(DISCONNECTIONS).increment(1),
        }
    }
}
