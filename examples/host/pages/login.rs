use askama::Template;

/// For [`LoginPage::error`]. Does not tell whether there is such a user.
pub const WRONG_PASSWORD: &str = "This user name and password do not belong together.";

/// For the pages of a server with the built-in demo users.
pub const DEMO_HINT: &str =
    "Sign in as alice with the password wonderland, or as bob with the password builder.";

/// The form to sign in with. Posts `username`, `password` and `return_to` to `{base}/login`.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// The path of the issuer.
    pub base: String,
    /// Where to go afterwards.
    pub return_to: String,
    /// Filled in beforehand: from the `login_hint` of a request, or from the attempt before.
    pub username: String,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// The app that waits for the user.
    pub client_name: Option<String>,
    /// Whom to sign in as, at a demo.
    pub demo_hint: Option<String>,
}
