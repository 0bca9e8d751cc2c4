//! What a live grant with an access and a refresh token takes in the store in memory.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use oauth_core::store::memory::MemoryGrantStore;
use oauth_core::store::{Credential, Grant, GrantStore, Payload};
use oauth_core::{
    ClientId, CredentialKey, CredentialKind, GrantId, Randomness, Subject, SystemRandomness, UserId,
};
use oauth_testkit::sample;
use time::Duration;

/// Bytes that are asked of the allocator, wherever the store is between two doublings of its tables. See the
/// README of `examples/store-benches` for what takes them.
const MOST: f64 = 600.0;
/// From here to there the maps of the store double more than once.
const GRANTS: std::ops::Range<usize> = 10_000..60_000;

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandomness.fill(&mut bytes);
    bytes
}

fn payload(content: &str) -> Payload {
    let written = format!(r#"{{"version":1,{content}}}"#);
    Payload::decode(written.as_bytes()).expect("a payload")
}

/// Opens the grant of this number as the core does: the identifier of the client is shared, that of the
/// user is not, since each comes from a request of its own. Nor is the scope, which is shared with the
/// client only where it is the whole of the client's.
fn open(store: &MemoryGrantStore, client: &ClientId, n: usize) {
    let id = GrantId::from_bytes(random());
    let grant = Grant {
        id,
        client_id: client.clone(),
        subject: Some(Subject::User(UserId::new(format!("user-{n:08}")))),
        expires_at: sample::at(90 * 86_400),
        revoked_at: None,
        payload: payload(
            r#""grant":{"scope":"profile email","opened_at":1790000000,"auth_time":1789999999}"#,
        ),
    };
    let credential = |kind, lifetime, content| Credential {
        key: CredentialKey::new(id.shard(), random()),
        kind,
        expires_at: sample::START + lifetime,
        spent_at: None,
        spent_by: None,
        payload: payload(content),
    };
    let credentials = [
        credential(
            CredentialKind::AccessToken,
            Duration::HOUR,
            r#""access_token":{}"#,
        ),
        credential(
            CredentialKind::RefreshToken,
            Duration::days(90),
            r#""refresh_token":{}"#,
        ),
    ];
    now(store.open(&grant, &credentials, sample::START)).expect("a grant");
}

#[test]
fn a_live_grant_with_two_tokens_takes_at_most_600_bytes() {
    let client = ClientId::parse("web").expect("an identifier");
    let store = MemoryGrantStore::default();
    let (mut taken, mut best, mut worst) = (0, (f64::MAX, 0), (0.0_f64, 0));
    for n in 0..GRANTS.end {
        let allocated = measure(|| open(&store, &client, n)).bytes_current;
        taken += allocated;
        if n + 1 >= GRANTS.start {
            let each = taken as f64 / (n + 1) as f64;
            if each < best.0 {
                best = (each, n + 1);
            }
            if each > worst.0 {
                worst = (each, n + 1);
            }
        }
    }
    println!("best: {:.0} bytes at {} grants", best.0, best.1);
    println!("worst: {:.0} bytes at {} grants", worst.0, worst.1);
    assert!(
        worst.0 <= MOST,
        "{:.0} bytes at {} grants",
        worst.0,
        worst.1
    );
}
