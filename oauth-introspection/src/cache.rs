//! What the authorization server said, for a short while.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache as Remembered;
use moka::ops::compute::Op;
use oauth_core::VerifiedToken;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::endpoint::Failure;

/// The SHA-256 of a token.
pub(crate) type Key = [u8; 32];

pub(crate) fn key(token: &str) -> Key {
    Sha256::digest(token).into()
}

/// Active tokens and the others are kept apart, so that a flood of invented tokens pushes no real one
/// out.
pub(crate) struct Cache {
    active: Kept<Arc<Active>>,
    inactive: Kept<OffsetDateTime>,
}

/// One of the two.
struct Kept<V> {
    max_age: Duration,
    /// Its own time to live, which runs on the clock of the machine, only frees memory: what counts is
    /// compared with the verifier's clock.
    entries: Remembered<Key, V>,
}

struct Active {
    token: VerifiedToken,
    until: OffsetDateTime,
}

/// Why there is no token.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("the token is not active")]
    Inactive,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl<V: Clone + Send + Sync + 'static> Kept<V> {
    fn new(max_age: Duration, capacity: u64) -> Self {
        let entries = Remembered::builder()
            .max_capacity(capacity)
            .time_to_live(max_age)
            .build();
        Self { max_age, entries }
    }

    fn is_off(&self) -> bool {
        self.max_age.is_zero()
    }
}

impl Cache {
    pub(crate) fn new(max_age: Duration, negative_max_age: Duration, capacity: u64) -> Self {
        Self {
            active: Kept::new(max_age, capacity),
            inactive: Kept::new(negative_max_age, capacity),
        }
    }

    /// The token, if it is remembered as active.
    pub(crate) async fn known(&self, key: &Key, now: OffsetDateTime) -> Option<VerifiedToken> {
        let known = self.active.entries.get(key).await?;
        if now < known.until {
            return Some(known.token.clone());
        }
        self.forget(key, now).await;
        None
    }

    /// For a token that was not [`known`](Self::known): whether it is remembered as inactive, or else what
    /// `ask` says. Of several that want to know about one token at the same time, one asks.
    pub(crate) async fn verify(
        &self,
        key: Key,
        now: OffsetDateTime,
        ask: impl Future<Output = Result<Option<VerifiedToken>, Failure>>,
    ) -> Result<VerifiedToken, Unanswered> {
        let ask = pin!(async {
            if self.is_known_as_inactive(&key, now).await {
                return Err(Unanswered::Inactive);
            }
            match ask.await? {
                Some(token) => Ok(token),
                None => {
                    self.remember_as_inactive(key, now).await;
                    Err(Unanswered::Inactive)
                }
            }
        });
        if self.active.is_off() {
            return ask.await;
        }
        // An error is handed to all who wait, and not kept.
        let asked = self.active.entries.try_get_with(key, async {
            ask.await.map(|token| {
                let until = (now + self.active.max_age).min(token.expires_at());
                Arc::new(Active { token, until })
            })
        });
        match asked.await {
            Ok(active) => Ok(active.token.clone()),
            Err(unanswered) => Err(Unanswered::clone(&unanswered)),
        }
    }

    /// Removes an entry that is too old, but not the one that somebody may have put there since.
    async fn forget(&self, key: &Key, now: OffsetDateTime) {
        let entry = self.active.entries.entry_by_ref(key);
        let removed = entry.and_compute_with(async |entry| match entry {
            Some(entry) if now >= entry.value().until => Op::Remove,
            _ => Op::Nop,
        });
        removed.await;
    }

    async fn is_known_as_inactive(&self, key: &Key, now: OffsetDateTime) -> bool {
        let until = self.inactive.entries.get(key).await;
        until.is_some_and(|until| now < until)
    }

    async fn remember_as_inactive(&self, key: Key, now: OffsetDateTime) {
        if !self.inactive.is_off() {
            let until = now + self.inactive.max_age;
            self.inactive.entries.insert(key, until).await;
        }
    }
}
