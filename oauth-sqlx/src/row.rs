//! What the columns of a row mean, in every database.

use std::sync::Arc;

use oauth_core::store::{
    Consent, Credential, Decided, Exchange, ExchangeId, Exchanged, Found, Grant, GrantCursor,
    GrantPage, ListedGrant, ParkedRequest, Payload,
};
use oauth_core::{
    Client, ClientId, CredentialKey, CredentialKind, GrantId, Scope, StoreError, Subject, UserId,
};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::error::Failure;

/// What ended early can be looked up so much longer, for whoever asks what became of it.
const REMEMBERED: Duration = Duration::minutes(10);

/// No owner has more requests parked; the oldest make room.
pub(crate) const REQUESTS_OF_AN_OWNER: u8 = 100;

/// No more credentials are removed in one transaction, where others write at the same time.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const CREDENTIALS_AT_ONCE: i64 = 5_000;

/// The columns of a grant, in the order that [`grant`] reads.
pub(crate) const GRANT: &str =
    "g.id, g.client_id, g.subject_kind, g.subject_id, g.expires_at, g.revoked_at, g.payload";

/// What [`listed`] reads after the columns of a grant. No exchange writes the row of its grant, which is
/// shared by all of them, so the moment is looked up when somebody asks.
pub(crate) const LAST_EXCHANGE: &str = "(SELECT MAX(c.spent_at) FROM {prefix}credentials c
      WHERE c.grant_id = g.id AND c.spent_by IS NOT NULL)";

/// The columns of a credential, in the order that [`found`] reads after those of the grant.
pub(crate) const CREDENTIAL: &str = "c.kind, c.expires_at, c.spent_at, c.spent_by, c.payload";

/// The columns from which [`settle`] tells how an exchange ended.
pub(crate) const SETTLING: &str =
    "g.subject_kind, g.expires_at, g.revoked_at, c.expires_at, c.spent_at, c.spent_by";

/// Reads columns by their place.
pub(crate) trait Columns {
    fn bytes(&self, at: usize) -> Result<Vec<u8>, sqlx::Error>;
    fn optional_bytes(&self, at: usize) -> Result<Option<Vec<u8>>, sqlx::Error>;
    fn optional_text(&self, at: usize) -> Result<Option<String>, sqlx::Error>;
    fn number(&self, at: usize) -> Result<i64, sqlx::Error>;
    fn optional_number(&self, at: usize) -> Result<Option<i64>, sqlx::Error>;
}

/// `$text` is what a column of text is read as.
macro_rules! columns {
    ($row:ty, $text:ty) => {
        impl Columns for $row {
            fn bytes(&self, at: usize) -> Result<Vec<u8>, sqlx::Error> {
                sqlx::Row::try_get(self, at)
            }

            fn optional_bytes(&self, at: usize) -> Result<Option<Vec<u8>>, sqlx::Error> {
                sqlx::Row::try_get(self, at)
            }

            fn optional_text(&self, at: usize) -> Result<Option<String>, sqlx::Error> {
                let text: Option<$text> = sqlx::Row::try_get(self, at)?;
                let text = text.map(|text| String::from_utf8(text.into()));
                text.transpose()
                    .map_err(|error| sqlx::Error::Decode(error.into()))
            }

            fn number(&self, at: usize) -> Result<i64, sqlx::Error> {
                sqlx::Row::try_get(self, at)
            }

            fn optional_number(&self, at: usize) -> Result<Option<i64>, sqlx::Error> {
                sqlx::Row::try_get(self, at)
            }
        }
    };
}

#[cfg(feature = "postgres")]
columns!(sqlx::postgres::PgRow, String);
#[cfg(feature = "sqlite")]
columns!(sqlx::sqlite::SqliteRow, String);
#[cfg(feature = "mysql")]
columns!(sqlx::mysql::MySqlRow, Vec<u8>);

/// Whole microseconds since 1970; what is between two counts as the earlier.
pub(crate) fn microseconds(moment: OffsetDateTime) -> i64 {
    let whole = moment.unix_timestamp_nanos().div_euclid(1_000);
    i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
}

fn moment(microseconds: i64) -> Result<OffsetDateTime, Failure> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000)
        .map_err(|_| Failure::Unreadable("a moment"))
}

/// Until when something that ended at `now` is remembered.
pub(crate) fn remembered_until(now: OffsetDateTime) -> i64 {
    microseconds(now.saturating_add(REMEMBERED))
}

/// A limit as databases take it.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// So many rows.
pub(crate) fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// A key of fixed length for a subject, whose identifier may be longer than an index allows.
pub(crate) fn subject_key(subject: &Subject) -> [u8; 32] {
    digest(format!("{}:{}", subject.kind(), subject.id()).as_bytes())
}

/// A key of fixed length for a client.
pub(crate) fn client_key(client: &ClientId) -> [u8; 32] {
    digest(client.as_str().as_bytes())
}

/// A key of fixed length for a user.
pub(crate) fn user_key(user: &UserId) -> [u8; 32] {
    digest(user.as_str().as_bytes())
}

/// When to look whether a grant that is opened with these credentials can be removed.
///
/// One that has a code and nothing else is of no use once nobody has come for it.
pub(crate) fn purge_at(grant: &Grant, credentials: &[Credential]) -> i64 {
    let revoked = grant.revoked_at.map(remembered_until);
    let unclaimed = match credentials {
        [code] if code.kind == CredentialKind::AuthorizationCode && code.spent_at.is_none() => {
            Some(remembered_until(code.expires_at))
        }
        _ => None,
    };
    let early = revoked.into_iter().chain(unclaimed);
    early.fold(microseconds(grant.expires_at), i64::min)
}

fn payload(bytes: &[u8]) -> Result<Payload, Failure> {
    Payload::decode(bytes).map_err(|_| Failure::Unreadable("a payload"))
}

fn client_id(bytes: Vec<u8>) -> Result<ClientId, Failure> {
    let text = String::from_utf8(bytes).ok();
    let id = text.and_then(|text| ClientId::parse(&text).ok());
    id.ok_or(Failure::Unreadable("a client identifier"))
}

fn subject(kind: &str, id: Vec<u8>) -> Result<Subject, Failure> {
    let id = String::from_utf8(id).ok();
    let subject = id.and_then(|id| Subject::from_parts(kind, &id));
    subject.ok_or(Failure::Unreadable("a subject"))
}

/// Reads a grant from columns that begin at the first.
pub(crate) fn grant<R: Columns>(row: &R) -> Result<Grant, Failure> {
    grant_with(row, payload)
}

fn grant_with<R: Columns>(
    row: &R,
    decode: fn(&[u8]) -> Result<Payload, Failure>,
) -> Result<Grant, Failure> {
    let subject = match (row.optional_text(2)?, row.optional_bytes(3)?) {
        (Some(kind), Some(id)) => Some(subject(&kind, id)?),
        (None, None) => None,
        _ => return Err(Failure::Unreadable("a subject")),
    };
    Ok(Grant {
        id: grant_id(&row.bytes(0)?)?,
        client_id: client_id(row.bytes(1)?)?,
        subject,
        expires_at: moment(row.number(4)?)?,
        revoked_at: row.optional_number(5)?.map(moment).transpose()?,
        payload: decode(&row.bytes(6)?)?,
    })
}

fn grant_id(bytes: &[u8]) -> Result<GrantId, Failure> {
    let bytes = bytes.try_into();
    bytes
        .map(GrantId::from_bytes)
        .map_err(|_| Failure::Unreadable("a grant identifier"))
}

/// Reads a grant, whatever its payload, and [`LAST_EXCHANGE`] after it.
pub(crate) fn listed<R: Columns>(row: &R) -> Result<ListedGrant, Failure> {
    Ok(ListedGrant {
        grant: grant_with(row, |bytes| Ok(Payload::decode_or_keep(bytes)))?,
        last_exchange_at: row.optional_number(7)?.map(moment).transpose()?,
    })
}

/// The identifier behind which a page begins. No bytes come before all identifiers.
pub(crate) fn place(after: Option<&GrantCursor>) -> Result<Vec<u8>, StoreError> {
    let id = after.map(|cursor| cursor.as_str().parse::<GrantId>());
    let id = id.transpose().map_err(StoreError::permanent)?;
    Ok(id.map_or_else(Vec::new, |id| id.to_bytes().to_vec()))
}

/// How many grants a page has.
pub(crate) fn page_limit(limit: usize) -> i64 {
    self::limit(limit.max(1))
}

/// Reads a page of at most so many grants, in the order of their identifiers. A full one may be the last.
pub(crate) fn page<R: Columns>(rows: &[R], limit: usize) -> Result<GrantPage, Failure> {
    let mut page = GrantPage {
        grants: Vec::with_capacity(rows.len()),
        unreadable: Vec::new(),
        next: None,
    };
    let mut last = None;
    for row in rows {
        let id = grant_id(&row.bytes(0)?)?;
        match grant(row) {
            Ok(grant) => page.grants.push(grant),
            Err(_) => page.unreadable.push(id),
        }
        last = Some(id);
    }
    let last = last.filter(|_| rows.len() >= limit.max(1));
    page.next = last.map(|last| GrantCursor::new(last.to_string()));
    Ok(page)
}

fn exchange_id(bytes: &[u8]) -> Result<ExchangeId, Failure> {
    let bytes = bytes.try_into();
    bytes
        .map(ExchangeId::from_bytes)
        .map_err(|_| Failure::Unreadable("an exchange identifier"))
}

/// Reads a grant, and the credential after it, which has this key.
pub(crate) fn found<R: Columns>(row: &R, key: &CredentialKey) -> Result<Found, Failure> {
    let kind = row.optional_text(7)?;
    let kind = kind.as_deref().and_then(CredentialKind::parse);
    let spent_by = row.optional_bytes(10)?;
    Ok(Found {
        grant: grant(row)?,
        credential: Credential {
            key: *key,
            kind: kind.ok_or(Failure::Unreadable("the kind of a credential"))?,
            expires_at: moment(row.number(8)?)?,
            spent_at: row.optional_number(9)?.map(moment).transpose()?,
            spent_by: spent_by.as_deref().map(exchange_id).transpose()?,
            payload: payload(&row.bytes(11)?)?,
        },
    })
}

/// How an exchange ended that changed nothing, in the order of the contract; it is to be tried again
/// when what was in its way has changed.
pub(crate) fn settle<R: Columns>(
    row: Option<&R>,
    exchange: &Exchange<'_>,
) -> Result<Exchanged, Failure> {
    let now = microseconds(exchange.now);
    let Some(row) = row else {
        return Ok(Exchanged::Inactive);
    };
    let decided = row.optional_text(0)?.is_some();
    if !decided || row.number(1)? <= now || row.optional_number(2)?.is_some() {
        return Ok(Exchanged::Inactive);
    }
    let Some(expires_at) = row.optional_number(3)? else {
        return Ok(Exchanged::Unknown);
    };
    let spent_by = row.optional_bytes(5)?;
    match row.optional_number(4)? {
        Some(_) if spent_by.as_deref() == Some(exchange.id.as_bytes()) => Ok(Exchanged::Done),
        Some(at) => Ok(Exchanged::Spent {
            grant: exchange.grant,
            at: moment(at)?,
        }),
        None if expires_at <= now => Ok(Exchanged::Expired),
        None => Err(Failure::Unsettled),
    }
}

/// How a decision ended that changed nothing. The row has the columns of the grant.
pub(crate) fn undecided<R: Columns>(
    row: Option<&R>,
    now: OffsetDateTime,
) -> Result<Decided, Failure> {
    let Some(row) = row else {
        return Ok(Decided::Unknown);
    };
    if row.optional_text(2)?.is_some() || row.optional_number(5)?.is_some() {
        Ok(Decided::AlreadyDecided)
    } else if row.number(4)? <= microseconds(now) {
        Ok(Decided::Expired)
    } else {
        Err(Failure::Unsettled)
    }
}

/// What came of looking at grants that may be removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    pub(crate) removed: usize,
    /// There may be others, behind those that were kept or have too much under them for one transaction.
    pub(crate) more: bool,
}

/// The columns of a parked request, in the order that [`parked`] reads.
pub(crate) const PARKED: &str = "owner_kind, owner_id, expires_at, payload";

/// Reads the request with this key.
pub(crate) fn parked<R: Columns>(row: &R, key: &CredentialKey) -> Result<ParkedRequest, Failure> {
    let kind = row.optional_text(0)?.unwrap_or_default();
    Ok(ParkedRequest {
        key: *key,
        owner: subject(&kind, row.bytes(1)?)?,
        expires_at: moment(row.number(2)?)?,
        payload: payload(&row.bytes(3)?)?,
    })
}

/// The columns of a consent, in the order that [`consent`] reads.
pub(crate) const CONSENT: &str = "client_id, scope, recorded_at";

/// Reads a consent.
pub(crate) fn consent<R: Columns>(row: &R) -> Result<Consent, Failure> {
    Ok(Consent {
        client_id: client_id(row.bytes(0)?)?,
        scope: scope(&row.optional_text(1)?.unwrap_or_default())?,
        recorded_at: moment(row.number(2)?)?,
    })
}

/// Reads a client from the first column.
pub(crate) fn client<R: Columns>(row: &R) -> Result<Arc<Client>, Failure> {
    let client = Client::decode(&row.bytes(0)?);
    client
        .map(Arc::new)
        .map_err(|_| Failure::Unreadable("a client"))
}

/// Reads a scope of any number of values: a union may have more than one request can ask for.
pub(crate) fn scope(text: &str) -> Result<Scope, Failure> {
    Scope::parse_stored(text).map_err(|_| Failure::Unreadable("a scope"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_between_two_microseconds_is_the_earlier() {
        let start = OffsetDateTime::UNIX_EPOCH;
        for (nanoseconds, expected) in [(0, 0), (999, 0), (1_000, 1), (-1, -1), (-1_000, -1)] {
            let moment = start + Duration::nanoseconds(nanoseconds);
            assert_eq!(microseconds(moment), expected, "{nanoseconds}");
        }
        assert_eq!(moment(-5).unwrap(), start - Duration::microseconds(5));
        assert!(moment(i64::MAX).is_err());
    }

    #[test]
    fn subjects_of_one_name_have_keys_of_their_own() {
        let user = Subject::User(UserId::new("alice"));
        let client = Subject::Client(ClientId::parse("alice").unwrap());
        assert_ne!(subject_key(&user), subject_key(&client));
        let longer = Subject::User(UserId::new("alice "));
        assert_ne!(subject_key(&user), subject_key(&longer));
    }

    #[test]
    fn a_scope_may_have_more_values_than_a_request() {
        let many: Vec<String> = (0..250).map(|n| format!("v{n}")).collect();
        let many = many.join(" ");
        assert_eq!(scope(&many).unwrap().as_str(), many);
        assert_eq!(scope("").unwrap(), Scope::default());
        assert!(scope("\"").is_err());
    }
}
