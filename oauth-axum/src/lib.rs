//! Mounts the authorization server into axum.
