//! What each operation cannot do without, written by hand for one server and nothing else: read the
//! request, hash what must be hashed, draw random bytes, one operation on a sharded map for each
//! record, build the response. What has expired is forgotten, since a server whose records only become
//! more runs out of memory.
//!
//! Nothing is refused for its own sake, nothing is indexed or logged, and no part of it can be
//! replaced.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rand::Rng;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};
use url::form_urlencoded;

const SHARDS: usize = 64;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A registered client.
pub(crate) struct FloorClient {
    pub(crate) id: Arc<str>,
    pub(crate) secret: [u8; 32],
    pub(crate) redirect_uri: String,
    pub(crate) scope: Arc<str>,
}

/// What a valid access token says. The framework's answer has as much in it.
#[allow(dead_code, reason = "made to be measured, not to be read")]
pub(crate) struct FloorToken {
    pub(crate) subject: Arc<str>,
    pub(crate) client: Arc<str>,
    pub(crate) scope: Arc<str>,
    pub(crate) expires_at: OffsetDateTime,
}

#[derive(Clone)]
struct Grant {
    client: Arc<str>,
    subject: Arc<str>,
    scope: Arc<str>,
    expires_at: OffsetDateTime,
}

struct Credential {
    grant: [u8; 18],
    expires_at: OffsetDateTime,
    spent_at: Option<OffsetDateTime>,
    /// Of a code.
    challenge: Option<[u8; 32]>,
}

struct Ticket {
    client: Arc<str>,
    subject: Arc<str>,
    session: [u8; 32],
    scope: Arc<str>,
    state: String,
    challenge: [u8; 32],
}

struct Sharded<T> {
    shards: Vec<Mutex<T>>,
}

impl<T: Default> Sharded<T> {
    fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    fn lock(&self, by: u8) -> MutexGuard<'_, T> {
        self.shards[usize::from(by) % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scope to which a user has agreed, by client.
type Consents = HashMap<Arc<str>, Arc<str>>;

/// How long something lives. What lives equally long expires in the order in which it came.
#[derive(Clone, Copy)]
enum Lifetime {
    /// Codes.
    Minute,
    /// Tickets, access tokens, and the grants of clients on their own.
    Hour,
    /// Refresh tokens, and the grants of users.
    Month,
}

impl Lifetime {
    fn from(self, now: OffsetDateTime) -> OffsetDateTime {
        now + match self {
            Self::Minute => Duration::minutes(1),
            Self::Hour => Duration::hours(1),
            Self::Month => Duration::days(30),
        }
    }
}

/// Records that are forgotten once they have expired.
struct Expiring<const N: usize, V> {
    records: HashMap<[u8; N], V>,
    /// One for each lifetime.
    queues: [VecDeque<(OffsetDateTime, [u8; N])>; 3],
}

impl<const N: usize, V> Default for Expiring<N, V> {
    fn default() -> Self {
        Self {
            records: HashMap::new(),
            queues: Default::default(),
        }
    }
}

impl<const N: usize, V> Expiring<N, V> {
    fn insert(&mut self, key: [u8; N], record: V, lifetime: Lifetime, now: OffsetDateTime) {
        let queue = &mut self.queues[lifetime as usize];
        while queue.front().is_some_and(|(moment, _)| *moment <= now) {
            if let Some((_, expired)) = queue.pop_front() {
                self.records.remove(&expired);
            }
        }
        queue.push_back((lifetime.from(now), key));
        self.records.insert(key, record);
    }
}

/// The records of the floor.
pub(crate) struct Floor {
    issuer: String,
    hasher: RandomState,
    clients: RwLock<HashMap<Arc<str>, Arc<FloorClient>>>,
    grants: Sharded<Expiring<18, Grant>>,
    credentials: Sharded<Expiring<32, Credential>>,
    tickets: Sharded<Expiring<32, Ticket>>,
    consents: Sharded<HashMap<Arc<str>, Consents>>,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    scope: &'a str,
}

impl Floor {
    pub(crate) fn new(issuer: &str, clients: impl IntoIterator<Item = FloorClient>) -> Self {
        let clients = clients.into_iter().map(Arc::new);
        Self {
            issuer: issuer.to_owned(),
            hasher: RandomState::new(),
            clients: RwLock::new(clients.map(|it| (it.id.clone(), it)).collect()),
            grants: Sharded::new(),
            credentials: Sharded::new(),
            tickets: Sharded::new(),
            consents: Sharded::new(),
        }
    }

    /// The token of an `Authorization` header, if it is valid.
    pub(crate) fn verify(&self, authorization: &str) -> Option<FloorToken> {
        self.look_up(authorization.strip_prefix("Bearer ")?)
    }

    /// What a token says, if it is valid.
    pub(crate) fn look_up(&self, token: &str) -> Option<FloorToken> {
        let digest = sha256(token.as_bytes());
        let (id, expires_at) = {
            let credentials = self.credentials.lock(digest[0]);
            let credential = credentials.records.get(&digest)?;
            if credential.spent_at.is_some() {
                return None;
            }
            (credential.grant, credential.expires_at)
        };
        let grant = self.grants.lock(id[0]).records.get(&id)?.clone();
        let now = now();
        (expires_at > now && grant.expires_at > now).then_some(FloorToken {
            subject: grant.subject,
            client: grant.client,
            scope: grant.scope,
            expires_at,
        })
    }

    /// The body of the token response to `client_credentials`.
    pub(crate) fn client_credentials(&self, authorization: &str, form: &[u8]) -> Option<Vec<u8>> {
        let client = self.authenticate(authorization)?;
        let is_meant = form_urlencoded::parse(form)
            .any(|(name, value)| name == "grant_type" && value == "client_credentials");
        if !is_meant {
            return None;
        }
        let now = now();
        let id = random::<18>();
        let grant = Grant {
            client: client.id.clone(),
            subject: client.id.clone(),
            scope: client.scope.clone(),
            expires_at: Lifetime::Hour.from(now),
        };
        let mut grants = self.grants.lock(id[0]);
        grants.insert(id, grant, Lifetime::Hour, now);
        drop(grants);
        let access = self.issue("oat_", id, Lifetime::Hour, None, now);
        Some(body(&access, None, &client.scope))
    }

    /// The body of the token response to `authorization_code` or `refresh_token`.
    pub(crate) fn exchange(&self, authorization: &str, form: &[u8]) -> Option<Vec<u8>> {
        let client = self.authenticate(authorization)?;
        let (mut presented, mut verifier, mut redirect_uri) = (None, None, None);
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "code" | "refresh_token" => presented = Some(value),
                "code_verifier" => verifier = Some(value),
                "redirect_uri" => redirect_uri = Some(value),
                _ => {}
            }
        }
        if redirect_uri.is_some_and(|uri| uri != client.redirect_uri) {
            return None;
        }
        let now = now();
        let digest = sha256(presented?.as_bytes());
        let proof = verifier.map(|verifier| sha256(verifier.as_bytes()));
        let id = {
            let mut credentials = self.credentials.lock(digest[0]);
            let credential = credentials.records.get_mut(&digest)?;
            if credential.spent_at.is_some()
                || credential.expires_at <= now
                || credential.challenge != proof
            {
                return None;
            }
            credential.spent_at = Some(now);
            credential.grant
        };
        let grant = self.grants.lock(id[0]).records.get(&id)?.clone();
        if grant.client != client.id || grant.expires_at <= now {
            return None;
        }
        let access = self.issue("oat_", id, Lifetime::Hour, None, now);
        let refresh = self.issue("ort_", id, Lifetime::Month, None, now);
        Some(body(&access, Some(&refresh), &grant.scope))
    }

    /// The place to send the browser, for a user who agreed before.
    pub(crate) fn authorize(&self, query: &str, user: &Arc<str>) -> Option<String> {
        let (mut client_id, mut redirect_uri, mut scope) = (None, None, None);
        let (mut state, mut challenge, mut response_type) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "client_id" => client_id = Some(value),
                "redirect_uri" => redirect_uri = Some(value),
                "scope" => scope = Some(value),
                "state" => state = Some(value),
                "code_challenge" => challenge = Some(value),
                "response_type" => response_type = Some(value),
                _ => {}
            }
        }
        let client = self.client(&client_id?)?;
        let scope = scope?;
        if redirect_uri? != client.redirect_uri
            || response_type? != "code"
            || !scope
                .split(' ')
                .all(|one| client.scope.split(' ').any(|own| own == one))
        {
            return None;
        }
        let challenge = decode_32(&challenge?)?;
        {
            let consents = self.consents.lock(self.shard_of(user));
            let agreed = consents.get(user)?.get(&client.id)?;
            if !scope
                .split(' ')
                .all(|one| agreed.split(' ').any(|own| own == one))
            {
                return None;
            }
        }
        let scope = Arc::from(&*scope);
        Some(self.grant(&client, user, scope, challenge, &state?))
    }

    /// Parks a request for [`decide`](Self::decide) and gives its ticket.
    pub(crate) fn park(
        &self,
        client: &str,
        user: &Arc<str>,
        session: [u8; 32],
        state: &str,
        challenge: &str,
    ) -> Option<String> {
        let client = self.client(client)?;
        let text = secret("oct_");
        let digest = sha256(text.as_bytes());
        let ticket = Ticket {
            client: client.id.clone(),
            subject: user.clone(),
            session,
            scope: client.scope.clone(),
            state: state.to_owned(),
            challenge: decode_32(challenge)?,
        };
        let mut tickets = self.tickets.lock(digest[0]);
        tickets.insert(digest, ticket, Lifetime::Hour, now());
        Some(text)
    }

    /// The place to send the browser, for a user who agrees.
    pub(crate) fn decide(
        &self,
        form: &[u8],
        user: &Arc<str>,
        session: &[u8; 32],
    ) -> Option<String> {
        let (mut ticket, mut allow) = (None, false);
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "ticket" => ticket = Some(value),
                "decision" => allow = value == "allow",
                _ => {}
            }
        }
        let digest = sha256(ticket?.as_bytes());
        let ticket = {
            let mut tickets = self.tickets.lock(digest[0]);
            // Looked at first, so that somebody else's attempt does not use the ticket up.
            let shown = tickets.records.get(&digest)?;
            if shown.subject != *user || !bool::from(shown.session.ct_eq(session)) {
                return None;
            }
            tickets.records.remove(&digest)?
        };
        if !allow {
            return None;
        }
        let client = self.client(&ticket.client)?;
        self.consent(user, &client.id, &ticket.scope);
        Some(self.grant(&client, user, ticket.scope, ticket.challenge, &ticket.state))
    }

    /// Remembers a consent.
    pub(crate) fn consent(&self, user: &Arc<str>, client: &Arc<str>, scope: &Arc<str>) {
        let mut consents = self.consents.lock(self.shard_of(user));
        let of_user = consents.entry(user.clone()).or_default();
        of_user.insert(client.clone(), scope.clone());
    }

    fn grant(
        &self,
        client: &FloorClient,
        user: &Arc<str>,
        scope: Arc<str>,
        challenge: [u8; 32],
        state: &str,
    ) -> String {
        let now = now();
        let id = random::<18>();
        let grant = Grant {
            client: client.id.clone(),
            subject: user.clone(),
            scope,
            expires_at: Lifetime::Month.from(now),
        };
        let mut grants = self.grants.lock(id[0]);
        grants.insert(id, grant, Lifetime::Month, now);
        drop(grants);
        let code = self.issue("oac_", id, Lifetime::Minute, Some(challenge), now);
        format!(
            "{}?code={code}&state={}&iss={}",
            client.redirect_uri,
            utf8_percent_encode(state, ESCAPED),
            utf8_percent_encode(&self.issuer, ESCAPED),
        )
    }

    fn issue(
        &self,
        prefix: &str,
        grant: [u8; 18],
        lifetime: Lifetime,
        challenge: Option<[u8; 32]>,
        now: OffsetDateTime,
    ) -> String {
        let text = secret(prefix);
        let digest = sha256(text.as_bytes());
        let credential = Credential {
            grant,
            expires_at: lifetime.from(now),
            spent_at: None,
            challenge,
        };
        let mut credentials = self.credentials.lock(digest[0]);
        credentials.insert(digest, credential, lifetime, now);
        text
    }

    /// The client of an `Authorization` header, if the secret is right.
    pub(crate) fn authenticate(&self, authorization: &str) -> Option<Arc<FloorClient>> {
        let pair = STANDARD
            .decode(authorization.strip_prefix("Basic ")?)
            .ok()?;
        let (id, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
        let id = percent_decode_str(id).decode_utf8().ok()?;
        let secret = percent_decode_str(secret).decode_utf8().ok()?;
        let client = self.client(&id)?;
        bool::from(sha256(secret.as_bytes()).ct_eq(&client.secret)).then_some(client)
    }

    fn client(&self, id: &str) -> Option<Arc<FloorClient>> {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(id).cloned()
    }

    fn shard_of(&self, user: &Arc<str>) -> u8 {
        let [first, ..] = self.hasher.hash_one(user).to_be_bytes();
        first
    }
}

/// As long as the framework's: 34 bytes and a checksum of 6 characters.
fn secret(prefix: &str) -> String {
    let mut text = String::with_capacity(prefix.len() + 52);
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(random::<34>(), &mut text);
    text.push_str("AAAAAA");
    text
}

fn body(access: &str, refresh: Option<&str>, scope: &str) -> Vec<u8> {
    let body = TokenBody {
        access_token: access,
        token_type: "Bearer",
        expires_in: 3600,
        refresh_token: refresh,
        scope,
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn decode_32(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (length == 32).then_some(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the floor has no seams")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

#[expect(clippy::disallowed_methods, reason = "the floor has no seams")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
