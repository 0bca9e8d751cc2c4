use askama::Template;

/// A page with something to say: an error, or that something is done.
#[derive(Clone, Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// The path of the issuer.
    pub base: String,
    /// In a few words.
    pub title: String,
    /// What it means for the reader, and what to do.
    pub message: String,
    /// For whoever mends it, such as an error code.
    pub detail: Option<String>,
    /// Where to go from here.
    pub link: Option<Link>,
}

/// A link on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads. Not to be taken from a request: a `javascript:` URL would be shown as it is.
    pub href: String,
    /// What it says.
    pub text: String,
}

impl MessagePage {
    /// A page with a link home.
    pub fn new(base: &str, title: &str, message: &str) -> Self {
        Self {
            base: base.to_owned(),
            title: title.to_owned(),
            message: message.to_owned(),
            detail: None,
            link: Some(Link {
                href: format!("{base}/"),
                text: "Home".to_owned(),
            }),
        }
    }

    /// The same page with something for whoever mends it.
    #[must_use]
    pub fn with_detail(self, detail: &str) -> Self {
        Self {
            detail: Some(detail.to_owned()),
            ..self
        }
    }

    /// After signing out.
    pub fn signed_out(base: &str) -> Self {
        let link = Link {
            href: format!("{base}/login"),
            text: "Sign in again".to_owned(),
        };
        let message = "Apps you have connected keep their access until you disconnect them on \
                       your account page.";
        Self {
            link: Some(link),
            ..Self::new(base, "You are signed out", message)
        }
    }

    /// A form that came from a page of another site.
    pub fn foreign_origin(base: &str, issuer: &str) -> Self {
        let message = format!(
            "This form was not sent from a page of this server. Open {issuer} in your browser, \
             at exactly this address, and try again."
        );
        Self::new(base, "The form was not accepted", &message)
    }

    /// A path at which there is nothing.
    pub fn not_found(base: &str) -> Self {
        Self::new(
            base,
            "There is no such page",
            "Check the address, or start from the home page.",
        )
    }

    /// Too many passwords were wrong.
    pub fn too_many_attempts(base: &str, seconds: u64) -> Self {
        let message = format!(
            "Too many attempts to sign in have failed. Please try again in {seconds} seconds."
        );
        Self::new(base, "Please wait a moment", &message)
    }

    /// The server cannot answer at the moment.
    pub fn unavailable(base: &str) -> Self {
        let message = "The server cannot answer at the moment. Please try again in a minute.";
        Self::new(base, "Please try again", message)
    }
}
