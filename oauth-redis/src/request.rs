use async_trait::async_trait;
use oauth_core::store::{ParkedRequest, RequestStore};
use oauth_core::{CredentialKey, StoreError};
use redis::cmd;
use time::OffsetDateTime;

use crate::RedisStore;
use crate::error::Unreadable;
use crate::keys::{digest, name};
use crate::moment;
use crate::record::{Fields, Record};
use crate::script::{PUT, TAKE};

/// No owner has more requests parked; the oldest make room.
const REQUESTS_OF_AN_OWNER: &str = "100";

#[async_trait]
impl RequestStore for RedisStore {
    async fn put(&self, request: &ParkedRequest, now: OffsetDateTime) -> Result<(), StoreError> {
        let shard = request.key.shard();
        let listed = name(&request.owner);
        let keys = [
            self.keys.request(&request.key),
            format!("{}{listed}", self.keys.owners(shard)),
        ];
        let own_name = digest(&request.key);
        let lifetime = moment::lifetime(request.expires_at, now).to_string();
        let requests = self.keys.requests(shard);
        let expires_at = moment::encode(request.expires_at);
        let payload = request.payload.encode();
        let texts: [&[u8]; 14] = [
            own_name.as_bytes(),
            REQUESTS_OF_AN_OWNER.as_bytes(),
            lifetime.as_bytes(),
            requests.as_bytes(),
            b"owner_kind",
            request.owner.kind().as_bytes(),
            b"owner",
            request.owner.id().as_bytes(),
            b"expires_at",
            expires_at.as_bytes(),
            b"payload",
            &payload,
            b"listed",
            listed.as_bytes(),
        ];
        self.connection.run(&PUT, &keys, &texts).await
    }

    async fn get(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let mut command = cmd("HMGET");
        command.arg(self.keys.request(key));
        command.arg(&["owner_kind", "owner", "expires_at", "payload"]);
        let fields: Fields = self.connection.ask(&command).await?;
        if fields.first().is_none_or(Option::is_none) {
            return Ok(None);
        }
        let request = parked(*key, fields)?;
        Ok(Some(request).filter(|request| request.expires_at > now))
    }

    async fn take(
        &self,
        key: &CredentialKey,
        now: OffsetDateTime,
    ) -> Result<Option<ParkedRequest>, StoreError> {
        let keys = [self.keys.request(key)];
        let own_name = digest(key);
        let owners = self.keys.owners(key.shard());
        let texts = [own_name.as_bytes(), owners.as_bytes()];
        // Asked a second time, it may not find what the first took, and then nobody has it.
        let taken: Option<Fields> = self.connection.run(&TAKE, &keys, &texts).await?;
        let request = taken.map(|fields| parked(*key, fields)).transpose()?;
        Ok(request.filter(|request| request.expires_at > now))
    }

    /// Redis removes what has expired by itself: there is nothing left to do.
    async fn purge(&self, _now: OffsetDateTime, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

fn parked(key: CredentialKey, fields: Fields) -> Result<ParkedRequest, StoreError> {
    let mut record = Record::new(fields);
    let owner = record.optional_subject()?;
    Ok(ParkedRequest {
        key,
        owner: owner.ok_or(Unreadable("a parked request"))?,
        expires_at: record.moment()?,
        payload: record.payload()?,
    })
}
