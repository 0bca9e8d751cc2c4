//! Contract tests for stores of `oauth-core`.
