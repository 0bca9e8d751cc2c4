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
pub struct MetricsSink {
    /// By grant type, where they are kept.
    tokens: Vec<(GrantType, Counter)>,
}

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
        Self { tokens: Vec::new() }
    }

    /// As [`new`](Self::new), but keeps the counters of tokens by built-in grant types and does not ask the exporter
    /// for them at each token, which costs a few percent of the throughput of a token endpoint. They are there from
    /// the beginning, at zero.
    ///
    /// Only for an exporter that forgets no counter: one that removes what was not counted for a while (an *idle
    /// timeout*) would not see what is counted afterwards.
    pub fn with_kept_counters() -> Self {
        let built_in = [
            GrantType::AUTHORIZATION_CODE,
            GrantType::REFRESH_TOKEN,
            GrantType::CLIENT_CREDENTIALS,
        ];
        let mut sink = Self::new();
        let counters = built_in.into_iter().map(|grant_type| {
            let counter = tokens_issued(&grant_type);
            (grant_type, counter)
        });
        sink.tokens.extend(counters);
        sink
    }

    fn token_issued(&self, grant_type: &GrantType) {
        match self.tokens.iter().find(|(own, _)| own == grant_type) {
            Some((_, kept)) => kept.increment(1),
            None => tokens_issued(grant_type).increment(1),
        }
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
            EventKind::TokenIssued { grant_type, .. } => self.token_issued(grant_type),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use metrics::{Gauge, Histogram, Key, KeyName, Metadata, Recorder, Unit, with_local_recorder};

    use super::*;

    /// The counters of tokens, by grant type.
    #[derive(Default)]
    struct Counted(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

    impl Recorder for Counted {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            assert_eq!(key.name(), TOKENS);
            let grant_type = key.labels().next().unwrap().value().to_owned();
            let mut counted = self.0.lock().unwrap();
            Counter::from_arc(counted.entry(grant_type).or_default().clone())
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    fn counted(sink: fn() -> MetricsSink) -> Vec<(String, u64)> {
        let recorder = Counted::default();
        with_local_recorder(&recorder, || {
            let sink = sink();
            let own = GrantType::new("urn:example:voucher");
            for grant_type in [GrantType::REFRESH_TOKEN, own, GrantType::REFRESH_TOKEN] {
                sink.token_issued(&grant_type);
            }
        });
        let counted = recorder.0.into_inner().unwrap().into_iter();
        counted
            .map(|(grant_type, count)| (grant_type, count.load(Ordering::Relaxed)))
            .collect()
    }

    #[test]
    fn tokens_are_counted_by_grant_type_whether_the_counters_are_kept_or_not() {
        let pair = |(name, count): (&str, u64)| (name.to_owned(), count);
        let asked_for = [("refresh_token", 2), ("urn:example:voucher", 1)].map(pair);
        assert_eq!(counted(MetricsSink::new), asked_for);
        let kept = [
            ("authorization_code", 0),
            ("client_credentials", 0),
            ("refresh_token", 2),
            ("urn:example:voucher", 1),
        ];
        assert_eq!(counted(MetricsSink::with_kept_counters), kept.map(pair));
    }
}
