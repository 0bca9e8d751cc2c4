use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::grant::{Grant, GrantStore};
use crate::credential::GrantId;
use crate::error::StoreError;
use crate::subject::Subject;

/// A live grant of a subject, and when a code or refresh token under it was last exchanged.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGrant {
    /// As [`GrantStore::find`] gives it; where `find` would fail because the payload cannot be read, with
    /// [the payload as it is](super::Payload::decode_or_keep).
    pub grant: Grant,
    /// The latest moment at which an [exchange](GrantStore::exchange) spent a code or refresh token under it; `None`
    /// where none has.
    pub last_exchange_at: Option<OffsetDateTime>,
}

impl ListedGrant {
    /// When the client was last given something under it: at the latest exchange, or when it was opened.
    pub(crate) fn last_issued_at(&self) -> Option<OffsetDateTime> {
        self.last_exchange_at.or_else(|| self.grant.opened_at())
    }
}

/// Some of all grants.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantPage {
    /// As [`GrantStore::find`] gives them, in any order.
    pub grants: Vec<Grant>,
    /// The identifiers of those whose record this version cannot read, one that a later version wrote say. They
    /// are in place of these grants, and hide no other.
    pub unreadable: Vec<GrantId>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<GrantCursor>,
}

/// A place in the walk through all grants of a store, which alone knows what it means.
#[derive(Clone, PartialEq, Eq)]
pub struct GrantCursor(String);

impl GrantCursor {
    /// The place that a store calls so.
    pub fn new(place: impl Into<String>) -> Self {
        Self(place.into())
    }

    /// What the store calls it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for GrantCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GrantCursor({:?})", self.0)
    }
}

/// Optional: lists a subject's grants, for an account page, and walks through all of them, for the operator.
///
/// This trait is unstable, like [`GrantStore`].
///
/// # Contract
///
/// The macro `grant_directory_contract!` of the crate `oauth-testkit` has a test of each sentence but those of the
/// last two paragraphs, which it cannot provoke through the trait.
///
/// `list` gives the subject's grants that are [active](Grant::is_active) at `now`. A user and a client of
/// the same name are different subjects, and subjects are compared byte for byte. Each grant is listed once,
/// as [`GrantStore::find`] gives it, in any order; one that was opened undecided, from its approval on. With
/// it comes the latest moment at which an exchange spent a credential under it. An exchange that was not
/// `Done` or spends nothing has spent none, nor has `revoke`. A grant whose payload cannot be read, one of a later
/// version say, is listed with the others and with [the payload as it is](super::Payload::decode_or_keep).
/// `revoke` ends it, and `purge` removes it after its end, as well as those that end behind it.
///
/// `page` gives some of all grants, in any order and whatever their state: undecided, revoked and expired
/// ones too. The first page comes after `None`, and each other one after the `next` of the one before, until
/// there is no `next`, which comes to pass. A grant that is there from the first page to the last is given
/// at least once, whatever is opened, revoked and removed in between. A page should have about `limit` grants and
/// has at most ten times as many, where less than ten counts as ten; it may have none, and yet a `next`. A cursor
/// that is no place of this store is a [`StoreError`].
///
/// A record that cannot be read should not end the walk: its grant is [unreadable](GrantPage::unreadable), and
/// the others are given. That goes for a payload, too, which a page reads with [`decode`](super::Payload::decode).
///
/// A page should cost what its grants cost, wherever in the walk it is: in SQL, continue behind the last
/// identifier, never with `OFFSET`; elsewhere hold no lock on all of the store.
///
/// # Example
///
/// ```
/// use async_trait::async_trait;
/// use oauth_core::store::{GrantCursor, GrantDirectory, GrantPage, ListedGrant};
/// use oauth_core::store::memory::MemoryGrantStore;
/// # use oauth_core::store::{Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantStore, Target};
/// # use oauth_core::{CredentialKey, GrantId};
/// use oauth_core::{StoreError, Subject};
/// use time::OffsetDateTime;
///
/// /// Lists the grants of users only. The operator's walk has every grant, as it must.
/// struct UsersOnly(MemoryGrantStore);
///
/// #[async_trait]
/// impl GrantDirectory for UsersOnly {
///     async fn list(
///         &self,
///         subject: &Subject,
///         now: OffsetDateTime,
///     ) -> Result<Vec<ListedGrant>, StoreError> {
///         match subject {
///             Subject::User(_) => self.0.list(subject, now).await,
///             Subject::Client(_) => Ok(Vec::new()),
///         }
///     }
///
///     async fn page(
///         &self,
///         after: Option<&GrantCursor>,
///         limit: usize,
///     ) -> Result<GrantPage, StoreError> {
///         self.0.page(after, limit).await
///     }
/// }
/// # #[async_trait]
/// # impl GrantStore for UsersOnly {
/// #     async fn open(
/// #         &self, grant: &Grant, credentials: &[Credential], now: OffsetDateTime,
/// #     ) -> Result<(), StoreError> {
/// #         self.0.open(grant, credentials, now).await
/// #     }
/// #     async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
/// #         self.0.find(key).await
/// #     }
/// #     async fn decide(
/// #         &self, grant: &GrantId, decision: Decision, now: OffsetDateTime,
/// #     ) -> Result<Decided, StoreError> {
/// #         self.0.decide(grant, decision, now).await
/// #     }
/// #     async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
/// #         self.0.exchange(exchange).await
/// #     }
/// #     async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
/// #         self.0.revoke(target, now).await
/// #     }
/// #     async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
/// #         self.0.purge(now, limit).await
/// #     }
/// # }
/// ```
#[async_trait]
pub trait GrantDirectory: GrantStore {
    /// The subject's grants that are [active](Grant::is_active) at `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError>;

    /// About `limit` of all grants, those that come after this place, and the next place.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer, or when the cursor is none of its own.
    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError>;
}
