//! The operator's view: ending the grants of a client, of a subject or of a time, and counting them.

use std::collections::btree_map::Iter;
use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use crate::client::ClientId;
use crate::credential::GrantId;
use crate::error::StoreError;
use crate::event::{EventKind, RevokedBy};
use crate::server::AuthorizationServer;
use crate::store::{Grant, GrantCursor, GrantPage, Target};
use crate::subject::Subject;

/// So many grants are read at once.
const TOGETHER: usize = 500;

/// So many grants that cannot be read are named.
const NAMED: usize = 5;

/// Which grants are meant: those that fit all that was said.
///
/// ```
/// use oauth_core::{ClientId, GrantSelection};
/// use time::macros::datetime;
///
/// // The secret of this client was in a public repository for a day.
/// let stolen = GrantSelection::all()
///     .client(ClientId::parse("web")?)
///     .opened_from(datetime!(2026-11-21 09:00 UTC))
///     .opened_before(datetime!(2026-11-22 09:00 UTC));
/// # let _ = stolen;
/// # Ok::<(), oauth_core::client::InvalidClientId>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct GrantSelection {
    client: Option<ClientId>,
    subject: Option<Subject>,
    opened_from: Option<OffsetDateTime>,
    opened_before: Option<OffsetDateTime>,
}

impl GrantSelection {
    /// Every grant of every client.
    pub const fn all() -> Self {
        Self {
            client: None,
            subject: None,
            opened_from: None,
            opened_before: None,
        }
    }

    /// Only those that this client holds.
    pub fn client(mut self, client: ClientId) -> Self {
        self.client = Some(client);
        self
    }

    /// Only those on whose behalf this user, or this client for itself, can be acted for. They are looked up,
    /// where other selections look at every grant in the store.
    pub fn subject(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Only those opened at this moment or later. The moment of opening is kept in whole seconds, rounded down, so
    /// all grants of this moment's second are meant.
    pub fn opened_from(mut self, moment: OffsetDateTime) -> Self {
        self.opened_from = Some(moment);
        self
    }

    /// Only those opened before this moment; with a fraction of a second, all grants of that second are meant.
    pub fn opened_before(mut self, moment: OffsetDateTime) -> Self {
        self.opened_before = Some(moment);
        self
    }

    /// Whether the grant is selected. `None` where that depends on when it was opened, and a payload that cannot be
    /// read does not say it.
    fn has(&self, grant: &Grant) -> Option<bool> {
        let of_client = |own: &ClientId| *own == grant.client_id;
        if !self.client.as_ref().is_none_or(of_client)
            || self.subject.is_some() && self.subject != grant.subject
        {
            return Some(false);
        }
        if self.opened_from.is_none() && self.opened_before.is_none() {
            return Some(true);
        }
        let opened_at = grant.opened_at()?;
        let in_time = self
            .opened_from
            .is_none_or(|from| opened_at >= from.truncate_to_second())
            && self.opened_before.is_none_or(|before| opened_at < before);
        Some(in_time)
    }
}

/// How many grants are in the store, in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrantCount {
    /// Decided, and neither revoked nor expired.
    pub live: usize,
    /// Waiting for a user, and neither revoked nor expired.
    pub undecided: usize,
    /// Revoked, and not removed yet.
    pub revoked: usize,
    /// Expired without having been revoked, and not removed yet.
    pub expired: usize,
}

impl GrantCount {
    fn add(&mut self, grant: &Grant, now: OffsetDateTime) {
        let count = if grant.revoked_at.is_some() {
            &mut self.revoked
        } else if grant.expires_at <= now {
            &mut self.expired
        } else if grant.subject.is_none() {
            &mut self.undecided
        } else {
            &mut self.live
        };
        *count += 1;
    }
}

/// The grants of each client, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantCounts(BTreeMap<ClientId, GrantCount>);

impl GrantCounts {
    /// Those of one client.
    pub fn of_client(&self, client: &ClientId) -> GrantCount {
        self.0.get(client).copied().unwrap_or_default()
    }

    /// Those of all clients together.
    pub fn total(&self) -> GrantCount {
        self.0
            .values()
            .fold(GrantCount::default(), |sum, count| GrantCount {
                live: sum.live + count.live,
                undecided: sum.undecided + count.undecided,
                revoked: sum.revoked + count.revoked,
                expired: sum.expired + count.expired,
            })
    }

    /// Each client that has any, in the order of the identifiers. One that was deleted is among them for as
    /// long as its grants are there.
    pub fn by_client(&self) -> Iter<'_, ClientId, GrantCount> {
        self.0.iter()
    }
}

impl AuthorizationServer {
    /// Ends the grants of this selection that have not ended, and with them every code and token, and says
    /// how many those were. Each gives an event, [`EventKind::Revoked`] by [`RevokedBy::Operator`].
    ///
    /// Remembered consents stay, so that a client whose grants have ended gets others without the user being
    /// asked. [`disconnect_all`](Self::disconnect_all) withdraws those of a user. A grant that waits for a
    /// user is ended as well, unless the selection names a subject.
    ///
    /// A grant that is opened while this runs may be left out. So first stop new ones, and then end what there
    /// is: a client gets none that its [`ClientStore`](crate::store::ClientStore) no longer gives, a user none
    /// whom [`SubjectStatus`](crate::SubjectStatus) says to be disabled.
    ///
    /// With a subject this takes one call of the store to list, any other selection one for about every 500 places
    /// in it, grants or not (with Redis every key of the server); in both cases one more for each grant that ends.
    /// It is for a task in the background, not for a request. Where the subject's grants cannot be listed, all
    /// grants are looked at.
    ///
    /// The guide has [an example](crate::guide::operations#ending-and-counting-grants).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set. Some grants may have
    /// ended by then, as when the future is dropped; the same call again does the rest.
    ///
    /// A permanent one that names them, when grants that this version cannot read were left: where all grants are
    /// looked at, those that are [unreadable](GrantPage::unreadable), and with a time those that do not say when they
    /// were opened and are of the selection otherwise. What else is of the selection has ended by then. A version
    /// that reads them ends the rest with the same call; the store's
    /// [`revoke`](crate::store::GrantStore::revoke) ends one by its identifier.
    pub async fn revoke_grants(&self, selection: &GrantSelection) -> Result<usize, StoreError> {
        let mut unreadable = BTreeSet::new();
        if let Some(subject) = &selection.subject {
            match self.directory()?.list(subject, self.now()).await {
                Ok(listed) => {
                    let grants = listed.into_iter().map(|listed| listed.grant);
                    let ended = self.revoke_those_of(selection, grants, &mut unreadable);
                    let ended = ended.await?;
                    return all_read(&unreadable).map(|()| ended);
                }
                // Something else than a payload cannot be read in one of them, perhaps: the walk gives the others.
                Err(error) if !error.is_transient() => {}
                Err(error) => return Err(error),
            }
        }
        let mut ended = 0;
        let mut walk = Walk::default();
        while let Some(page) = walk.next(self, &mut unreadable).await? {
            ended += self
                .revoke_those_of(selection, page, &mut unreadable)
                .await?;
        }
        all_read(&unreadable).map(|()| ended)
    }

    /// How many grants there are, of each client and in each state. It reads every grant in the store, so it
    /// is for a report or a slow gauge. Grants that are opened or removed meanwhile may count or not, and a
    /// store that can give a grant twice makes it an estimate.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot answer, or when no
    /// [`grant_directory`](crate::AuthorizationServerBuilder::grant_directory) is set. A permanent one that names
    /// them, when the store has grants that this version [cannot read](GrantPage::unreadable).
    pub async fn count_grants(&self) -> Result<GrantCounts, StoreError> {
        let mut counts = GrantCounts::default();
        let mut walk = Walk::default();
        let mut unreadable = BTreeSet::new();
        while let Some(grants) = walk.next(self, &mut unreadable).await? {
            let now = self.now();
            for grant in grants {
                match counts.0.get_mut(&grant.client_id) {
                    Some(count) => count.add(&grant, now),
                    None => {
                        let mut count = GrantCount::default();
                        count.add(&grant, now);
                        counts.0.insert(grant.client_id, count);
                    }
                }
            }
        }
        all_read(&unreadable).map(|()| counts)
    }

    async fn revoke_those_of(
        &self,
        selection: &GrantSelection,
        grants: impl IntoIterator<Item = Grant, IntoIter: Send>,
        unreadable: &mut BTreeSet<GrantId>,
    ) -> Result<usize, StoreError> {
        let mut ended = 0;
        for grant in grants {
            let now = self.now();
            let has_ended = grant.revoked_at.is_some() || grant.expires_at <= now;
            if has_ended {
                continue;
            }
            match selection.has(&grant) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    unreadable.insert(grant.id);
                    continue;
                }
            }
            let target = Target::Grant(grant.id);
            self.inner().grants.revoke(target, now).await?;
            let kind = EventKind::Revoked {
                by: RevokedBy::Operator,
                client_id: &grant.client_id,
                subject: grant.subject.as_ref(),
                grant: grant.id,
                whole_grant: true,
            };
            self.emit(None, kind);
            ended += 1;
        }
        Ok(ended)
    }
}

/// The way through all grants of the store.
#[derive(Default)]
struct Walk {
    after: Option<GrantCursor>,
    is_over: bool,
}

/// All was done that could be, but not all grants could be read.
#[derive(Debug, thiserror::Error)]
#[error("{count} grants cannot be read by this version, of them {named}")]
struct UnreadableGrants {
    count: usize,
    named: String,
}

impl Walk {
    /// The next page, without what is twice in it; `None` at the end. A store may give a grant on two pages, so
    /// those that cannot be read are a set.
    async fn next(
        &mut self,
        server: &AuthorizationServer,
        unreadable: &mut BTreeSet<GrantId>,
    ) -> Result<Option<Vec<Grant>>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let directory = server.directory()?;
        let page = directory.page(self.after.as_ref(), TOGETHER).await?;
        let GrantPage {
            mut grants,
            unreadable: of_page,
            next,
        } = page;
        unreadable.extend(of_page);
        grants.sort_by_key(|grant| grant.id);
        grants.dedup_by_key(|grant| grant.id);
        self.is_over = next.is_none();
        self.after = next;
        Ok(Some(grants))
    }
}

fn all_read(unreadable: &BTreeSet<GrantId>) -> Result<(), StoreError> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let named = unreadable.iter().take(NAMED).map(GrantId::to_string);
    Err(StoreError::permanent(UnreadableGrants {
        count: unreadable.len(),
        named: named.collect::<Vec<_>>().join(", "),
    }))
}

#[cfg(test)]
mod tests;
