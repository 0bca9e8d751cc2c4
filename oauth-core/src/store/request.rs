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
