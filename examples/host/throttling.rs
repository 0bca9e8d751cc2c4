//! Who may not try again yet, at the login page and at the token endpoint.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::throttle::{Attempt, FailureLimit, Outcome, Purpose, RetryAfter, Throttle};

use crate::issuer::is_https;
use crate::secret::Secret;
use crate::users::{Busy, Users};

/// So many failures of one user or client from one address at once, and as many again in each period.
const FAILURES: u32 = 100;
const PERIOD: Duration = Duration::from_secs(15 * 60);

/// How signing in ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The user of this name.
    Signed(String),
    /// The password is wrong.
    Refused,
    /// Too many attempts have failed.
    NotNow(RetryAfter),
}

/// Counts failed attempts, of users and clients apart. A clone is cheap and shares the counts.
#[derive(Clone, Debug)]
pub struct Throttling(Arc<FailureLimit>);

impl Throttling {
    /// None where the issuer is `https`: these servers do not speak it, so everybody comes from the address
    /// of the proxy that does, and would be throttled as one. A real service puts the address that its
    /// proxy tells into a `RequestOrigin`.
    pub fn of(issuer: &str) -> Option<Self> {
        let limit = || FailureLimit::new(FAILURES, PERIOD);
        (!is_https(issuer)).then(|| Self(Arc::new(limit())))
    }

    /// [`Users::sign_in`], unless this user has failed too often from this address. A user who signs in
    /// from elsewhere notices nothing.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already.
    pub async fn sign_in(
        this: Option<&Self>,
        users: &Arc<Users>,
        username: String,
        password: Secret,
        peer: Option<IpAddr>,
    ) -> Result<SignIn, Busy> {
        let claimed = username.clone();
        let attempt = Attempt::new(Purpose::Login, &claimed).from_peer(peer);
        let check = || this.map_or(Ok(()), |throttling| throttling.check(&attempt));
        let outcome = |outcome| {
            if let Some(throttling) = this {
                throttling.outcome(&attempt, outcome);
            }
        };
        if let Err(retry_after) = check() {
            return Ok(SignIn::NotNow(retry_after));
        }
        let signed_in = users.sign_in(username, password).await?;
        // Asked again, because many guesses may have waited for their turn.
        if let Err(retry_after) = check() {
            return Ok(SignIn::NotNow(retry_after));
        }
        Ok(match signed_in {
            Some(username) => {
                outcome(Outcome::Success);
                SignIn::Signed(username)
            }
            None => {
                outcome(Outcome::Failure);
                SignIn::Refused
            }
        })
    }
}

impl Throttle for Throttling {
    fn check(&self, attempt: &Attempt<'_>) -> Result<(), RetryAfter> {
        self.0.check(attempt)
    }

    fn outcome(&self, attempt: &Attempt<'_>, outcome: Outcome) {
        self.0.outcome(attempt, outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sign_in(
        throttling: &Throttling,
        users: &Arc<Users>,
        password: &str,
        peer: &str,
    ) -> SignIn {
        let (username, password) = ("alice".to_owned(), Secret::new(password));
        let peer = peer.parse().ok();
        let answer = Throttling::sign_in(Some(throttling), users, username, password, peer);
        answer.await.unwrap()
    }

    #[tokio::test]
    async fn a_user_who_fails_too_often_in_one_place_may_still_sign_in_elsewhere() {
        let password = Secret::new("wonderland");
        let users = Arc::new(Users::new([("alice", &password)]).unwrap());
        let throttling = Throttling(Arc::new(FailureLimit::new(3, PERIOD)));
        for _ in 0..3 {
            let refused = sign_in(&throttling, &users, "wrong", "192.0.2.7").await;
            assert_eq!(refused, SignIn::Refused);
        }
        for password in ["wrong", "wonderland"] {
            let not_now = sign_in(&throttling, &users, password, "192.0.2.7").await;
            assert!(matches!(not_now, SignIn::NotNow(_)), "{not_now:?}");
        }
        let elsewhere = sign_in(&throttling, &users, "wonderland", "192.0.2.8").await;
        assert_eq!(elsewhere, SignIn::Signed("alice".to_owned()));
    }

    #[test]
    fn nobody_is_throttled_behind_a_proxy_that_is_not_known() {
        assert!(Throttling::of("https://auth.example.com").is_none());
        assert!(Throttling::of("http://127.0.0.1:8080").is_some());
    }
}
