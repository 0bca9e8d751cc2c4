//! What it costs to verify a token that is remembered, and one that is not, beside a floor that hashes the
//! token and looks it up in a map. `cargo bench -p oauth-introspection`

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that goes wrong has to stop"
)]

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use divan::Bencher;
use oauth_core::{AccessTokenVerifier, Clock, SystemClock, VerifiedToken};
use oauth_introspection::RemoteVerifier;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const TOKEN: &str = "at_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj1234ab";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// An introspection endpoint that calls everything active for an hour.
static ENDPOINT: LazyLock<String> = LazyLock::new(|| {
    let exp = SystemClock.now().unix_timestamp() + 3_600;
    let active = json!({
        "active": true,
        "client_id": "web",
        "token_type": "Bearer",
        "sub": "alice",
        "scope": "profile email",
        "exp": exp,
    });
    let app = Router::new().route("/introspect", post(async move || Json(active.clone())));
    let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/introspect")
});

fn verifier(max_age: Duration) -> RemoteVerifier {
    let verifier = RemoteVerifier::builder(ENDPOINT.as_str(), "api", "secret of the api");
    let verifier = verifier.max_age(max_age).build().unwrap();
    assert!(verify(&verifier).is_some());
    verifier
}

fn verify(verifier: &RemoteVerifier) -> Option<VerifiedToken> {
    RUNTIME.block_on(verifier.verify(TOKEN)).unwrap()
}

fn main() {
    divan::main();
}

#[divan::bench(threads = [1, 2])]
fn floor(bencher: Bencher<'_, '_>) {
    let token = verify(&verifier(Duration::ZERO)).unwrap();
    let map: HashMap<[u8; 32], VerifiedToken> = [(Sha256::digest(TOKEN).into(), token)].into();
    bencher.bench(|| {
        RUNTIME.block_on(async {
            let key: [u8; 32] = Sha256::digest(divan::black_box(TOKEN)).into();
            let found = map
                .get(&key)
                .filter(|it| SystemClock.now() < it.expires_at());
            found.cloned()
        })
    });
}

#[divan::bench(threads = [1, 2])]
fn remembered(bencher: Bencher<'_, '_>) {
    let verifier = verifier(Duration::from_secs(3_600));
    bencher.bench(|| verify(&verifier));
}

#[divan::bench]
fn asked(bencher: Bencher<'_, '_>) {
    let verifier = verifier(Duration::ZERO);
    bencher.bench(|| verify(&verifier));
}
