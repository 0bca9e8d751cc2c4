//! What the pages send.

use serde::Deserialize;

use crate::Secret;

/// The longest form in bytes: a long place to return to, encoded once more.
pub const LONGEST_FORM: usize = 64 * 1024;

/// The query of the login page.
#[derive(Debug, Default, Deserialize)]
pub struct LoginQuery {
    /// Where to go after signing in.
    pub return_to: Option<String>,
}

/// The form of the login page.
#[derive(Debug, Deserialize)]
pub struct LoginForm {
    /// Who signs in.
    pub username: String,
    /// Their password.
    pub password: Secret,
    /// Where to go afterwards.
    pub return_to: Option<String>,
}

/// A form of the account page.
#[derive(Debug, Deserialize)]
pub struct DisconnectForm {
    /// The client that is to lose its access.
    pub client_id: String,
}
