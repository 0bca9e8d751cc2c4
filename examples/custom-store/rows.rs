//! The tables in redb: what their rows are, and the grants and credentials that they stand for.
//!
//! A row of redb is a tuple, and a table is sorted by its key.

use std::error::Error;

use oauth_core::store::{Credential, ExchangeId, Grant, InvalidPayload, Payload};
use oauth_core::{ClientId, CredentialKey, CredentialKind, GrantId, Subject};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use time::OffsetDateTime;

pub(crate) type Fault = Box<dyn Error + Send + Sync>;

pub(crate) type GrantKey = &'static [u8; 18];
/// Client, subject, end, revocation, payload.
pub(crate) type GrantRow<'a> = (
    &'a str,
    Option<(&'a str, &'a str)>,
    i64,
    Option<i64>,
    &'a [u8],
);
/// The shard comes first, so what belongs to one grant lies close together.
pub(crate) type CredentialRowKey = (u16, &'static [u8; 32]);
/// Grant, kind, end, when and by which exchange it was spent, payload.
pub(crate) type CredentialRow<'a> = (
    &'a [u8; 18],
    &'a str,
    i64,
    Option<i64>,
    Option<&'a [u8; 16]>,
    &'a [u8],
);

pub(crate) const GRANTS: TableDefinition<'_, GrantKey, GrantRow<'static>> =
    TableDefinition::new("grants");
pub(crate) const CREDENTIALS: TableDefinition<'_, CredentialRowKey, CredentialRow<'static>> =
    TableDefinition::new("credentials");
/// An index: when a grant ends, or an access token of it.
pub(crate) const ENDS: TableDefinition<'_, (i64, GrantKey, Option<&'static [u8; 32]>), ()> =
    TableDefinition::new("ends");
/// An index: the grants of a subject, by its kind and identifier.
pub(crate) const SUBJECTS: TableDefinition<'_, (&str, &str, GrantKey), ()> =
    TableDefinition::new("subjects");

/// The grant with this identifier; a payload that cannot be read is an error.
pub(crate) fn readable_grant(
    grants: &impl ReadableTable<GrantKey, GrantRow<'static>>,
    id: GrantId,
) -> Result<Option<Grant>, Fault> {
    let row = grants.get(&id.to_bytes())?;
    row.map(|row| readable_grant_in(id, row.value()))
        .transpose()
}

/// The grant that a row stands for; a payload that cannot be read is an error.
pub(crate) fn readable_grant_in(id: GrantId, row: GrantRow<'_>) -> Result<Grant, Fault> {
    grant_with(id, row, Payload::decode)
}

/// The grant that a row stands for, for lists, where one grant must not take away the others, and for verbs that write,
/// which do not look into the payload.
pub(crate) fn grant_in(id: GrantId, row: GrantRow<'_>) -> Result<Grant, Fault> {
    grant_with(id, row, |bytes| Ok(Payload::decode_or_keep(bytes)))
}

fn grant_with(
    id: GrantId,
    row: GrantRow<'_>,
    decode: fn(&[u8]) -> Result<Payload, InvalidPayload>,
) -> Result<Grant, Fault> {
    let (client_id, subject, expires_at, revoked_at, payload) = row;
    let subject =
        subject.map(|(kind, id)| Subject::from_parts(kind, id).ok_or("a subject of another kind"));
    Ok(Grant {
        id,
        client_id: ClientId::parse(client_id)?,
        subject: subject.transpose()?,
        expires_at: moment(expires_at)?,
        revoked_at: revoked_at.map(moment).transpose()?,
        payload: decode(payload)?,
    })
}

/// The credential in a row of [`CREDENTIALS`], with the grant that it belongs to.
pub(crate) fn credential(
    credentials: &impl ReadableTable<CredentialRowKey, CredentialRow<'static>>,
    key: CredentialKey,
) -> Result<Option<(GrantId, Credential)>, Fault> {
    let Some(row) = credentials.get((key.shard(), key.digest()))? else {
        return Ok(None);
    };
    let (grant, kind, expires_at, spent_at, spent_by, payload) = row.value();
    let credential = Credential {
        key,
        kind: CredentialKind::parse(kind).ok_or("a credential of another kind")?,
        expires_at: moment(expires_at)?,
        spent_at: spent_at.map(moment).transpose()?,
        spent_by: spent_by.copied().map(ExchangeId::from_bytes),
        payload: Payload::decode(payload)?,
    };
    Ok(Some((GrantId::from_bytes(*grant), credential)))
}

/// The latest moment at which an exchange spent a credential of this grant. As in `remove_grant`, the rows of
/// one shard are looked at.
pub(crate) fn last_exchange_at(
    credentials: &impl ReadableTable<CredentialRowKey, CredentialRow<'static>>,
    grant: GrantId,
) -> Result<Option<OffsetDateTime>, Fault> {
    let (id, shard) = (grant.to_bytes(), grant.shard());
    let mut latest = None;
    for entry in credentials.range((shard, &[0; 32])..=(shard, &[0xff; 32]))? {
        let entry = entry?;
        let (of, _, _, spent_at, spent_by, _) = entry.1.value();
        if of == &id && spent_by.is_some() {
            latest = spent_at.max(latest);
        }
    }
    latest.map(moment).transpose()
}

/// The tables as one write transaction sees them.
pub(crate) struct Rows<'t>(pub(crate) &'t WriteTransaction);

impl Rows<'_> {
    pub(crate) fn grant(&self, id: GrantId) -> Result<Option<Grant>, Fault> {
        let grants = self.0.open_table(GRANTS)?;
        let row = grants.get(&id.to_bytes())?;
        row.map(|row| grant_in(id, row.value())).transpose()
    }

    pub(crate) fn credential(
        &self,
        key: CredentialKey,
    ) -> Result<Option<(GrantId, Credential)>, Fault> {
        credential(&self.0.open_table(CREDENTIALS)?, key)
    }

    /// Writes a grant, whether it is there or not, with its entries in the indexes.
    pub(crate) fn put_grant(&self, grant: &Grant) -> Result<(), Fault> {
        let (id, end) = (grant.id.to_bytes(), microseconds(grant.expires_at)?);
        let subject = grant.subject.as_ref().map(|it| (it.kind(), it.id()));
        let revoked_at = grant.revoked_at.map(microseconds).transpose()?;
        let (client_id, payload) = (grant.client_id.as_str(), grant.payload.encode());
        let row = (client_id, subject, end, revoked_at, &*payload);
        self.0.open_table(GRANTS)?.insert(&id, row)?;
        self.0.open_table(ENDS)?.insert((end, &id, None), ())?;
        if let Some((kind, subject)) = subject {
            let mut subjects = self.0.open_table(SUBJECTS)?;
            subjects.insert((kind, subject, &id), ())?;
        }
        Ok(())
    }

    /// Writes a credential, whether it is there or not, with its entry in the index.
    pub(crate) fn put_credential(
        &self,
        grant: GrantId,
        credential: &Credential,
    ) -> Result<(), Fault> {
        let (id, digest) = (grant.to_bytes(), credential.key.digest());
        let end = microseconds(credential.expires_at)?;
        let spent_at = credential.spent_at.map(microseconds).transpose()?;
        let spent_by = credential.spent_by.as_ref().map(ExchangeId::as_bytes);
        let (kind, payload) = (credential.kind, credential.payload.encode());
        let row = (&id, kind.as_str(), end, spent_at, spent_by, &*payload);
        let mut credentials = self.0.open_table(CREDENTIALS)?;
        credentials.insert((credential.key.shard(), digest), row)?;
        if kind == CredentialKind::AccessToken {
            let mut ends = self.0.open_table(ENDS)?;
            ends.insert((end, &id, Some(digest)), ())?;
        }
        Ok(())
    }

    /// Records what is new. A credential that is there already stays as it is.
    pub(crate) fn record(&self, grant: GrantId, credentials: &[Credential]) -> Result<(), Fault> {
        for credential in credentials {
            if self.credential(credential.key)?.is_none() {
                self.put_credential(grant, credential)?;
            }
        }
        Ok(())
    }

    /// Removes what has ended, the oldest first, and says how much that was.
    pub(crate) fn remove_ended(&self, now: OffsetDateTime, limit: usize) -> Result<usize, Fault> {
        let mut removed = 0;
        let mut ends = self.0.open_table(ENDS)?;
        let last = (microseconds(now)?, &[0xff; 18], Some(&[0xff; 32]));
        let mut due = ends.extract_from_if(..=last, |_, ()| true)?;
        while removed < limit
            && let Some(entry) = due.next().transpose()?
        {
            let (_, id, digest) = entry.0.value();
            let id = GrantId::from_bytes(*id);
            if let Some(digest) = digest {
                let mut credentials = self.0.open_table(CREDENTIALS)?;
                let token = credentials.remove((id.shard(), digest))?;
                removed += usize::from(token.is_some());
            } else if let Some(grant) = self.grant(id)?
                // Or else it was prolonged, and has a later entry.
                && grant.expires_at <= now
            {
                self.remove_grant(&grant)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes a grant with everything under it. All of that has the grant's shard, so only the rows of
    /// this shard are looked at, one in 65,536.
    fn remove_grant(&self, grant: &Grant) -> Result<(), Fault> {
        let (id, shard) = (grant.id.to_bytes(), grant.id.shard());
        self.0.open_table(GRANTS)?.remove(&id)?;
        if let Some(subject) = &grant.subject {
            let mut subjects = self.0.open_table(SUBJECTS)?;
            subjects.remove((subject.kind(), subject.id(), &id))?;
        }
        let mut credentials = self.0.open_table(CREDENTIALS)?;
        let of_shard = (shard, &[0; 32])..=(shard, &[0xff; 32]);
        credentials.retain_in(of_shard, |_, row| row.0 != &id)?;
        Ok(())
    }
}

/// Moments are whole microseconds, which fit for some 290,000 years.
fn microseconds(moment: OffsetDateTime) -> Result<i64, Fault> {
    Ok(i64::try_from(moment.unix_timestamp_nanos() / 1_000)?)
}

fn moment(microseconds: i64) -> Result<OffsetDateTime, Fault> {
    let nanoseconds = i128::from(microseconds) * 1_000;
    Ok(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)?)
}
