use async_trait::async_trait;
use time::OffsetDateTime;

use crate::client::ClientId;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::subject::UserId;

/// What a user has allowed a client for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The client that was allowed.
    pub client_id: ClientId,
    /// Everything that was allowed so far. What was allowed for one resource only (RFC 8707) is a value
    /// `<resource>^<value>`; a value with a `^` of its own stands behind an empty resource, and so does the empty
    /// scope. [`allowed_scope`](Self::allowed_scope) has the values for people to read.
    pub scope: Scope,
    /// When something was allowed last.
    pub recorded_at: OffsetDateTime,
}

/// Remembers consents, so that a user is asked once.
///
/// # Contract
///
/// The macro `consent_store_contract!` of the crate `oauth-testkit` has a test of each sentence.
///
/// `record` unites: what was allowed before stays allowed, the order of values means nothing, and the moment
/// is that of the last call. Of any number that run at once none is lost. A dropped one can be asked again
/// and never leaves a part of a scope. An empty scope is a consent, too. The union may have more values
/// than the hundred that [`Scope::parse`] reads, and so may what is recorded at once; a store puts it together
/// with [`Scope::union`]. A value may be longer than 2048 characters, since what is allowed for one resource
/// carries the identifier of that. `withdraw`
/// forgets everything that one user allowed one client and nothing else; what comes later begins anew.
/// `list` has each client once, in any order. Users, clients and values are compared byte for byte.
///
/// # Example
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Mutex, PoisonError};
///
/// use async_trait::async_trait;
/// use oauth_core::store::{Consent, ConsentStore};
/// use oauth_core::{ClientId, Scope, StoreError, UserId};
/// use time::OffsetDateTime;
///
/// #[derive(Default)]
/// struct Remembered(Mutex<BTreeMap<(UserId, ClientId), Consent>>);
///
/// impl Remembered {
///     fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(UserId, ClientId), Consent>> {
///         self.0.lock().unwrap_or_else(PoisonError::into_inner)
///     }
/// }
///
/// #[async_trait]
/// impl ConsentStore for Remembered {
///     async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
///         Ok(self.lock().get(&(user.clone(), client.clone())).cloned())
///     }
///
///     async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
///         let all = self.lock();
///         Ok(all.iter().filter(|((own, _), _)| own == user).map(|(_, it)| it.clone()).collect())
///     }
///
///     async fn record(
///         &self,
///         user: &UserId,
///         client: &ClientId,
///         scope: &Scope,
///         now: OffsetDateTime,
///     ) -> Result<(), StoreError> {
///         let mut all = self.lock();
///         let consent = all.entry((user.clone(), client.clone())).or_insert_with(|| Consent {
///             client_id: client.clone(),
///             scope: Scope::default(),
///             recorded_at: now,
///         });
///         consent.scope = consent.scope.union(scope);
///         consent.recorded_at = now;
///         Ok(())
///     }
///
///     async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError> {
///         self.lock().remove(&(user.clone(), client.clone()));
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait ConsentStore: Send + Sync + 'static {
    /// What this user has allowed this client, if anything.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn find(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError>;

    /// Everything this user has allowed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn list(&self, user: &UserId) -> Result<Vec<Consent>, StoreError>;

    /// Adds `scope` to what this user has allowed this client, as one atomic union: of two that run
    /// at once neither is lost.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn record(
        &self,
        user: &UserId,
        client: &ClientId,
        scope: &Scope,
        now: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Forgets what this user has allowed this client.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn withdraw(&self, user: &UserId, client: &ClientId) -> Result<(), StoreError>;
}
