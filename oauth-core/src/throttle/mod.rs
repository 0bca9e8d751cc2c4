//! A hook against guessing: before a credential is checked, somebody may say "not now".
//!
//! The server asks its [`Throttle`]
//! ([`AuthorizationServerBuilder::throttle`](crate::AuthorizationServerBuilder::throttle)) before it
//! authenticates a client, at every endpoint that does, and tells it how that ended. A refused attempt is
//! answered with 429, `Retry-After` and the error `temporarily_unavailable`, whether or not the secret is
//! right. There is none by default.
//!
//! Whom to slow down is the hard part. A limit for each client alone lets anybody lock a client out by
//! guessing badly at its secret; a limit for each address alone locks out whoever shares it. So an
//! [`Attempt`] has both, and both should be in the key: whoever guesses at one client's secret from one
//! place then gets nowhere, while the client itself, elsewhere, notices nothing. Where the address is not
//! known ([`RequestOrigin`](crate::RequestOrigin)), it is better not to throttle. A client that names itself
//! and proves nothing (method `none`) is never throttled: there is nothing to guess, and everybody who uses
//! it has the same name.
//!
//! A secret that was made by a machine withstands guessing without any of this (RFC 6749 section 10.10);
//! the throttle keeps the load down, and makes the attempt visible. Passwords of users do not: the host's
//! own login page needs a throttle more, and can use the same one with [`Purpose::Login`].
//!
#![cfg_attr(
    feature = "throttle",
    doc = "[`FailureLimit`] is a ready one, for one process."
)]
#![cfg_attr(
    not(feature = "throttle"),
    doc = "The feature `throttle` adds a ready one, for one process."
)]

#[cfg(feature = "throttle")]
mod failure_limit;

use std::net::IpAddr;
use std::time::Duration;

#[cfg(feature = "throttle")]
pub use failure_limit::FailureLimit;

/// What is being tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// A client authenticates (RFC 6749 section 2.3).
    ClientAuthentication,
    /// A user signs in at the host, which asks the throttle itself.
    Login,
}

/// Somebody tries to be let in.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    purpose: Purpose,
    identity: &'a str,
    peer: Option<IpAddr>,
}

impl<'a> Attempt<'a> {
    /// An attempt to be taken for `identity`: a `client_id`, the name of a user.
    pub fn new(purpose: Purpose, identity: &'a str) -> Self {
        Self {
            purpose,
            identity,
            peer: None,
        }
    }

    /// The same from this address, if it is known.
    #[must_use]
    pub fn from_peer(mut self, peer: Option<IpAddr>) -> Self {
        self.peer = peer;
        self
    }

    /// What is being tried.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Who they say they are. Whatever was sent: of any length, and perhaps nobody.
    pub fn identity(&self) -> &'a str {
        self.identity
    }

    /// Where they are, as far as that is known.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// They are who they say.
    Success,
    /// They are not.
    Failure,
}

/// Not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// The next attempt makes sense after this time.
    pub fn new(wait: Duration) -> Self {
        Self(wait)
    }

    /// The time to wait.
    pub fn wait(self) -> Duration {
        self.0
    }

    /// The value of the header `Retry-After` (RFC 9110 section 10.2.3): whole seconds, at least one.
    pub fn seconds(self) -> u64 {
        let whole = self.0.as_secs();
        let rest = u64::from(self.0.subsec_nanos() > 0);
        whole.saturating_add(rest).max(1)
    }
}

/// Says who tries too often.
///
/// It is called in the middle of a request and must not block. One that counts in a database or another
/// process answers from what it has learned so far and learns in the background.
///
/// ```
/// use std::collections::HashMap;
/// use std::net::IpAddr;
/// use std::sync::Mutex;
/// use std::time::Duration;
///
/// use oauth_core::throttle::{Attempt, Outcome, Purpose, RetryAfter, Throttle};
///
/// /// Three failures of one client from one address, then nothing until an operator looks at it.
/// #[derive(Default)]
/// struct Strict(Mutex<HashMap<(String, IpAddr), u32>>);
///
/// impl Throttle for Strict {
///     fn check(&self, attempt: &Attempt<'_>) -> Result<(), RetryAfter> {
///         let (Some(peer), Ok(failures)) = (attempt.peer(), self.0.lock()) else {
///             return Ok(());
///         };
///         match failures.get(&(attempt.identity().to_owned(), peer)) {
///             Some(3..) => Err(RetryAfter::new(Duration::from_secs(3600))),
///             _ => Ok(()),
///         }
///     }
///
///     fn outcome(&self, attempt: &Attempt<'_>, outcome: Outcome) {
///         if let (Some(peer), Ok(mut failures)) = (attempt.peer(), self.0.lock())
///             && outcome == Outcome::Failure
///         {
///             *failures.entry((attempt.identity().to_owned(), peer)).or_default() += 1;
///         }
///     }
/// }
///
/// let throttle = Strict::default();
/// let guess = Attempt::new(Purpose::ClientAuthentication, "web").from_peer("192.0.2.7".parse().ok());
/// for _ in 0..3 {
///     assert!(throttle.check(&guess).is_ok());
///     throttle.outcome(&guess, Outcome::Failure);
/// }
/// assert!(throttle.check(&guess).is_err());
/// ```
pub trait Throttle: Send + Sync + 'static {
    /// Whether the attempt may go on. It is asked before anything is checked, and once more before a
    /// success counts, so that guesses that are sent all at once do not slip through.
    ///
    /// # Errors
    ///
    /// [`RetryAfter`] when it may not; it is then answered with 429, and [`outcome`](Self::outcome) is not
    /// called.
    fn check(&self, attempt: &Attempt<'_>) -> Result<(), RetryAfter>;

    /// How an attempt ended that was let through. An attempt that could not be decided, because a store
    /// failed or the request was dropped, has no outcome.
    fn outcome(&self, attempt: &Attempt<'_>, outcome: Outcome);
}

#[cfg(test)]
mod tests;
