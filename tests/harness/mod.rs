//! What the black-box tests share: a running example server, a browser, clients, expectations.
//!
//! Nothing here knows the framework. A [`Server`] is a process with a configuration file; everything
//! else goes over HTTP, so the same tests serve every example server and every store.

mod answer;
mod browser;
mod client;
mod configuration;
mod expectation;
mod raw;
mod request;
mod server;
mod store;
mod target;
mod token_status;

pub use answer::{Answer, Form};
pub use browser::Browser;
pub use client::{Client, PHOTOS, VIDEOS, basic, fresh, raw_basic};
pub use configuration::{Configuration, User};
pub use expectation::query_of;
pub use request::{AuthorizationRequest, Code, Tokens, challenge_of};
pub use server::{FORM, Server, http};
pub use store::Store;
pub use target::Target;
