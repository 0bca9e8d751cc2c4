mod family;
mod part;
mod room;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::parts::{Parts, SWEPT_BY_A_WRITE, full};
use crate::credential::{CredentialKey, GrantId};
use crate::error::StoreError;
use crate::store::{
    Credential, Decided, Decision, Exchange, Exchanged, Found, Grant, GrantCursor, GrantDirectory,
    GrantPage, GrantStore, ListedGrant, Target,
};
use crate::subject::Subject;
use part::Part;
use room::Room;

/// Grants and credentials in memory, at most four million of them together unless told otherwise.
///
/// A grant with two tokens takes about 600 bytes. What the store took at its fullest it keeps for the grants
/// that follow.
#[derive(Debug)]
pub struct MemoryGrantStore {
    parts: Parts<Part>,
    /// For grants and credentials, spent ones included.
    room: Room,
}

impl Default for MemoryGrantStore {
    fn default() -> Self {
        Self::with_capacity(4_000_000)
    }
}

impl MemoryGrantStore {
    /// A store for about this many grants and credentials, spent ones included.
    pub fn with_capacity(records: usize) -> Self {
        Self {
            parts: Parts::default(),
            // So many have a number each.
            room: Room::for_records(records.min(u32::MAX as usize)),
        }
    }

    /// Removes a little of what can never count again, to make room. The part is locked.
    fn sweep(&self, part: &mut Part, now: OffsetDateTime, limit: usize) -> usize {
        let removed = part.purge(now, limit);
        part.room += removed.records;
        self.room.take_back(&mut part.room);
        removed.entries
    }

    /// Takes what was added to a part from its room, and back what it does not need soon.
    fn use_room(&self, part: &mut Part, added: usize) {
        part.room = part.room.saturating_sub(added);
        self.room.take_back(&mut part.room);
    }
}

/// The verbs without futures, of which the store that has this one in it makes one only.
impl MemoryGrantStore {
    pub(super) fn open_now(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut part = self.parts.lock(grant.id.shard());
        self.sweep(&mut part, now, SWEPT_BY_A_WRITE);
        if part.has_grant(&grant.id) {
            return Ok(());
        }
        if !self.room.reserve(&mut part.room, 1 + credentials.len()) {
            return Err(full());
        }
        let added = part.open(grant, credentials);
        self.use_room(&mut part, added);
        Ok(())
    }

    pub(super) fn find_now(&self, key: &CredentialKey) -> Option<Found> {
        self.parts.lock(key.shard()).find(key)
    }

    pub(super) fn decide_now(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Decided {
        self.parts.lock(id.shard()).decide(id, decision, now)
    }

    pub(super) fn exchange_now(&self, exchange: &Exchange<'_>) -> Result<Exchanged, StoreError> {
        let mut part = self.parts.lock(exchange.grant.shard());
        self.sweep(&mut part, exchange.now, SWEPT_BY_A_WRITE);
        let has_room = self.room.reserve(&mut part.room, exchange.successors.len());
        let (exchanged, added) = part.exchange(exchange, has_room).ok_or_else(full)?;
        self.use_room(&mut part, added);
        Ok(exchanged)
    }

    pub(super) fn revoke_now(&self, target: Target, now: OffsetDateTime) {
        match target {
            Target::Grant(id) => self.parts.lock(id.shard()).revoke_grant(&id, now),
            Target::Credential(key) => self.parts.lock(key.shard()).revoke_credential(&key, now),
        }
    }
}

#[async_trait]
impl GrantStore for MemoryGrantStore {
    async fn open(
        &self,
        grant: &Grant,
        credentials: &[Credential],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.open_now(grant, credentials, now)
    }

    async fn find(&self, key: &CredentialKey) -> Result<Option<Found>, StoreError> {
        Ok(self.find_now(key))
    }

    async fn decide(
        &self,
        id: &GrantId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Decided, StoreError> {
        Ok(self.decide_now(id, decision, now))
    }

    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, StoreError> {
        self.exchange_now(&exchange)
    }

    async fn revoke(&self, target: Target, now: OffsetDateTime) -> Result<(), StoreError> {
        self.revoke_now(target, now);
        Ok(())
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut entries = 0;
        for part in self.parts.each() {
            entries += self.sweep(&mut part.lock(), now, limit - entries);
        }
        Ok(entries)
    }
}

impl MemoryGrantStore {
    /// Reads the number of a part and that of a slot in it. A grant keeps its slot for as long as it is there.
    fn place(&self, cursor: &GrantCursor) -> Option<(usize, usize)> {
        let (number, slot) = cursor.as_str().split_once(':')?;
        let (number, slot) = (number.parse().ok()?, slot.parse().ok()?);
        let part = self.parts.each().nth(number)?;
        (slot <= part.lock().slots()).then_some((number, slot))
    }
}

#[async_trait]
impl GrantDirectory for MemoryGrantStore {
    async fn list(
        &self,
        subject: &Subject,
        now: OffsetDateTime,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let grants = self.parts.each().flat_map(|part| part.lock().of(subject));
        Ok(grants
            .filter(|listed| listed.grant.is_active(now))
            .collect())
    }

    async fn page(
        &self,
        after: Option<&GrantCursor>,
        limit: usize,
    ) -> Result<GrantPage, StoreError> {
        let (mut number, mut slot) = after
            .map_or(Some((0, 0)), |cursor| self.place(cursor))
            .ok_or_else(|| StoreError::permanent("not a cursor of this store"))?;
        let mut grants = Vec::new();
        // Empty slots count, too, so that no part is locked for longer.
        let mut left = limit.max(1);
        for part in self.parts.each().skip(number) {
            let (seen, is_last) = part.lock().some(slot, left, &mut grants);
            if !is_last {
                let next = GrantCursor::new(format!("{number}:{}", slot + seen));
                return Ok(GrantPage {
                    grants,
                    unreadable: Vec::new(),
                    next: Some(next),
                });
            }
            left -= seen;
            number += 1;
            slot = 0;
        }
        Ok(GrantPage {
            grants,
            unreadable: Vec::new(),
            next: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Content, ExchangeId, Payload, Spend};
    use crate::{ClientId, CredentialKind, UserId};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn alice() -> Subject {
        Subject::User(UserId::new("alice"))
    }

    fn grant(number: u8, seconds: u8) -> Grant {
        let mut id = [0; 18];
        id[17] = number;
        Grant {
            id: GrantId::from_bytes(id),
            client_id: ClientId::parse("web").unwrap(),
            subject: Some(alice()),
            expires_at: NOW + time::Duration::seconds(seconds.into()),
            revoked_at: None,
            payload: Payload::new(Content::AccessToken(
                crate::store::AccessTokenPayload::default(),
            )),
        }
    }

    async fn listed(store: &MemoryGrantStore) -> Vec<Grant> {
        listed_of(store, &alice()).await
    }

    async fn listed_of(store: &MemoryGrantStore, subject: &Subject) -> Vec<Grant> {
        let listed = store.list(subject, NOW).await.unwrap();
        listed.into_iter().map(|listed| listed.grant).collect()
    }

    #[tokio::test]
    async fn forgets_subjects_without_grants() {
        let store = MemoryGrantStore::default();
        let subjects = || -> usize { store.parts.each().map(|part| part.lock().subjects()).sum() };
        let grant = grant(1, 1);
        store.open(&grant, &[], NOW).await.unwrap();
        assert_eq!(subjects(), 1);
        store.purge(grant.expires_at, 10).await.unwrap();
        assert_eq!(subjects(), 0);
    }

    /// Whatever becomes of an exchange.
    #[tokio::test]
    async fn no_room_is_lost_or_made() {
        const ALL: usize = 100_000;
        let store = MemoryGrantStore::with_capacity(ALL);
        let everything = || -> usize {
            let parts = store.parts.each().map(|part| {
                let part = part.lock();
                part.room + part.records()
            });
            parts.sum::<usize>() + store.room.left()
        };
        for n in 1..=200 {
            let opened = grant(n, 9);
            let credential = |kind, last, seconds| Credential {
                key: CredentialKey::new(
                    opened.id.shard(),
                    [[n, last]; 16].concat().try_into().unwrap(),
                ),
                kind,
                expires_at: NOW + time::Duration::seconds(seconds),
                spent_at: None,
                spent_by: None,
                payload: opened.payload.clone(),
            };
            let refresh_token = credential(CredentialKind::RefreshToken, 0, 9);
            for _ in 0..2 {
                let credentials = std::slice::from_ref(&refresh_token);
                store.open(&opened, credentials, NOW).await.unwrap();
            }
            let successors = [
                credential(CredentialKind::RefreshToken, 1, 9),
                credential(CredentialKind::AccessToken, 2, 1),
            ];
            for by in [1, 1, 2] {
                let exchange = Exchange {
                    id: ExchangeId::from_bytes([by; 16]),
                    grant: opened.id,
                    spend: Spend::Once(refresh_token.key),
                    successors: (&successors[..]).into(),
                    now: NOW,
                };
                let exchanged = store.exchange(exchange).await.unwrap();
                assert_eq!(exchanged == Exchanged::Done, by == 1);
            }
            assert_eq!(everything(), ALL);
        }
        for seconds in [1, 9] {
            let now = NOW + time::Duration::seconds(seconds);
            assert_eq!(store.purge(now, usize::MAX).await.unwrap(), 200);
            assert_eq!(everything(), ALL);
        }
    }

    /// A client may say so as often as it likes.
    #[tokio::test]
    async fn what_is_revoked_again_takes_no_more_room() {
        let store = MemoryGrantStore::default();
        let grant = grant(1, 9);
        store.open(&grant, &[], NOW).await.unwrap();
        let looks = || -> usize { store.parts.each().map(|part| part.lock().looks()).sum() };
        let target = Target::Grant(grant.id);
        store.revoke(target, NOW).await.unwrap();
        let once = looks();
        for _ in 0..100 {
            store.revoke(target, NOW).await.unwrap();
        }
        assert_eq!(looks(), once);
    }

    #[tokio::test]
    async fn a_cursor_behind_the_last_part_or_slot_is_no_place() {
        let store = MemoryGrantStore::default();
        for number in 1..=3 {
            store.open(&grant(number, 9), &[], NOW).await.unwrap();
        }
        let page = async |text| store.page(Some(&GrantCursor::new(text)), 10).await;
        for text in ["0:4", "0:99999999", "1:1", "64:0", "9999:0"] {
            assert!(!page(text).await.unwrap_err().is_transient(), "{text}");
        }
        for (text, left) in [("0:0", 3), ("0:2", 1), ("0:3", 0), ("63:0", 0)] {
            assert_eq!(page(text).await.unwrap().grants.len(), left, "{text}");
        }
    }

    #[tokio::test]
    async fn lists_what_is_left_in_whichever_order_the_rest_goes() {
        for lifetimes in [
            [1, 2, 3],
            [1, 3, 2],
            [2, 1, 3],
            [2, 3, 1],
            [3, 1, 2],
            [3, 2, 1],
        ] {
            let store = MemoryGrantStore::default();
            for (number, seconds) in (0..).zip(lifetimes) {
                store.open(&grant(number, seconds), &[], NOW).await.unwrap();
            }
            for second in 1..=3 {
                let now = NOW + time::Duration::seconds(second);
                assert_eq!(store.purge(now, 10).await.unwrap(), 1);
                let mut left = listed(&store).await;
                left.sort_by_key(|grant| grant.id);
                let expected: Vec<_> = (0..)
                    .zip(lifetimes)
                    .filter(|(_, seconds)| i64::from(*seconds) > second)
                    .map(|(number, seconds)| grant(number, seconds))
                    .collect();
                assert_eq!(left, expected, "{lifetimes:?} after {second}");
            }
            // The places are used again.
            store.open(&grant(9, 9), &[], NOW).await.unwrap();
            assert_eq!(listed(&store).await, [grant(9, 9)]);
        }
    }

    #[tokio::test]
    async fn whose_place_is_used_again_by_another_sees_nothing_of_it() {
        let store = MemoryGrantStore::default();
        let bob = Subject::User(UserId::new("bob"));
        let client = Subject::Client(ClientId::parse("alice").unwrap());
        for (number, subject) in [(1, Some(&bob)), (2, Some(&client)), (3, None)] {
            store.open(&grant(0, 1), &[], NOW).await.unwrap();
            assert_eq!(listed(&store).await, [grant(0, 1)]);
            let now = NOW + time::Duration::seconds(1);
            assert_eq!(store.purge(now, 10).await.unwrap(), 1);
            let next = Grant {
                subject: subject.cloned(),
                ..grant(number, 9)
            };
            store.open(&next, &[], NOW).await.unwrap();
            assert_eq!(listed(&store).await, []);
            let Some(subject) = subject else {
                continue;
            };
            assert_eq!(listed_of(&store, subject).await, [next]);
        }
        // The last has its subject from now on.
        let approval = Decision::Approve {
            subject: bob.clone(),
            expires_at: NOW + time::Duration::seconds(9),
            payload: grant(3, 9).payload,
        };
        let id = grant(3, 9).id;
        let decided = store.decide(&id, approval, NOW).await.unwrap();
        assert_eq!(decided, Decided::Done);
        let of_bob = [3, 1].map(|number| Grant {
            subject: Some(bob.clone()),
            ..grant(number, 9)
        });
        assert_eq!(listed_of(&store, &bob).await, of_bob);
        assert_eq!(listed(&store).await, []);
    }
}
