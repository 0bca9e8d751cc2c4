use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Content, Decided, Decision, Exchange, ExchangeId, Exchanged, Payload};
use crate::client::ClientId;
use crate::credential::{CredentialKey, CredentialKind, GrantId};
use crate::error::StoreError;
use crate::subject::Subject;

/// What a user or a client was granted, and the family of credentials that came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Made by the core; its shard is that of every credential under the grant.
    pub id: GrantId,
    /// The client that holds the grant.
    pub client_id: ClientId,
    /// On whose behalf; `None` until [`GrantStore::decide`].
    pub subject: Option<Subject>,
    /// No credential lives longer. Fixed by [`GrantStore::open`], or by [`GrantStore::decide`] for a
    /// grant that was opened undecided.
    pub expires_at: OffsetDateTime,
    /// Set once, by [`GrantStore::revoke`] or a refusal; ends every credential at once.
    pub revoked_at: Option<OffsetDateTime>,
    /// What the core keeps in it.
    pub payload: Payload,
}

impl Grant {
    /// Whether credentials under the grant count: decided, not revoked, not expired.
    pub fn is_active(&self, now: OffsetDateTime) -> bool {
        self.subject.is_some() && self.revoked_at.is_none() && self.expires_at > now
    }

    /// In whole seconds.
    pub(crate) fn opened_at(&self) -> Option<OffsetDateTime> {
        match self.payload.content() {
            Content::Grant(granted) => OffsetDateTime::from_unix_timestamp(granted.opened_at).ok(),
            _ => None,
        }
    }
}

/// A code or token under a grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// Shard and digest.
    pub key: CredentialKey,
    /// What it is.
    pub kind: CredentialKind,
    /// From this moment on it is not accepted.
    pub expires_at: OffsetDateTime,
    /// When it was spent or revoked.
    pub spent_at: Option<OffsetDateTime>,
    /// The exchange that spent it.
    pub spent_by: Option<ExchangeId>,
    /// What the core keeps in it. Never changes.
    pub payload: Payload,
}

/// A credential and its grant, read at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The grant, whatever its state.
    pub grant: Grant,
    /// The credential, whatever its state.
    pub credential: Credential,
}

/// What is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A grant, and with it every credential under it.
    Grant(GrantId),
    /// One credential: it counts as spent from now on.
    Credential(CredentialKey),
}

/// Keeps grants and the credentials under them.
///
/// This trait is unstable: the device grant will add a verb. At the end of this page stands a whole
/// implementation.
///
/// # Contract
///
/// The macro `grant_store_contract!` of the crate `oauth-testkit` has a test of each sentence.
///
/// `open` records a grant and its first credentials, all or nothing. Where the grant is there already,
/// whatever its state, nothing changes, and that is no error: nothing is added, becomes unspent or comes
/// back to life. Of several calls at once one counts.
///
/// `find` gives a credential and its grant in whatever state they are, every field as it was given:
/// spent, expired and revoked are values, and the payload is there all the same. It takes no time and
/// removes nothing.
///
/// `exchange` makes these checks, in this order, and the first that fails is the answer:
///
/// 1. The grant is there and [active](Grant::is_active) at `now`, which at exactly its `expires_at` it is
///    no longer. Otherwise `Inactive`, whatever the credential. A revoked grant is inactive even for
///    an exchange that carries an earlier moment.
/// 2. The credential is there, and under this grant. Otherwise `Unknown`, whatever its state.
/// 3. It was spent by this very exchange: `Done`, and nothing changes, whatever the successors.
/// 4. It was spent by another exchange, or revoked: `Spent`, with the moment.
/// 5. It has expired at `now`, which at exactly its `expires_at` it has. `Expired`.
///
/// Then it spends the credential, unless the exchange spends nothing, and records the successors under the
/// grant, all or nothing. A successor that is there already is left as it is. Of any number of exchanges
/// that run at once, one is `Done`; the same exchange that runs several times at once is `Done` each time.
/// Where a successor cannot be recorded, that is a [`StoreError`], and the credential stays unspent. An
/// exchange that spends nothing may be `Done` any number of times.
///
/// `decide` answers `Unknown` where the grant is not there, else `AlreadyDecided` where it has a subject
/// or was revoked, else `Expired` where it has expired at `now`. Otherwise an approval sets subject,
/// `expires_at` and payload, and a refusal sets `revoked_at`. Of several at once one counts.
///
/// `revoke` sets `revoked_at` of a grant, or `spent_at` of a credential without `spent_by`; a moment
/// that is set already stays. It touches nothing else and removes nothing. What is not there is passed
/// over. When it has returned, whatever `find` shows as unspent under that grant stays so: no exchange
/// that runs at the same time becomes `Done` afterwards.
///
/// `purge` removes at most `limit` things and says how many it removed. A thing is a grant with
/// everything under it, or an access token. `open` and `exchange` may remove the same things on the way,
/// by their own `now`. A store whose database removes them by itself, later, may have nothing to do here.
/// Only this may go, and what went does not come back:
///
/// - a grant that has expired at `now`
/// - a grant that was revoked ten minutes ago or earlier
/// - a grant that never had more than one credential, which expired unspent ten minutes ago or earlier
/// - an access token that has expired at `now`
///
/// Everything else stays until its grant goes: spent and revoked credentials, so that a replay is
/// recognised, and codes and refresh tokens that expired unspent.
///
/// Everywhere, a dropped future has done all or nothing. The time is the caller's; nothing depends on
/// that of the machine, and every moment from 1970 to the end of 9999 is kept to the microsecond.
/// Identifiers are compared byte for byte, shard included: a `client_id` of 2,048 characters, a subject of
/// 2,048 bytes of any Unicode with NUL among it, the empty one too. A user and a client of one name are
/// different subjects.
///
/// # Reading and then writing
///
/// [`Exchange::effect_on`] makes these checks on what a store has read and says what to write;
/// [`Decision::apply_to`] does the same for `decide`. A store that uses them has to read and write in one step: under
/// one lock, or in one transaction that nobody else writes beside.
///
/// # Reference for SQL
///
/// ```sql
/// BEGIN;
/// SELECT subject_kind, revoked_at, expires_at FROM grants
///  WHERE id = :grant FOR SHARE;                              -- in `revoke`: FOR UPDATE
/// -- no row, no subject, revoked, or expired at :now: ROLLBACK, Inactive
/// UPDATE credentials SET spent_at = :now, spent_by = :id
///  WHERE shard = :shard AND digest = :digest AND grant_id = :grant
///    AND spent_at IS NULL AND expires_at > :now;
/// -- an exchange that spends nothing: SELECT … FOR SHARE with the same WHERE instead
/// -- one row: INSERT the successors, COMMIT, Done
/// -- none: ROLLBACK, and classify with a second statement, which has a fresh snapshot
/// ```
///
/// Serialization failures, deadlocks and a busy SQLite are tried again inside of the store.
///
/// # Reference for Redis
///
/// One Lua script for each verb, since a script is atomic. The shard is the hash tag of all its keys
/// (`{beef}:grant:…`, `{beef}:credential:…`), so that they live on one node of a cluster.
///
/// # Example
///
/// A whole implementation, with one lock around it:
///
/// ```
#[doc = include_str!("../../examples/small_grant_store.rs")]
/// ```
#[async_trait]
pub trait GrantStore: Send + Sync + 'static {
    /// Records a grant and its first credentials. A store may use `now` to remove what has expired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer or is full.
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Reads a credential and its grant.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError>;

    /// Completes a grant that was opened without a subject, or refuses it; once, and that is final.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn decide(
        &self,
        grant: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError>;

    /// Spends and records, all or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer; whether it happened is then unknown, and the
    /// same exchange may be asked again.
    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError>;

    /// Ends a grant or a credential. Something that is not there or has ended stays as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError>;

    /// Removes at most `limit` things that can never count again at `now`, and says how many it
    /// removed; see the contract for what may go.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer.
    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError>;
}
