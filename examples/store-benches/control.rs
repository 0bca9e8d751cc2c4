//! What the machine's memory makes of it: a map of the standard library with as many records as a store in
//! memory, of the same size and behind as many locks.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use oauth_core::CredentialKey;

use crate::flat::Timed;
use crate::population::{CREDENTIALS_OF_A_GRANT, Population};
use crate::stopwatch::Stopwatch;
use crate::verb::spread;

/// As many as a store in memory has.
const PARTS: usize = 64;
/// With the key a third of what a grant with two credentials takes in a store in memory.
const RECORD: usize = 160;

type Part = HashMap<CredentialKey, [u8; RECORD]>;

/// What is measured of the map.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Insert,
    Get,
    Remove,
}

impl Operation {
    pub(crate) const ALL: [Self; 3] = [Self::Insert, Self::Get, Self::Remove];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Insert => "a map beside it: insert",
            Self::Get => "a map beside it: get",
            Self::Remove => "a map beside it: remove",
        }
    }
}

/// The map, and how far it was used up.
pub(crate) struct Control {
    parts: Vec<Mutex<Part>>,
    population: Population,
    records: u64,
    used: u64,
    added: u64,
    stopwatch: Stopwatch,
}

impl Control {
    /// A record for each of so many credentials, and one for each of their grants.
    pub(crate) fn new(credentials: u64, cold: bool) -> Self {
        let control = Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            population: Population::new(credentials, 0),
            records: credentials + credentials / CREDENTIALS_OF_A_GRANT,
            used: 0,
            added: 0,
            stopwatch: Stopwatch::new(cold),
        };
        for n in 0..control.records {
            let key = control.key(n);
            with(&control.parts, &key, |part| part.insert(key, [1; RECORD]));
        }
        control
    }

    fn key(&self, n: u64) -> CredentialKey {
        self.population.access_token(n).key
    }

    /// One that was not used before.
    fn some_key(&mut self) -> CredentialKey {
        assert!(self.used < self.records, "fewer calls, or larger stores");
        self.used += 1;
        self.key(spread(self.used, self.records))
    }
}

fn with<T>(parts: &[Mutex<Part>], key: &CredentialKey, work: impl FnOnce(&mut Part) -> T) -> T {
    let part = &parts[usize::from(key.shard()) % PARTS];
    work(&mut part.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Timed for Control {
    type Verb = Operation;

    async fn time(&mut self, operation: Operation) -> Duration {
        match operation {
            Operation::Insert => {
                self.added += 1;
                let key = self.key(self.records + self.added);
                let insert = async {
                    let record = black_box([1; RECORD]);
                    with(&self.parts, &key, |part| part.insert(key, record))
                };
                let (before, time) = self.stopwatch.timed(insert).await;
                assert_eq!(before, None);
                time
            }
            Operation::Get => {
                let key = self.some_key();
                let get = async { with(&self.parts, &key, |part| part.get(&key).copied()) };
                let (found, time) = self.stopwatch.timed(get).await;
                assert_eq!(found, Some([1; RECORD]));
                time
            }
            Operation::Remove => {
                let key = self.some_key();
                let remove = async { with(&self.parts, &key, |part| part.remove(&key)) };
                let (removed, time) = self.stopwatch.timed(remove).await;
                assert_eq!(removed, Some([1; RECORD]));
                time
            }
        }
    }
}
