use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_core::Subject;
use oauth_core::store::{Credential, Grant};
use oauth_redis::RedisStore;
use redis::Pipeline;
use redis::aio::ConnectionManager;
use time::{Duration, OffsetDateTime};

use super::{Absent, chunks, grants, name};
use crate::population::Population;
use crate::row::digest;

/// What is kept beyond its expiry, see `oauth_redis`.
pub(crate) const SLACK: Duration = Duration::minutes(10);

/// Keys of their own on the server of `OAUTH_TEST_REDIS_URL`.
pub(crate) struct Redis {
    pub(crate) store: RedisStore,
    pub(crate) connection: ConnectionManager,
    pub(crate) prefix: String,
}

impl Redis {
    pub(super) async fn make() -> Result<Self, Absent> {
        let url = std::env::var("OAUTH_TEST_REDIS_URL");
        let url = url.unwrap_or_else(|_| "redis://127.0.0.1:6379/".to_owned());
        let connection = redis::Client::open(url.as_str())?
            .get_connection_manager()
            .await?;
        let prefix = format!("{}:", name());
        let store = RedisStore::connect(&url)
            .await?
            .with_prefix(prefix.clone())?;
        Ok(Self {
            store,
            connection,
            prefix,
        })
    }

    pub(super) async fn fill(&self, population: &Population) {
        for some in grants(population) {
            let mut pipeline = redis::pipe();
            // What has ended Redis would have removed.
            let alive = some
                .iter()
                .filter(|(grant, _)| grant.expires_at > population.now);
            for (grant, credentials) in alive {
                self.add_grant(&mut pipeline, grant, population.now);
                for credential in credentials {
                    self.add_credential(&mut pipeline, grant, credential, population.now);
                }
            }
            self.send(pipeline).await;
        }
        for some in chunks(population.requests()) {
            let mut pipeline = redis::pipe();
            for n in some {
                self.add_request(&mut pipeline, population, n);
            }
            self.send(pipeline).await;
        }
        for some in chunks(population.users()) {
            let mut pipeline = redis::pipe();
            for n in some {
                let (user, consent) = (population.user(n), population.consent(n));
                let key = format!(
                    "{}consents:{}",
                    self.prefix,
                    encoded(&digest(user.as_str()))
                );
                let kept = format!("{} {}", moment(consent.recorded_at), consent.scope.as_str());
                pipeline
                    .hset(key, consent.client_id.as_str(), kept)
                    .ignore();
            }
            self.send(pipeline).await;
        }
    }

    fn add_grant(&self, pipeline: &mut Pipeline, grant: &Grant, now: OffsetDateTime) {
        let subject = grant.subject.as_ref().expect("a subject");
        let key = format!("{}{}", self.of_shard(grant.id.shard(), "grant"), grant.id);
        keep(pipeline, &key, &grant_fields(grant), grant.expires_at, now);
        let index = format!("{}subject:{}", self.prefix, subject_name(subject));
        let entry = format!("{}@{}", grant.id, now.unix_timestamp());
        pipeline
            .zadd(&index, entry, grant.expires_at.unix_timestamp() + 1)
            .ignore();
        pipeline
            .pexpire(&index, lifetime(grant.expires_at, now))
            .ignore();
    }

    fn add_credential(
        &self,
        pipeline: &mut Pipeline,
        grant: &Grant,
        credential: &Credential,
        now: OffsetDateTime,
    ) {
        let shard = self.of_shard(credential.key.shard(), "credential");
        let key = format!("{shard}{}", encoded(credential.key.digest()));
        let fields = credential_fields(grant, credential);
        keep(pipeline, &key, &fields, credential.expires_at, now);
    }

    fn add_request(&self, pipeline: &mut Pipeline, population: &Population, n: u64) {
        let request = population.request(n);
        let (shard, name) = (request.key.shard(), encoded(request.key.digest()));
        let listed = subject_name(&request.owner);
        let fields: [(&str, Vec<u8>); 5] = [
            ("owner_kind", request.owner.kind().into()),
            ("owner", request.owner.id().into()),
            ("expires_at", moment(request.expires_at).into()),
            ("payload", request.payload.encode()),
            ("listed", listed.clone().into()),
        ];
        let key = format!("{}{name}", self.of_shard(shard, "request"));
        keep(pipeline, &key, &fields, request.expires_at, population.now);
        let owner = format!("{}{listed}", self.of_shard(shard, "owner"));
        pipeline.zadd(&owner, name, 1).ignore();
        pipeline
            .pexpire(&owner, lifetime(request.expires_at, population.now))
            .ignore();
    }

    fn of_shard(&self, shard: u16, what: &str) -> String {
        format!("{}{{{shard:04x}}}:{what}:", self.prefix)
    }

    async fn send(&self, pipeline: Pipeline) {
        if pipeline.is_empty() {
            return;
        }
        let sent: Result<(), _> = pipeline.query_async(&mut self.connection.clone()).await;
        sent.expect("an answer");
    }

    pub(super) async fn remove(self) {
        let mut connection = self.connection.clone();
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor)
                .arg("MATCH")
                .arg(format!("{}*", self.prefix));
            scan.arg("COUNT").arg(5_000);
            let scanned: Result<(u64, Vec<String>), _> = scan.query_async(&mut connection).await;
            let (next, keys) = scanned.expect("an answer");
            if !keys.is_empty() {
                let unlink = redis::cmd("UNLINK")
                    .arg(keys)
                    .query_async(&mut connection)
                    .await;
                let _: u64 = unlink.expect("an answer");
            }
            if next == 0 {
                break;
            }
            cursor = next;
        }
    }
}

/// What is kept of a grant.
pub(crate) fn grant_fields(grant: &Grant) -> [(&'static str, Vec<u8>); 5] {
    let subject = grant.subject.as_ref().expect("a subject");
    [
        ("client_id", grant.client_id.as_str().into()),
        ("expires_at", moment(grant.expires_at).into()),
        ("payload", grant.payload.encode()),
        ("subject_kind", subject.kind().into()),
        ("subject", subject.id().into()),
    ]
}

/// What is kept of a credential.
pub(crate) fn credential_fields(
    grant: &Grant,
    credential: &Credential,
) -> [(&'static str, Vec<u8>); 4] {
    [
        ("grant", grant.id.to_string().into()),
        ("kind", credential.kind.as_str().into()),
        ("expires_at", moment(credential.expires_at).into()),
        ("payload", credential.payload.encode()),
    ]
}

fn keep(
    pipeline: &mut Pipeline,
    key: &str,
    fields: &[(&str, Vec<u8>)],
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) {
    pipeline.hset_multiple(key, fields).ignore();
    pipeline.pexpire(key, lifetime(expires_at, now)).ignore();
}

/// In milliseconds.
pub(crate) fn lifetime(expires_at: OffsetDateTime, now: OffsetDateTime) -> i64 {
    let kept = (expires_at - now + SLACK).whole_milliseconds();
    i64::try_from(kept).expect("days")
}

pub(crate) fn moment(moment: OffsetDateTime) -> String {
    let microseconds = moment.unix_timestamp_nanos() / 1_000;
    format!("{:019}", microseconds + 1_000_000_000_000_000_000)
}

pub(crate) fn subject_name(subject: &Subject) -> String {
    format!("{}:{}", subject.kind(), encoded(&digest(subject.id())))
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
