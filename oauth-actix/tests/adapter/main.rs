//! The adapter within a host that has users, app data and a default service of its own. The tests are
//! those of oauth-axum, as far as the frameworks agree.
#![cfg(test)]

mod bearer;
mod extractors;
mod failing_store;
mod host;
mod malformed;
mod mounting;
mod origin;
mod protected_resource;
mod resource_owner;
