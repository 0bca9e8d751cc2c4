//! That the measurements run, on what is there: a few calls of each in a small store.

mod statements;

use crate::options::Backend;
use crate::place::Absent;
use crate::tokens::Operation;
use crate::verb::Verb;
use crate::{flat, tokens};

const SIZES: [u64; 2] = [1_000, 2_000];
const CALLS: usize = 3;

/// Where the server is not there, says so, and fails where all of them have to be.
fn skipped(backend: Backend, why: &str) {
    println!("{} was skipped: {why}", backend.name());
    let all_have_to_be_there = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        !all_have_to_be_there,
        "{} is not there: {why}",
        backend.name()
    );
}

async fn every_verb_is_measured_on(backend: Backend) {
    match flat::measure(backend, &SIZES, CALLS, backend == Backend::Memory).await {
        Ok(measured) => {
            let verbs: Vec<Verb> = measured.iter().map(|it| it.verb).collect();
            let expected = Verb::ALL.into_iter();
            let expected = expected.filter(|verb| backend.has_purge() || !verb.is_purge());
            assert_eq!(verbs, expected.collect::<Vec<_>>());
            for measured in measured {
                assert!(measured.ratio() > 0.0, "{measured:?}");
                assert_eq!(measured.times.len(), SIZES.len());
            }
        }
        Err(Absent(why)) => skipped(backend, &why),
    }
}

#[tokio::test]
async fn every_verb_is_measured_in_memory() {
    every_verb_is_measured_on(Backend::Memory).await;
}

#[tokio::test]
async fn every_verb_is_measured_on_sqlite() {
    every_verb_is_measured_on(Backend::Sqlite).await;
}

#[tokio::test]
async fn every_verb_is_measured_on_postgresql() {
    every_verb_is_measured_on(Backend::Postgres).await;
}

#[tokio::test]
async fn every_verb_is_measured_on_mysql() {
    every_verb_is_measured_on(Backend::Mysql).await;
}

#[tokio::test]
async fn every_verb_is_measured_on_redis() {
    every_verb_is_measured_on(Backend::Redis).await;
}

async fn every_request_is_measured_on(backend: Backend) {
    match tokens::measure(backend, CALLS).await {
        Ok(measured) => {
            let operations: Vec<Operation> = measured.iter().map(|it| it.operation).collect();
            assert_eq!(operations, Operation::ALL);
            for measured in measured {
                assert!(!measured.bare.is_zero() && !measured.framework.is_zero());
            }
        }
        Err(Absent(why)) => skipped(backend, &why),
    }
}

/// What the statements of the others are is looked at, too.
#[tokio::test]
async fn every_request_is_measured_on_redis() {
    every_request_is_measured_on(Backend::Redis).await;
}

#[tokio::test]
async fn every_request_is_measured_on_sqlite() {
    every_request_is_measured_on(Backend::Sqlite).await;
}
