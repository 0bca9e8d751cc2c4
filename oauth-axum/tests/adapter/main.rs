//! The adapter within a host that has users, state, layers and a fallback of its own.
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
mod send;
