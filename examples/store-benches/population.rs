//! What the stores are filled with. Everything follows from its number, so nothing has to be
//! remembered to find it again.

use oauth_core::store::{Consent, Credential, ExchangeId, Grant, ParkedRequest, Payload};
use oauth_core::{
    ClientId, Clock, CredentialKey, CredentialKind, GrantId, Scope, Subject, SystemClock, UserId,
};
use oauth_testkit::sample;
use time::{Duration, OffsetDateTime};

/// Each grant has a refresh token and an access token.
pub(crate) const CREDENTIALS_OF_A_GRANT: u64 = 2;
/// So many grants have ended, beside those that are alive, for `purge` to remove.
pub(crate) const ENDED: u64 = 4_000;
const GRANTS_OF_A_USER: u64 = 2;
const CLIENTS: u64 = 1_000;
/// For so many credentials there is one request that waits at the consent page.
const CREDENTIALS_FOR_A_REQUEST: u64 = 10;

/// So many live credentials, with the users, consents and waiting requests of a service that has them.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    pub(crate) credentials: u64,
    pub(crate) now: OffsetDateTime,
    most_requests: u64,
    random_lifetimes: bool,
}

/// What a random number is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Grant,
    RefreshToken,
    AccessToken,
    Successor,
    Request,
    Lifetime,
    Client,
}

impl Population {
    pub(crate) fn new(credentials: u64, most_requests: u64) -> Self {
        let now = SystemClock.now();
        let now = now.replace_nanosecond(0).expect("a whole second");
        Self {
            credentials,
            now,
            most_requests,
            random_lifetimes: false,
        }
    }

    /// Whether whatever was opened earlier does not end earlier, as it does in a service with one lifetime for
    /// all grants and one for all access tokens.
    pub(crate) fn with_random_lifetimes(self, random_lifetimes: bool) -> Self {
        Self {
            random_lifetimes,
            ..self
        }
    }

    /// How many grants are alive.
    pub(crate) fn grants(&self) -> u64 {
        self.credentials / CREDENTIALS_OF_A_GRANT
    }

    /// How many users have a grant, and each a consent.
    pub(crate) fn users(&self) -> u64 {
        self.grants().div_ceil(GRANTS_OF_A_USER)
    }

    /// How many requests wait.
    pub(crate) fn requests(&self) -> u64 {
        (self.credentials / CREDENTIALS_FOR_A_REQUEST).min(self.most_requests)
    }

    /// The grant of this number. Those from [`grants`](Self::grants) on have ended, up to [`ENDED`] of
    /// them, and any behind those are in no store yet.
    pub(crate) fn grant(&self, n: u64) -> Grant {
        Grant {
            id: GrantId::from_bytes(random(Purpose::Grant, n)),
            client_id: client(n),
            subject: Some(Subject::User(self.user(n / GRANTS_OF_A_USER))),
            expires_at: self.expiry(n, Duration::days(1), Duration::days(90)),
            revoked_at: None,
            payload: payload(
                r#""grant":{"scope":"profile email","opened_at":1790000000,"auth_time":1789999999}"#,
            ),
        }
    }

    pub(crate) fn has_ended(&self, n: u64) -> bool {
        (self.grants()..self.grants() + ENDED).contains(&n)
    }

    /// Behind `earliest` for a grant that is alive, in the past for one that has ended.
    fn expiry(&self, n: u64, earliest: Duration, latest: Duration) -> OffsetDateTime {
        let within = (latest - earliest).whole_seconds().unsigned_abs();
        let some = match (self.random_lifetimes, n.checked_sub(self.grants())) {
            (true, _) => number(Purpose::Lifetime, n) % within,
            (false, None) => within * n / self.grants(),
            (false, Some(ended)) => ENDED.checked_sub(ended + 1).unwrap_or(within),
        };
        let some = Duration::seconds(i64::try_from(some).expect("days"));
        if self.has_ended(n) {
            self.now - some - Duration::SECOND
        } else {
            self.now + earliest + some
        }
    }

    /// The two credentials of a grant.
    pub(crate) fn credentials_of(&self, n: u64) -> [Credential; 2] {
        [self.refresh_token(n), self.access_token(n)]
    }

    pub(crate) fn refresh_token(&self, n: u64) -> Credential {
        Credential {
            key: key_under(n, Purpose::RefreshToken),
            kind: CredentialKind::RefreshToken,
            expires_at: self.grant(n).expires_at,
            spent_at: None,
            spent_by: None,
            payload: payload(r#""refresh_token":{}"#),
        }
    }

    pub(crate) fn access_token(&self, n: u64) -> Credential {
        Credential {
            key: key_under(n, Purpose::AccessToken),
            kind: CredentialKind::AccessToken,
            expires_at: if self.has_ended(n) {
                self.grant(n).expires_at - Duration::SECOND
            } else {
                self.expiry(n, Duration::minutes(30), Duration::minutes(90))
            },
            spent_at: None,
            spent_by: None,
            payload: sample::whole_access_token_payload(),
        }
    }

    /// What a grant's refresh token is exchanged for.
    pub(crate) fn successors(&self, n: u64) -> [Credential; 2] {
        let [refresh_token, access_token] = self.credentials_of(n);
        [
            Credential {
                key: key_under(n, Purpose::Successor),
                ..refresh_token
            },
            Credential {
                key: key_under(!n, Purpose::Successor).in_shard(refresh_token.key.shard()),
                expires_at: self.now + Duration::minutes(90),
                ..access_token
            },
        ]
    }

    pub(crate) fn exchange(&self, n: u64) -> ExchangeId {
        ExchangeId::from_bytes(random(Purpose::Successor, n))
    }

    /// Whom a grant or a request belongs to.
    pub(crate) fn user(&self, n: u64) -> UserId {
        UserId::new(format!("user-{n:012}"))
    }

    /// A user's consent.
    pub(crate) fn consent(&self, user: u64) -> Consent {
        Consent {
            client_id: client(user * GRANTS_OF_A_USER),
            scope: scope(),
            recorded_at: self.now,
        }
    }

    /// The request of this number; those from [`requests`](Self::requests) on are in no store yet.
    pub(crate) fn request(&self, n: u64) -> ParkedRequest {
        ParkedRequest {
            key: CredentialKey::new(random_shard(n), random(Purpose::Request, n)),
            owner: Subject::User(self.user(n)),
            expires_at: self.now + Duration::minutes(10),
            payload: sample::parked_authorization_payload(),
        }
    }
}

/// What the clients are allowed.
pub(crate) fn scope() -> Scope {
    sample::scope("profile email")
}

/// One of many clients.
pub(crate) fn client(n: u64) -> ClientId {
    sample::client_id(&format!(
        "client-{:04}",
        number(Purpose::Client, n) % CLIENTS
    ))
}

trait InShard {
    fn in_shard(self, shard: u16) -> Self;
}

impl InShard for CredentialKey {
    fn in_shard(self, shard: u16) -> Self {
        Self::new(shard, *self.digest())
    }
}

fn key_under(grant: u64, purpose: Purpose) -> CredentialKey {
    let [first, second, ..]: [u8; 18] = random(Purpose::Grant, grant);
    CredentialKey::new(u16::from_be_bytes([first, second]), random(purpose, grant))
}

fn random_shard(n: u64) -> u16 {
    let [first, second, ..]: [u8; 8] = random(Purpose::Grant, n);
    u16::from_be_bytes([first, second])
}

fn payload(content: &str) -> Payload {
    let written = format!(r#"{{"version":1,{content}}}"#);
    Payload::decode(written.as_bytes()).expect("a payload as the core writes it")
}

fn random<const N: usize>(purpose: Purpose, n: u64) -> [u8; N] {
    let mut state = number(purpose, n);
    let mut bytes = [0; N];
    for chunk in bytes.chunks_mut(8) {
        state = mixed(state);
        chunk.copy_from_slice(&state.to_ne_bytes()[..chunk.len()]);
    }
    bytes
}

fn number(purpose: Purpose, n: u64) -> u64 {
    mixed(mixed(n) ^ (purpose as u64))
}

/// SplitMix64, which gives each number another.
const fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
