//! Grants and credentials to fill a store with, told apart by a number.
//!
//! All of them have shard 7, and count their time from [`START`].

use oauth_core::store::{Credential, ExchangeId, Grant, ParkedRequest, Payload};
use oauth_core::{ClientId, CredentialKey, CredentialKind, GrantId, Scope, Subject, UserId};
use time::{Duration, OffsetDateTime, macros::datetime};

/// The shard of every sample.
pub const SHARD: u16 = 7;

/// The moment from which samples count, 2001-01-01: long ago, so that a store which asks the machine
/// for the time finds everything expired.
pub const START: OffsetDateTime = datetime!(2001-01-01 00:00 UTC);

/// The smallest step of a moment.
pub const TICK: Duration = Duration::microseconds(1);

/// So many seconds after [`START`].
pub fn at(seconds: i64) -> OffsetDateTime {
    START + Duration::seconds(seconds)
}

/// The last moment before that.
pub fn just_before(moment: OffsetDateTime) -> OffsetDateTime {
    moment - TICK
}

/// The identifier of this number.
pub fn grant_id(n: u32) -> GrantId {
    grant_id_in(SHARD, n)
}

/// The identifier of this number in another shard.
pub fn grant_id_in(shard: u16, n: u32) -> GrantId {
    let mut bytes = [0; 18];
    let (first, rest) = bytes.split_at_mut(2);
    first.copy_from_slice(&shard.to_be_bytes());
    for chunk in rest.chunks_mut(4) {
        chunk.copy_from_slice(&n.to_be_bytes());
    }
    GrantId::from_bytes(bytes)
}

/// The key of this number.
pub fn key(n: u32) -> CredentialKey {
    key_in(SHARD, n)
}

/// The key of this number in another shard.
pub fn key_in(shard: u16, n: u32) -> CredentialKey {
    let mut digest = [0; 32];
    for chunk in digest.chunks_mut(4) {
        chunk.copy_from_slice(&n.to_be_bytes());
    }
    CredentialKey::new(shard, digest)
}

/// The exchange of this number.
pub fn exchange_id(n: u32) -> ExchangeId {
    let mut bytes = [0; 16];
    for chunk in bytes.chunks_mut(4) {
        chunk.copy_from_slice(&n.to_be_bytes());
    }
    ExchangeId::from_bytes(bytes)
}

/// The user with this identifier.
pub fn user(id: &str) -> Subject {
    Subject::User(UserId::new(id))
}

/// The client with this identifier.
pub fn client_id(id: &str) -> ClientId {
    ClientId::parse(id).expect("printable ASCII")
}

/// The scope with these values.
pub fn scope(values: &str) -> Scope {
    Scope::parse(values).expect("values of a scope")
}

/// The user to whom the grants belong.
pub fn alice() -> Subject {
    user("alice")
}

/// A grant of alice to the client `web`, which ends after 1,000 seconds.
pub fn grant(n: u32) -> Grant {
    Grant {
        id: grant_id(n),
        client_id: client_id("web"),
        subject: Some(alice()),
        expires_at: at(1_000),
        revoked_at: None,
        payload: grant_payload("profile email"),
    }
}

/// A grant without a subject, which can be decided for 600 seconds.
pub fn undecided_grant(n: u32) -> Grant {
    Grant {
        subject: None,
        expires_at: at(600),
        ..grant(n)
    }
}

/// An authorization code that ends after 60 seconds.
pub fn code(n: u32) -> Credential {
    credential(n, CredentialKind::AuthorizationCode, 60, code_payload())
}

/// A refresh token that ends with its grant, after 1,000 seconds.
pub fn refresh_token(n: u32) -> Credential {
    let payload = refresh_token_payload(n);
    credential(n, CredentialKind::RefreshToken, 1_000, payload)
}

/// An access token that ends after 100 seconds.
pub fn access_token(n: u32) -> Credential {
    let payload = access_token_payload("profile");
    credential(n, CredentialKind::AccessToken, 100, payload)
}

fn credential(n: u32, kind: CredentialKind, expires_at: i64, payload: Payload) -> Credential {
    Credential {
        key: key(n),
        kind,
        expires_at: at(expires_at),
        spent_at: None,
        spent_by: None,
        payload,
    }
}

/// A request of alice that waits for 600 seconds.
pub fn parked_request(n: u32) -> ParkedRequest {
    ParkedRequest {
        key: key(n),
        owner: alice(),
        expires_at: at(600),
        payload: parked_authorization_payload(),
    }
}

/// What a grant with this scope has in it, with every field set.
pub fn grant_payload(scope: &str) -> Payload {
    payload(&format!(
        r#""grant":{{"scope":"{scope}","opened_at":978307200,"auth_time":-2,"acr":"gold \" \\ é \u0000 \ud83d\udd11 '; --","amr":["pwd","otp"],"audience":["https://API.example:443/%7e","urn:example:api"]}}"#
    ))
}

/// What an authorization code has in it.
pub fn code_payload() -> Payload {
    let challenge = [1; 32];
    payload(&format!(
        r#""authorization_code":{{"redirect_uri":"https://app.example/callback?a=%00","code_challenge":{challenge:?}}}"#
    ))
}

/// What a refresh token has in it, with a nonce of this number.
pub fn refresh_token_payload(n: u32) -> Payload {
    let nonce = n.to_be_bytes().repeat(4);
    payload(&format!(r#""refresh_token":{{"nonce":{nonce:?}}}"#))
}

/// What an access token has in it whose scope and audience are narrower than the grant's.
pub fn access_token_payload(scope: &str) -> Payload {
    payload(&format!(
        r#""access_token":{{"scope":"{scope}","audience":["https://API.example:443/%7e"]}}"#
    ))
}

/// What an access token has in it that is for all that was granted.
pub fn whole_access_token_payload() -> Payload {
    payload(r#""access_token":{}"#)
}

/// What a request that waits at the consent page has in it, with every field set.
pub fn parked_authorization_payload() -> Payload {
    let (session, challenge) = ([255; 32], [1; 32]);
    payload(&format!(
        r#""parked_authorization":{{"client_id":"web","user":"alice","session":{session:?},"redirect_uri":"https://app.example/callback","scope":"profile email","audience":["https://API.example:443/%7e"],"state":"'; drop \" \\ \u0000","response_mode":"form_post","code_challenge":{challenge:?}}}"#
    ))
}

fn payload(content: &str) -> Payload {
    let written = format!(r#"{{"version":1,{content}}}"#);
    Payload::decode(written.as_bytes()).expect("a payload as the core writes it")
}
