//! What the service's API tells about a user.

use oauth_core::UserId;
use serde::Serialize;

/// The answer of `/api/profile`.
#[derive(Debug, Serialize)]
pub struct Me {
    sub: String,
    username: String,
}

impl Me {
    /// What there is to say about the user.
    pub fn of(user: &UserId) -> Self {
        Self {
            sub: user.to_string(),
            username: user.to_string(),
        }
    }
}

/// The answer of `/api/email`.
#[derive(Debug, Serialize)]
pub struct Address {
    email: String,
}

impl Address {
    /// The user's address.
    pub fn of(user: &UserId) -> Self {
        Self {
            email: format!("{user}@example.com"),
        }
    }
}
