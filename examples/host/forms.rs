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

/// The query of the page with an app's grants.
#[derive(Debug, Deserialize)]
pub struct GrantsQuery {
    /// The client whose grants are shown.
    pub client_id: String,
}

/// A form of the page with an app's grants.
#[derive(Debug, Deserialize)]
pub struct EndGrantForm {
    /// The client whose grants are shown again afterwards.
    pub client_id: String,
    /// The grant that is to end.
    pub grant: String,
}

/// A form of the account page.
#[derive(Debug, Deserialize)]
pub struct DisconnectForm {
    /// The client that is to lose its access.
    pub client_id: String,
}
