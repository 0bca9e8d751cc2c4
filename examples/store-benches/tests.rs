//! That the measurements run, on what is there: a few calls of each in a small store.

mod statements;

use clap::Parser;

use crate::control::Operation;
use crate::flat::Measured;
use crate::options::{Backend, Command, Flat, Options};
use crate::place::Absent;
use crate::population::{ENDED, Population};
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

fn options(more: &[&str]) -> Flat {
    let options = [&["store-bench", "flat"], more].concat();
    match Options::try_parse_from(options).unwrap().command {
        Command::Flat(flat) => Flat {
            sizes: SIZES.to_vec(),
            calls: CALLS,
            ..flat
        },
        Command::Tokens(_) => panic!("another command"),
    }
}

async fn every_verb_is_measured_on(backend: Backend) {
    every_verb_is_measured_with(backend, &[]).await;
}

async fn every_verb_is_measured_with(backend: Backend, more: &[&str]) {
    match flat::measure(backend, &options(more)).await {
        Ok(measured) => {
            let expected = Verb::ALL.into_iter();
            let expected = expected.filter(|verb| backend.has_purge() || !verb.is_purge());
            let expected: Vec<_> = expected.map(Verb::name).collect();
            all_were_measured(&measured, &expected);
        }
        Err(Absent(why)) => skipped(backend, &why),
    }
}

fn all_were_measured(measured: &[Measured], expected: &[&str]) {
    let names: Vec<_> = measured.iter().map(|it| it.name).collect();
    assert_eq!(names, expected);
    for measured in measured {
        assert!(measured.ratio() > 0.0, "{measured:?}");
        assert_eq!(measured.times.len(), SIZES.len());
    }
}

#[tokio::test]
async fn every_verb_is_measured_in_memory() {
    every_verb_is_measured_on(Backend::Memory).await;
}

#[tokio::test]
async fn every_verb_is_measured_with_random_lifetimes() {
    every_verb_is_measured_with(Backend::Memory, &["--random-lifetimes"]).await;
}

#[tokio::test]
async fn every_verb_is_measured_from_cold_caches() {
    every_verb_is_measured_with(Backend::Memory, &["--cold"]).await;
}

#[tokio::test]
async fn a_map_is_measured_beside_the_store_in_memory() {
    for options in [options(&[]), options(&["--cold"])] {
        let measured = flat::measure_control(&options).await;
        let expected = Operation::ALL.map(Operation::name);
        all_were_measured(&measured, &expected);
    }
}

#[test]
fn what_was_opened_earlier_ends_earlier_unless_lifetimes_are_random() {
    for (more, ordered) in [(&[][..], true), (&["--random-lifetimes"], false)] {
        let random = options(more).random_lifetimes;
        let population = Population::new(1_000, 100).with_random_lifetimes(random);
        let ends = |n| population.grant(n).expires_at;
        let alive = 0..population.grants();
        let ended = population.grants()..population.grants() + ENDED;
        assert_eq!(alive.is_sorted_by_key(ends), ordered);
        assert_eq!(ended.is_sorted_by_key(ends), ordered);
    }
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
            let operations: Vec<_> = measured.iter().map(|it| it.operation).collect();
            assert_eq!(operations, tokens::Operation::ALL);
            for measured in measured {
                let times = [measured.each, measured.one, measured.framework];
                assert!(times.iter().all(|time| !time.is_zero()));
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
