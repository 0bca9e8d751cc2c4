//! The service that the servers are, before a web framework comes in: what their handlers share, and
//! how it is made from the command line.

mod pages;
mod start;

use std::sync::Arc;

use oauth_core::{AuthorizationServer, UserId};
use oauth_sqlx::Sweeping;

use crate::Users;
use crate::origin::{Origin, same_origin};
use crate::secret::Key;
use crate::session::{self, Session};

/// What the handlers share. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Service {
    /// The authorization server in the service.
    pub server: AuthorizationServer,
    /// The users of the service.
    pub users: Arc<Users>,
    /// Encrypts the session cookies.
    pub session_key: Key<64>,
    /// Set when the built-in users are in use, so that the pages may say how to sign in.
    pub demo: Option<Arc<Demo>>,
    /// Removes what has expired until the service ends.
    _sweeping: Arc<Sweeping>,
}

/// What a server without a configuration file shows.
#[derive(Debug)]
pub struct Demo {
    /// Where the other app of the demonstration runs, if it does.
    pub client: Option<String>,
}

impl Service {
    /// The issuer's path, which begins every path of the service.
    pub fn base(&self) -> &str {
        self.server.issuer().path()
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        self.server.issuer().as_str()
    }

    /// The session in the decrypted value of a cookie, if it counts and the user still exists.
    pub fn session(&self, cookie: &str) -> Option<Session> {
        Session::decode(cookie, session::now())
            .filter(|session| self.users.contains(session.username()))
    }

    /// What an `Origin` header says, for a form that was posted here.
    pub fn origin(&self, header: Option<&str>) -> Origin {
        same_origin(header, self.issuer())
    }

    /// Whether the store answers.
    pub async fn is_healthy(&self) -> bool {
        let nobody = UserId::new("");
        let answer = self.server.connected_applications(&nobody).await;
        answer
            .inspect_err(|error| tracing::error!("{error}"))
            .is_ok()
    }
}
