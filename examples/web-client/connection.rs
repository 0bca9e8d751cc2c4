//! The tokens of one visitor, and reading the profile with them.

use oauth2::basic::BasicTokenResponse;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use tokio::time::Instant;

use crate::failure::Failure;
use crate::provider::{Email, Profile, Provider};

/// The tokens of one visitor. It has no `Debug`, so that they end in no log.
pub(crate) struct Connection {
    access: AccessToken,
    refresh: Option<RefreshToken>,
    expires: Option<Instant>,
    scope: Vec<Scope>,
    refreshes: u32,
}

/// What the profile page shows.
pub(crate) struct Reading {
    pub(crate) profile: Profile,
    pub(crate) email: Option<Email>,
    /// How often the access token was renewed since the visitor connected.
    pub(crate) refreshes: u32,
    /// Seconds until the access token expires, where the server said so.
    pub(crate) expires_in: Option<u64>,
}

impl Connection {
    /// What the code was exchanged for. `asked` is the scope if the server names none.
    pub(crate) fn new(tokens: &BasicTokenResponse, asked: &[Scope], now: Instant) -> Self {
        let mut connection = Self {
            access: tokens.access_token().clone(),
            refresh: None,
            expires: None,
            scope: asked.to_vec(),
            refreshes: 0,
        };
        connection.take(tokens, now);
        connection
    }

    fn take(&mut self, tokens: &BasicTokenResponse, now: Instant) {
        self.access = tokens.access_token().clone();
        self.expires = tokens
            .expires_in()
            .and_then(|lifetime| now.checked_add(lifetime));
        // A server that does not rotate sends none, and the old one stays good.
        if let Some(next) = tokens.refresh_token() {
            self.refresh = Some(next.clone());
        }
        if let Some(scope) = tokens.scopes() {
            self.scope.clone_from(scope);
        }
    }

    fn may(&self, scope: &str) -> bool {
        self.scope.iter().any(|granted| granted.as_str() == scope)
    }

    async fn refresh(&mut self, provider: &Provider) -> Result<(), Failure> {
        let presented = self.refresh.as_ref().ok_or(Failure::Ended)?;
        // Measured from before the request: the token's life began no earlier.
        let now = Instant::now();
        let tokens = provider.refresh(presented).await?;
        self.take(&tokens, now);
        self.refreshes += 1;
        Ok(())
    }

    /// Reads the profile; an expired access token is refreshed first, and one that the server no
    /// longer takes once more after that answer.
    pub(crate) async fn read(&mut self, provider: &Provider) -> Result<Reading, Failure> {
        let mut refreshed = false;
        if self
            .expires
            .is_some_and(|expires| expires <= Instant::now())
        {
            self.refresh(provider).await?;
            refreshed = true;
        }
        let profile = match provider.read("profile", &self.access).await {
            Err(Failure::Ended) if !refreshed => {
                self.refresh(provider).await?;
                provider.read("profile", &self.access).await?
            }
            other => other?,
        };
        let email = match self.may("email") {
            true => Some(provider.read("email", &self.access).await?),
            false => None,
        };
        let left = |expires: Instant| expires.saturating_duration_since(Instant::now()).as_secs();
        Ok(Reading {
            profile,
            email,
            refreshes: self.refreshes,
            expires_in: self.expires.map(left),
        })
    }
}
