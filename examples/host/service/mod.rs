//! The service that the servers are, before a web framework comes in: what their handlers share, and
//! how it is made from the command line.

mod pages;
mod start;

use std::net::IpAddr;
use std::sync::Arc;

use oauth_core::{AuthorizationServer, UserId};
use oauth_sqlx::Sweeping;

use crate::metrics::Metrics;
use crate::origin::{Origin, same_origin};
use crate::secret::{Key, Secret};
use crate::session::{self, Session};
use crate::throttling::{SignIn, Throttling};
use crate::users::{Busy, Users};

/// What the handlers share. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Service {
    /// The authorization server in the service.
    pub server: AuthorizationServer,
    /// The users of the service.
    pub users: Arc<Users>,
    /// Encrypts the session cookies.
    pub session_key: Key<64>,
    /// What has been counted since the process began.
    pub metrics: Metrics,
    /// Who may not try again yet; none where addresses tell nothing.
    pub throttling: Option<Throttling>,
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

    /// Signs a user in who sent a password from this address.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already.
    pub async fn sign_in(
        &self,
        username: String,
        password: Secret,
        peer: Option<IpAddr>,
    ) -> Result<SignIn, Busy> {
        let throttling = self.throttling.as_ref();
        Throttling::sign_in(throttling, &self.users, username, password, peer).await
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
