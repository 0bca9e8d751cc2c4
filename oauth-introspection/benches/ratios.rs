//! A remembered token at a [`RemoteVerifier`], beside a floor that hashes it and looks it up in a cache of
//! the same kind: CPU time of one thread, in turns, as a ratio. The README of this folder has the commands.
//!
//! Arguments, all optional: how many rounds, how many verifications in a round. With `floor` or `framework` as
//! a third, that side alone does one round in the function `run`, for a profiler.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement that goes wrong has to stop"
)]

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use moka::future::Cache;
use oauth_core::{AccessTokenVerifier, Clock, SystemClock, VerifiedToken};
use oauth_introspection::RemoteVerifier;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const ROUNDS: usize = 25;
const PER_ROUND: usize = 10_000;
/// Tokens take turns.
const TOKENS: usize = 1_000;

type Key = [u8; 32];

/// What is compared.
enum Side {
    Floor(Cache<Key, Arc<(VerifiedToken, OffsetDateTime)>>),
    Framework(RemoteVerifier),
}

impl Side {
    async fn verify(&self, token: &str) -> Option<VerifiedToken> {
        match self {
            Self::Floor(cache) => {
                let key: Key = Sha256::digest(token).into();
                let found = cache.get(&key).await?;
                (SystemClock.now() < found.1).then(|| found.0.clone())
            }
            Self::Framework(verifier) => verifier.verify(token).await.unwrap(),
        }
    }
}

/// As long as one of the server's.
fn token(n: usize) -> String {
    format!("oat_{n:046}AAAAAA")
}

/// An introspection endpoint that calls everything active for an hour, and counts the questions.
async fn endpoint(asked: Arc<AtomicUsize>) -> String {
    let active = json!({
        "active": true,
        "client_id": "web",
        "token_type": "Bearer",
        "sub": "alice",
        "scope": "profile email",
        "exp": SystemClock.now().unix_timestamp() + 3_600,
    });
    let answer = async |State((asked, active)): State<(Arc<AtomicUsize>, Value)>| {
        asked.fetch_add(1, Ordering::Relaxed);
        Json(active)
    };
    let app = Router::new().route("/introspect", post(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app.with_state((asked, active))).await });
    format!("http://{address}/introspect")
}

/// Floor and framework, both of which remember all tokens.
async fn sides(asked: Arc<AtomicUsize>) -> [Side; 2] {
    let age = Duration::from_secs(3_600);
    let builder = RemoteVerifier::builder(endpoint(asked).await, "api", "secret of the api");
    let verifier = builder.max_age(age).build().unwrap();
    let cache = Cache::builder()
        .max_capacity(10_000)
        .time_to_live(age)
        .build();
    for n in 0..TOKENS {
        let text = token(n);
        let verified = verifier
            .verify(&text)
            .await
            .unwrap()
            .expect("an active token");
        let (key, until) = (Sha256::digest(&text).into(), verified.expires_at());
        cache.insert(key, Arc::new((verified, until))).await;
    }
    [Side::Floor(cache), Side::Framework(verifier)]
}

fn main() {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let number = |at: usize, otherwise| {
        let given = arguments.get(at).and_then(|text| text.parse().ok());
        given.unwrap_or(otherwise)
    };
    let (rounds, count) = (number(0, ROUNDS), number(1, PER_ROUND));
    let asked = Arc::new(AtomicUsize::new(0));
    let runtime = Runtime::new().unwrap();
    let [floor, framework] = runtime.block_on(sides(asked.clone()));
    // From here on nobody else is to use the processor.
    drop(runtime);
    match arguments.get(2).map(String::as_str) {
        Some("floor") => run(&floor, &tokens(count)),
        Some(_) => run(&framework, &tokens(count)),
        None => compare(&floor, &framework, rounds, count),
    }
    assert_eq!(asked.load(Ordering::Relaxed), TOKENS, "all are remembered");
}

fn compare(floor: &Side, framework: &Side, rounds: usize, count: usize) {
    let mut times: [Vec<f64>; 3] = Default::default();
    // The first round warms up.
    for round in 0..=rounds {
        let (first, second) = (cpu_time(floor, count), cpu_time(framework, count));
        if round > 0 {
            times[0].push(first);
            times[1].push(second);
            times[2].push(second / first);
        }
    }
    let [floor, framework, ratio] = times.map(median);
    println!("| operation | floor | framework | framework / floor |");
    println!("|---|---|---|---|");
    println!("| remembered token | {floor:.0} ns | {framework:.0} ns | {ratio:.2} |");
}

fn tokens(count: usize) -> Vec<String> {
    (0..count).map(|n| token(n % TOKENS)).collect()
}

/// Nanoseconds of CPU time for one verification.
fn cpu_time(side: &Side, count: usize) -> f64 {
    let tokens = tokens(count);
    let before = thread_time();
    run(side, &tokens);
    thread_time().saturating_sub(before).as_secs_f64() * 1e9 / count as f64
}

#[inline(never)]
fn run(side: &Side, tokens: &[String]) {
    for token in tokens {
        let verified = now(side.verify(black_box(token)));
        black_box(verified.expect("an active token"));
    }
}

/// What is remembered is there at the first look.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a remembered token is not asked about"),
    }
}

fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.try_into().unwrap_or_default(),
        now.tv_nsec.try_into().unwrap_or_default(),
    )
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
