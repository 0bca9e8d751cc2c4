//! A third-party web app: it asks its visitor to connect an account at the example server, and then
//! shows the profile it reads there.
//!
//! It knows nothing of the framework in this repository. It is written as anybody would write an
//! OAuth client with the `oauth2` crate, and so shows that the server works with strangers.
//!
//! - [`Settings`]: which server, and as which client.
//! - [`router`]: the whole app, for a process of its own or beside the server in one process.
//!
//! What to look at first is `provider.rs` (everything said to the server) and `routes.rs` (what the
//! browser sees of it).

mod connection;
mod failure;
mod pages;
mod provider;
mod routes;
mod settings;
#[cfg(test)]
mod tests;
mod visits;

pub use routes::router;
pub use settings::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ISSUER, DEFAULT_LISTEN, DEFAULT_SCOPE,
    Settings, SettingsError,
};
