//! What a failure means for whoever asked.

use oauth_core::StoreError;
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind};

/// A record that this version cannot read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0} in Redis cannot be read")]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::permanent(error)
    }
}

/// Transient is what time, a reconnection or a new master may heal.
pub(crate) fn store_error(error: RedisError) -> StoreError {
    if is_transient(&error) {
        StoreError::transient(error)
    } else {
        StoreError::permanent(error)
    }
}

/// Whether the connection ended, or the answer did not come in time: what was asked may have happened
/// or not.
pub(crate) fn is_without_answer<T>(answer: &RedisResult<T>) -> bool {
    answer.as_ref().is_err_and(is_lost)
}

/// A connection that ends in the middle of an answer shows as an answer that cannot be parsed.
fn is_lost(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Io | ErrorKind::Parse)
}

fn is_transient(error: &RedisError) -> bool {
    match error.kind() {
        _ if is_lost(error) => true,
        ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel => true,
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::TryAgain
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
        ),
        // Full, busy with a script, too few replicas, cannot write to its disk.
        _ => matches!(
            error.code(),
            Some("OOM" | "BUSY" | "NOREPLICAS" | "MISCONF")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: &str) -> StoreError {
        let line = format!("-{code} a story\r\n");
        let value = redis::parse_redis_value(line.as_bytes()).unwrap();
        store_error(value.extract_error().unwrap_err())
    }

    #[test]
    fn what_passes_is_transient() {
        for code in [
            "LOADING",
            "MOVED",
            "ASK",
            "TRYAGAIN",
            "CLUSTERDOWN",
            "MASTERDOWN",
            "READONLY",
            "OOM",
            "BUSY",
            "NOREPLICAS",
            "MISCONF",
        ] {
            assert!(answered(code).is_transient(), "{code}");
        }
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(store_error(lost.into()).is_transient());
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert!(store_error(late.into()).is_transient());
        let half = redis::parse_redis_value(b"*2\r\n+a\r\n").unwrap_err();
        assert!(store_error(half).is_transient());
    }

    #[test]
    fn what_stays_is_not() {
        for code in [
            "ERR",
            "WRONGTYPE",
            "NOAUTH",
            "NOPERM",
            "CROSSSLOT",
            "WRONGPASS",
        ] {
            assert!(!answered(code).is_transient(), "{code}");
        }
        assert!(!StoreError::from(Unreadable("a moment")).is_transient());
    }
}
