//! The service's API beside the profile.

use actix_web::web::Json;
use host::profile::Address;
use oauth_actix::UserToken;
use oauth_core::RequiredScope;

/// Requires the scope `email`.
pub(crate) struct Email;

impl RequiredScope for Email {
    const SCOPE: &'static str = "email";
}

pub(crate) async fn email(user: UserToken<Email>) -> Json<Address> {
    Json(Address::of(user.subject()))
}
