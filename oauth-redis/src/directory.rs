//! The grants of a subject, of which each may be in another shard, and all grants.

use std::fmt;

use async_trait::async_trait;
use oauth_core::store::{GrantCursor, GrantDirectory, GrantPage, ListedGrant};
use oauth_core::{GrantId, StoreError, Subject};
use redis::{Cmd, cmd};
use time::OffsetDateTime;

use crate::RedisStore;
use crate::grant::{GRANT, grant, grant_with};
use crate::moment::{self, SLACK};
use crate::record::{Fields, Record};
use crate::script::INDEX;

/// So many grants are read together.
const TOGETHER: usize = 100;

/// So many keys are looked at for a page, grants or not, however few grants are wanted.
const FEWEST_SCANNED: usize = 10;

/// So many at most, however many are wanted: Redis does nothing else meanwhile.
const MOST_SCANNED: usize = 10_000;

/// So many slots does a cluster have.
const SLOTS: u16 = 16_384;

/// A grant in its subject's index, and when it was written there.
struct Entry {
    text: String,
    id: GrantId,
    written_at: i64,
}

impl Entry {
    fn text(id: &GrantId, written_at: OffsetDateTime) -> String {
        format!("{id}@{}", written_at.unix_timestamp())
    }

    fn parse(text: String) -> Option<Self> {
        let (id, written_at) = text.split_once('@')?;
        Some(Self {
            id: id.parse().ok()?,
            written_at: written_at.parse().ok()?,
            text,
        })
    }
}

#[async_trait]
impl GrantDirectory for RedisStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let index = self.keys.grants_of(subject);
        let mut command = cmd("ZRANGEBYSCORE");
        command.arg(&index).arg(now.unix_timestamp()).arg("+inf");
        let texts: Vec<String> = self.connection.ask(&command).await?;
        let mut entries: Vec<Entry> = texts.into_iter().filter_map(Entry::parse).collect();
        // A grant that was opened a second time, because the first answer was lost, may be twice in it.
        entries.sort_by_key(|entry| (entry.id, entry.written_at));
        entries.dedup_by_key(|entry| entry.id);

        let forgotten = now.saturating_sub(SLACK).unix_timestamp();
        let mut grants = Vec::new();
        let mut gone = Vec::new();
        for some in entries.chunks(TOGETHER) {
            let commands: Vec<Cmd> = some
                .iter()
                .map(|entry| self.read_listed(&entry.id))
                .collect();
            let answers: Vec<Fields> = self.connection.ask_together(&commands).await?;
            for (entry, fields) in some.iter().zip(answers) {
                let is_there = fields.first().is_some_and(Option::is_some);
                if !is_there {
                    // The entry is written first: the grant may be on its way.
                    if entry.written_at < forgotten {
                        gone.push(entry.text.as_str());
                    }
                    continue;
                }
                let mut record = Record::new(fields);
                let grant = grant_with(entry.id, &mut record, Record::payload_or_kept)?;
                if grant.revoked_at.is_some() {
                    gone.push(entry.text.as_str());
                } else if grant.subject.as_ref() == Some(subject) && grant.is_active(now) {
                    grants.push(ListedGrant {
                        grant,
                        last_exchange_at: record.optional_moment()?,
                    });
                }
            }
        }
        for some in gone.chunks(TOGETHER) {
            let () = self
                .connection
                .ask(cmd("ZREM").arg(&index).arg(some))
                .await?;
        }
        Ok(grants)
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let place = after.map(Place::parse).transpose()?.unwrap_or_default();
        let mut command = cmd("SCAN");
        command
            .arg(place.cursor)
            .arg("MATCH")
            .arg(self.keys.any_grant());
        command
            .arg("COUNT")
            .arg(limit.clamp(FEWEST_SCANNED, MOST_SCANNED));
        // Others' keys may be any bytes.
        let (cursor, keys): (u64, Vec<Vec<u8>>) =
            self.connection.ask_primary(place.slot, &command).await?;
        let texts = keys.iter().filter_map(|key| str::from_utf8(key).ok());
        let ids: Vec<GrantId> = texts.filter_map(|key| self.keys.grant_id(key)).collect();
        let mut grants = Vec::with_capacity(ids.len());
        let mut unreadable = Vec::new();
        for some in ids.chunks(TOGETHER) {
            let commands: Vec<Cmd> = some.iter().map(|id| self.read(id)).collect();
            let answers: Vec<Fields> = self.connection.ask_together(&commands).await?;
            for (id, fields) in some.iter().zip(answers) {
                // It may have gone meanwhile.
                if fields.first().is_none_or(Option::is_none) {
                    continue;
                }
                match grant(*id, &mut Record::new(fields)) {
                    Ok(grant) => grants.push(grant),
                    Err(_) => unreadable.push(*id),
                }
            }
        }
        let next = if cursor != 0 {
            Some(Place { cursor, ..place })
        } else {
            let slot = self.connection.next_primary(place.slot).await?;
            slot.map(|slot| Place { slot, cursor })
        };
        let next = next.map(|place| GrantCursor::new(place.to_string()));
        Ok(GrantPage {
            grants,
            unreadable,
            next,
        })
    }
}

/// Where `SCAN` has come to: on which primary of a cluster, which is named by the lowest of its slots, and its
/// own cursor there.
#[derive(Clone, Copy, Default)]
struct Place {
    slot: u16,
    cursor: u64,
}

impl Place {
    fn parse(cursor: &GrantCursor) -> Result<Self, StoreError> {
        let numbers = cursor.as_str().split_once(':');
        numbers
            .and_then(|(slot, cursor)| {
                Some(Self {
                    slot: slot.parse().ok().filter(|slot| *slot < SLOTS)?,
                    cursor: cursor.parse().ok()?,
                })
            })
            .ok_or_else(|| StoreError::permanent("not a cursor of this store"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.slot, self.cursor)
    }
}

impl RedisStore {
    /// Writes a grant into its subject's index, before the grant itself: an entry without a grant is
    /// harmless, a grant without an entry could not be ended by its user.
    pub(crate) async fn enter(
        &self,
        subject: &Subject,
        id: &GrantId,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let expiry = expires_at.unix_timestamp().saturating_add(1).to_string();
        let entry = Entry::text(id, now);
        let lifetime = moment::lifetime(expires_at, now).to_string();
        let forgotten = now.saturating_sub(SLACK).unix_timestamp().to_string();
        let texts = [&expiry, &entry, &lifetime, &forgotten].map(|text| text.as_bytes());
        let keys = [self.keys.grants_of(subject)];
        self.connection.run(&INDEX, &keys, &texts).await
    }

    /// The same with the moment of the last exchange behind it. What was exchanged before a version that
    /// keeps it has none.
    fn read_listed(&self, id: &GrantId) -> Cmd {
        let mut command = self.read(id);
        command.arg("last_exchange_at");
        command
    }

    pub(crate) fn read(&self, id: &GrantId) -> Cmd {
        let mut command = cmd("HMGET");
        command.arg(self.keys.grant(id)).arg(&GRANT);
        command
    }
}
