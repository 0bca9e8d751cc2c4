use std::fmt;

use askama::Template;
use time::{OffsetDateTime, UtcOffset};

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
    /// When it last got a token, if any is live.
    pub last_issued_at: Option<Moment>,
    /// The page with its single grants.
    pub grants: String,
}

impl Application {
    /// Whether it can reach the user's data now.
    pub fn has_access(&self) -> bool {
        self.live_grants > 0
    }
}

/// The grants of one app to a user. Each has a form that posts its `grant`, with the app's `client_id`, to
/// `{base}/account/grants`.
#[derive(Clone, Debug, Template)]
#[template(path = "grants.html")]
pub struct GrantsPage {
    /// The path of the issuer.
    pub base: String,
    /// The client's id.
    pub client_id: String,
    /// Its name.
    pub client_name: String,
    /// Those that are live, the latest first.
    pub grants: Vec<GrantLine>,
}

/// A grant on the page of its app: each time the app was connected is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantLine {
    /// The grant's id.
    pub id: String,
    /// When the user agreed.
    pub opened_at: Moment,
    /// When the app last got a token under it.
    pub last_issued_at: Moment,
    /// What it allows.
    pub scopes: Vec<ScopeLine>,
    /// The APIs that it is for; empty for all.
    pub resources: Vec<String>,
}

/// A moment to the minute, in UTC, since the server does not know where the reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment(OffsetDateTime);

impl From<OffsetDateTime> for Moment {
    fn from(moment: OffsetDateTime) -> Self {
        Self(moment.to_offset(UtcOffset::UTC))
    }
}

impl Moment {
    /// For programs, as the attribute `datetime` takes it.
    pub fn datetime(&self) -> String {
        let (date, hour, minute) = (self.0.date(), self.0.hour(), self.0.minute());
        format!("{date}T{hour:02}:{minute:02}Z")
    }
}

/// For people.
impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, hour, minute) = (self.0.date(), self.0.hour(), self.0.minute());
        write!(formatter, "{date}, {hour:02}:{minute:02} UTC")
    }
}
