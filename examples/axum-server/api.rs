//! The service's API beside the profile.

use axum::Json;
use oauth_axum::UserToken;
use oauth_core::{RequiredScope, UserId};
use serde::Serialize;

/// The answer of `/api/profile`.
#[derive(Serialize)]
pub(crate) struct Me {
    sub: String,
    username: String,
}

impl Me {
    pub(crate) fn of(user: &UserId) -> Self {
        Self {
            sub: user.to_string(),
            username: user.to_string(),
        }
    }
}

/// Requires the scope `email`.
pub(crate) struct Email;

impl RequiredScope for Email {
    const SCOPE: &'static str = "email";
}

#[derive(Serialize)]
pub(crate) struct Address {
    email: String,
}

pub(crate) async fn email(user: UserToken<Email>) -> Json<Address> {
    Json(Address {
        email: format!("{}@example.com", user.subject()),
    })
}
