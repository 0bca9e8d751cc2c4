//! Stores of `oauth-core` on Redis and Valkey.
