use async_trait::async_trait;
use time::OffsetDateTime;

use super::expiry::Expiry;
use super::parts::{Parts, SWEPT_BY_A_WRITE, full, share};
use super::records::{Place, Record, Records};
use super::subjects::{Neighbours, OfSubject, Subjects};
use crate::credential::CredentialKey;
use crate::error::StoreError;
use crate::store::{ParkedRequest, RequestStore};
use crate::subject::Subject;

/// No owner has more requests parked; the oldest make room.
const REQUESTS_OF_AN_OWNER: usize = 100;

/// Parked requests in memory, at most 100,000 unless told otherwise, and at most 100 of one owner.
#[derive(Debug)]
pub struct MemoryRequestStore {
    parts: Parts<Part>,
    requests_in_a_part: usize,
}

#[derive(Debug, Default)]
struct Part {
    requests: Records<Parked>,
    owners: Subjects,
    /// Of requests that are gone, too, for a while.
    expiry: Expiry<Place>,
}

#[derive(Debug)]
struct Parked {
    request: ParkedRequest,
    neighbours: Neighbours,
}

impl Record for Parked {
    type Key = CredentialKey;

    fn key(&self) -> &CredentialKey {
        &self.request.key
    }

    /// A digest of what the core drew at random.
    fn hash(key: &CredentialKey) -> u64 {
        key.leading_bytes()
    }
}

impl OfSubject for Parked {
    fn subject(&self) -> Option<&Subject> {
        Some(&self.request.owner)
    }

    fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    fn neighbours_mut(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }
}

impl Part {
    fn put(&mut self, request: &ParkedRequest) {
        if let Some((place, _)) = self.requests.find(&request.key) {
            self.remove(place);
        }
        let of_owner = self.owners.of(&request.owner, &self.requests);
        let surplus = of_owner
            .map(|(place, _)| place)
            .nth(REQUESTS_OF_AN_OWNER - 1);
        if let Some(oldest) = surplus {
            self.remove(oldest);
        }
        let place = self.requests.insert(Parked {
            request: request.clone(),
            neighbours: Neighbours::default(),
        });
        self.owners.add(place, &mut self.requests);
        self.expiry.push(place, request.expires_at);
        // Requests that were taken stand in the queue until they would have expired.
        if self.expiry.len() > 2 * self.requests.len() + REQUESTS_OF_AN_OWNER {
            self.expiry
                .retain(|place| self.requests.get(*place).is_some());
        }
    }

    fn remove(&mut self, place: Place) -> Option<ParkedRequest> {
        self.owners.remove(place, &mut self.requests);
        let removed = self.requests.remove(place)?;
        Some(removed.request)
    }

    fn purge(&mut self, now: OffsetDateTime, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit {
            let Some(place) = self.expiry.pop(now) else {
                break;
            };
            removed += usize::from(self.remove(place).is_some());
        }
        removed
    }
}

impl Default for MemoryRequestStore {
    fn default() -> Self {
        Self::with_capacity(100_000)
    }
}

impl MemoryRequestStore {
    /// A store for about this many requests.
    pub fn with_capacity(requests: usize) -> Self {
        Self {
            parts: Parts::default(),
            requests_in_a_part: share(requests),
        }
    }
}

/// The verbs without futures, of which the store that has this one in it makes one only.
impl MemoryRequestStore {
    pub(super) fn put_now(
        &self,
        request: &ParkedRequest,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut part = self.parts.lock(request.key.shard());
        part.purge(now, SWEPT_BY_A_WRITE);
        if part.requests.len() >= self.requests_in_a_part {
            return Err(full());
        }
        part.put(request);
        Ok(())
    }

    pub(super) fn get_now(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Option<ParkedRequest> {
        let part = self.parts.lock(key.shard());
        let (_, Parked { request, .. }) = part.requests.find(key)?;
        (request.expires_at > now).then(|| request.clone())
    }

    pub(super) fn take_now(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Option<ParkedRequest> {
        let mut part = self.parts.lock(key.shard());
        let (place, _) = part.requests.find(key)?;
        part.remove(place)
            .filter(|request| request.expires_at > now)
    }
}

#[async_trait]
impl RequestStore for MemoryRequestStore {
    async fn put(&self, request: &ParkedRequest, now: OffsetDateTime) -> Result<(), StoreError> {
        self.put_now(request, now)
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        Ok(self.get_now(key, now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        Ok(self.take_now(key, now))
    }

    async fn purge(&self, now: OffsetDateTime, limit: usize) -> Result<usize, StoreError> {
        let mut removed = 0;
        for part in self.parts.each() {
            removed += part.lock().purge(now, limit - removed);
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::store::{AccessTokenPayload, Content, Payload};
    use crate::subject::UserId;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn request(n: u8) -> ParkedRequest {
        ParkedRequest {
            key: CredentialKey::new(0, [n; 32]),
            owner: Subject::User(UserId::new("alice")),
            expires_at: START + Duration::seconds(i64::from(n)),
            payload: Payload::new(Content::AccessToken(AccessTokenPayload::default())),
        }
    }

    #[tokio::test]
    async fn is_bounded_and_makes_room_by_itself() {
        let store = MemoryRequestStore::with_capacity(64 * 2);
        store.put(&request(1), START).await.unwrap();
        store.put(&request(2), START).await.unwrap();
        assert!(
            store
                .put(&request(3), START)
                .await
                .unwrap_err()
                .is_transient()
        );
        store
            .put(&request(3), START + Duration::seconds(1))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn an_owner_pushes_out_only_its_own_oldest_request() {
        let store = MemoryRequestStore::default();
        let bob = ParkedRequest {
            owner: Subject::User(UserId::new("bob")),
            ..request(255)
        };
        store.put(&bob, START).await.unwrap();
        for n in 1..=101 {
            store.put(&request(n), START).await.unwrap();
        }
        assert_eq!(store.get(&request(1).key, START).await.unwrap(), None);
        assert!(store.get(&request(2).key, START).await.unwrap().is_some());
        assert!(store.get(&bob.key, START).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_taken_request_makes_room() {
        let store = MemoryRequestStore::with_capacity(64);
        for n in 1..=200 {
            store.put(&request(n), START).await.unwrap();
            assert!(store.take(&request(n).key, START).await.unwrap().is_some());
        }
        let part = store.parts.lock(0);
        assert!(part.owners.len() == 0 && part.expiry.len() <= REQUESTS_OF_AN_OWNER + 1);
    }
}
