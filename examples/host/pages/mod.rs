//! The HTML pages: plain forms that work without JavaScript.
//!
//! Each page is a struct with plain fields and a template in `templates/`; the templates escape
//! every value. `base` is the path of the issuer, without a slash at its end, which begins every
//! link. [`Page::html`] gives the text, to be sent with [`PAGE_HEADERS`] in every case: an error
//! page is as good a target for framing as any other.

mod account;
mod consent;
mod headers;
mod home;
mod login;
mod message;
#[cfg(test)]
mod tests;

use askama::Template;

pub use account::{AccountPage, Application, GrantLine, GrantsPage, Moment};
pub use consent::ConsentPage;
pub use headers::{PAGE_HEADERS, STYLESHEET_HEADERS};
pub use home::HomePage;
pub use login::{DEMO_HINT, LoginPage, WRONG_PASSWORD};
pub use message::{Link, MessagePage};

/// What is served as `style.css` below the issuer's path, with [`STYLESHEET_HEADERS`].
pub const STYLESHEET: &str = include_str!("style.css");

/// A page that can be shown.
pub trait Page: Template {
    /// The page as HTML.
    fn html(&self) -> String {
        // Writing to a string fails only if a value's own formatting does, and all values are
        // plain text. An empty page is better than a panic.
        self.render().unwrap_or_default()
    }
}

impl<T: Template> Page for T {}

/// A scope, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope's name.
    pub name: String,
    /// What it allows, in words.
    pub description: String,
    /// Whether this user has allowed it to this client before.
    pub already_granted: bool,
}
