use askama::Template;

use super::ScopeLine;

/// The question whether an app may have access. Posts `ticket` and `decision`, which is `allow` or
/// `deny`, to `action`.
#[derive(Clone, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// The path of the issuer.
    pub base: String,
    /// Where the form goes to.
    pub action: String,
    /// The ticket of the request that waits for the answer.
    pub ticket: String,
    /// The name of the app.
    pub client_name: String,
    /// The host to which the browser goes with the answer, or the scheme of an app on the device.
    pub redirect_host: String,
    /// Who is signed in.
    pub username: String,
    /// What the app asks for.
    pub scopes: Vec<ScopeLine>,
    /// The APIs that it asks for by name; empty when it is for all of them.
    pub resources: Vec<String>,
}
