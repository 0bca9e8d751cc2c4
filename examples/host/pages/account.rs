use askama::Template;

use super::ScopeLine;

/// The apps that have access to a user's account. Each has a form that posts its `client_id` to
/// `{base}/account`, and the page has no form besides.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// The path of the issuer.
    pub base: String,
    /// Who is signed in.
    pub username: String,
    /// What has just been done, if anything.
    pub notice: Option<String>,
    /// Clients with a live grant or a remembered consent.
    pub applications: Vec<Application>,
}

/// An app on the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The client's id.
    pub client_id: String,
    /// Its name.
    pub client_name: String,
    /// What it is allowed.
    pub scopes: Vec<ScopeLine>,
    /// How many of its grants are live: none, if only the consent is remembered.
    pub live_grants: usize,
}

impl Application {
    /// Whether it can reach the user's data now.
    pub fn has_access(&self) -> bool {
        self.live_grants > 0
    }
}
