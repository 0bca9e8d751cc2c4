use askama::Template;

/// The first page: what this is and what to try. Its one form, for people who are signed in, posts
/// nothing to `{base}/logout`.
#[derive(Clone, Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The path of the issuer.
    pub base: String,
    /// Who is signed in, if anybody.
    pub username: Option<String>,
    /// Whom to sign in as, at a demo; with it come the steps to try.
    pub demo_hint: Option<String>,
    /// Where the other app of the demonstration runs, if it does.
    pub demo_client: Option<String>,
    /// Where the authorization server's metadata is.
    pub metadata_url: String,
}
