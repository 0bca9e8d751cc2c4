use async_trait::async_trait;
use time::OffsetDateTime;

use super::Payload;
use crate::credential::CredentialKey;
use crate::error::StoreError;
use crate::subject::Subject;

/// An authorization request that waits for a user's decision.
#[derive(Clone, Debug, PartialEq)]
pub struct ParkedRequest {
    /// The key of its ticket. All of an owner's have one shard.
    pub key: CredentialKey,
    /// Whose request it is. A store may drop an owner's oldest requests when there are many, so that
    /// nobody fills it for everybody.
    pub owner: Subject,
    /// From this moment on it counts as absent.
    pub expires_at: OffsetDateTime,
    /// What the core keeps in it.
    pub payload: Payload,
}

/// Keeps authorization requests between the consent page and its answer.
///
/// # Contract
///
/// The macro `request_store_contract!` of the crate `oauth-testkit` has a test of each sentence.
///
/// A request comes back as it was put, every field of it, the owner byte for byte, until it is taken or
/// has expired, which at exactly its `expires_at` it has. `get` leaves it there. Of any number that `take`
/// it at once, over whatever connections, one gets it; where the answer of a `take` is lost, nobody else
/// gets the request more than once. An owner may have twenty requests at least, and however many an owner
/// puts, nobody else's go for it. `purge` removes only what has expired at `now`, no more than its
/// limit, and does not count what was taken; a store whose database removes them by itself, later, may
/// have nothing to do there. The time is the caller's.
///
/// # Example
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Mutex, MutexGuard, PoisonError};
///
/// use async_trait::async_trait;
/// use oauth_core::store::{ParkedRequest, RequestStore};
/// use oauth_core::{CredentialKey, StoreError};
/// use time::OffsetDateTime;
///
/// #[derive(Default)]
/// struct Parked(Mutex<HashMap<CredentialKey, ParkedRequest>>);
///
/// impl Parked {
///     fn lock(&self) -> MutexGuard<'_, HashMap<CredentialKey, ParkedRequest>> {
///         self.0.lock().unwrap_or_else(PoisonError::into_inner)
///     }
/// }
///
/// #[async_trait]
/// impl RequestStore for Parked {
///     async fn put(
///         &self,
///         request: &ParkedRequest,
///         _now: OffsetDateTime,
///     ) -> Result<(), StoreError> {
///         self.lock().insert(request.key, request.clone());
///         Ok(())
///     }
///
///     async fn get(
///         &self,
///         key: &CredentialKey,
///         now: OffsetDateTime,
///     ) -> Result<Option<ParkedRequest>, StoreError> {
///         Ok(self.lock().get(key).filter(|request| request.expires_at > now).cloned())
///     }
///
///     async fn take(
///         &self,
///         key: &CredentialKey,
///         now: OffsetDateTime,
///     ) -> Result<Option<ParkedRequest>, StoreError> {
///         Ok(self.lock().remove(key).filter(|request| request.expires_at > now))
///     }
///
///     async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
///         let mut all = self.lock();
///         let expired: Vec<_> = all
///             .values()
///             .filter(|request| request.expires_at <= now)
///             .map(|request| request.key)
///             .take(limit)
///             .collect();
///         Ok(expired.iter().filter(|key| all.remove(key).is_some()).count())
///     }
/// }
/// ```
#[async_trait]
pub trait RequestStore: Send + Sync + 'static {
    /// Keeps a request. A store may use `now` to remove what has expired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer or is full.
    async fn put(&self, request: &ParkedRequest, now: OffsetDateTime) -> Result<(), StoreError>;

    /// Reads a request that has not expired at `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError>;

    /// Removes a request that has not expired at `now` and gives it to exactly one caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer. Where it is unknown whether the request was
    /// removed, it is not given again.
    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError>;

    /// Removes at most `limit` requests that have expired at `now`, and says how many it removed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError>;
}
