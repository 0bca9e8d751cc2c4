//! The protocol of an OAuth 2.0 authorization server.
