//! What the example servers share: everything that is not tied to a web framework.
//!
//! A service that embeds the framework keeps its own users, sessions and pages. This library is
//! that part of the examples: the command line and the configuration file, the users and their
//! passwords, the content of the session cookie, the HTML pages. Of the framework it knows how an
//! authorization server is made from the configuration ([`server`]) and what its prompts have to say
//! on a page ([`service`]); a reader who wants to see how it is embedded finds that in the `oauth.rs`
//! of each server, or lets `routes_with` do it for [`visitors`].

pub mod configuration;
pub mod demo_client;
pub mod forms;
pub mod issuer;
pub mod logging;
pub mod metrics;
pub mod options;
pub mod origin;
pub mod pages;
pub mod profile;
pub mod secret;
pub mod server;
pub mod service;
pub mod session;
pub mod shutdown;
mod stores;
pub mod throttling;
pub mod users;
pub mod visitors;

pub use configuration::{Configuration, ConfigurationError};
pub use metrics::Metrics;
pub use options::{Options, Store};
pub use origin::Origin;
pub use secret::{Key, Secret};
pub use service::Service;
pub use session::Session;
pub use throttling::{SignIn, Throttling};
pub use users::Users;
pub use visitors::Visitors;
