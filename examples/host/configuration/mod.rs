//! The configuration file, and what holds without one.
//!
//! The file is read by hand rather than by derived deserialization, for two reasons. A deserializer
//! stops at the first mistake, and whoever writes such a file wants to hear of all of them at once.
//! And its messages repeat the value that was wrong, which may be a password.

mod demo;
mod document;
mod entries;
mod problems;
mod tables;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

pub use demo::invitation;
pub use entries::{ClientEntry, ScopeEntry, TokenEndpointAuthMethod, UserEntry};
pub use problems::ConfigurationError;
pub use tables::{Lifetimes, Policy};

use crate::secret::Key;
use document::Document;
use problems::Problems;

/// Everything a configuration file can say. Each key has the file's name.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// `[lifetimes]`.
    pub lifetimes: Lifetimes,
    /// `session_key` of `[server]`, which encrypts the session cookies.
    pub session_key: Option<Key<64>>,
    /// `[policy]`.
    pub policy: Policy,
    /// `[[users]]`, each name once.
    pub users: Vec<UserEntry>,
    /// `[[clients]]`, each id once.
    pub clients: Vec<ClientEntry>,
    /// `[[scopes]]`, each name once.
    pub scopes: Vec<ScopeEntry>,
    is_demo: bool,
}

impl Configuration {
    /// The file if there is one, else the built-in demo.
    ///
    /// # Errors
    /// If the file cannot be read or has mistakes; all of them are told.
    pub fn load_or_demo(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        file.map_or_else(|| Ok(Self::demo()), Self::load)
    }

    /// Reads a file. It stands in place of the demo: there are no users and clients but those in
    /// it.
    ///
    /// # Errors
    /// If the file cannot be read or has mistakes; all of them are told.
    pub fn load(file: &Path) -> Result<Self, ConfigurationError> {
        let text = fs::read_to_string(file)
            .map_err(|error| ConfigurationError::unreadable(file, &error))?;
        Self::parse(&text).map_err(|problems| problems.in_file(file))
    }

    /// The session key of the file, or a new one, with which nobody stays signed in over a restart
    /// or at another process.
    pub fn session_key(&self) -> Key<64> {
        self.session_key.clone().unwrap_or_else(Key::random)
    }

    /// Whether this is the built-in demo, whose passwords may be shown on the pages.
    pub fn is_demo(&self) -> bool {
        self.is_demo
    }

    /// The keys that ask for something the framework does not have yet.
    pub fn without_effect(&self) -> Vec<&'static str> {
        [
            (
                "policy.dynamic_registration",
                self.policy.dynamic_registration,
            ),
            (
                "policy.client_id_metadata_documents",
                self.policy.client_id_metadata_documents,
            ),
        ]
        .into_iter()
        .filter_map(|(key, wanted)| wanted.then_some(key))
        .collect()
    }

    fn parse(text: &str) -> Result<Self, Problems<'_>> {
        let problems = Problems::new(text);
        let parsed = Document::parse(text, &problems);
        let configuration = parsed.map(|document| {
            let mut lifetimes_section = document.table("lifetimes");
            let mut policy_section = document.table("policy");
            let configuration = Self {
                lifetimes: Lifetimes::read(&mut lifetimes_section),
                session_key: tables::session_key(document.table("server")),
                policy: Policy::read(&mut policy_section),
                users: entries::all(document.list("users")),
                clients: entries::all(document.list("clients")),
                scopes: entries::all(document.list("scopes")),
                is_demo: false,
            };
            let retries = !configuration.lifetimes.refresh_retry_window.is_zero();
            if retries && !policy_section.has("rotation_key") {
                // Told where the retry window is, since that is what needs the key.
                let offset = lifetimes_section.offset_of("refresh_retry_window");
                let what = "base64 of 32 bytes, is needed when lifetimes.refresh_retry_window is \
                            above 0";
                problems.add("policy.rotation_key", offset, what);
            }
            lifetimes_section.finish();
            policy_section.finish();
            document.finish();
            configuration
        });
        match configuration {
            Some(configuration) if problems.is_empty() => Ok(configuration),
            _ => Err(problems),
        }
    }
}
