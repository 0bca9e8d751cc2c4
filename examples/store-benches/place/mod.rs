//! Where a store keeps what it keeps: made for one measurement, filled past the store, removed.

mod memory;
mod mysql;
mod postgres;
pub(crate) mod redis;
mod sqlite;

use std::sync::Arc;

use oauth_core::store::{Credential, Grant};

use crate::options::Backend;
use crate::population::{ENDED, Population};
use crate::verb::Stores;

/// Why a backend cannot be measured.
#[derive(Debug)]
pub(crate) struct Absent(pub(crate) String);

impl<E: std::error::Error> From<E> for Absent {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

pub(crate) enum Place {
    Memory(memory::Memory),
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
    Mysql(mysql::Mysql),
    Redis(redis::Redis),
}

impl Backend {
    /// Redis removes what has expired by itself.
    pub(crate) const fn has_purge(self) -> bool {
        !matches!(self, Self::Redis)
    }

    /// The store in memory is bounded, at 100,000 requests.
    pub(crate) const fn most_requests(self) -> u64 {
        match self {
            Self::Memory => 50_000,
            _ => u64::MAX,
        }
    }
}

impl Place {
    pub(crate) async fn make(backend: Backend) -> Result<Self, Absent> {
        Ok(match backend {
            Backend::Memory => Self::Memory(memory::Memory::default()),
            Backend::Sqlite => Self::Sqlite(sqlite::Sqlite::make()?),
            Backend::Postgres => Self::Postgres(postgres::Postgres::make().await?),
            Backend::Mysql => Self::Mysql(mysql::Mysql::make().await?),
            Backend::Redis => Self::Redis(redis::Redis::make().await?),
        })
    }

    pub(crate) async fn fill(&self, population: &Population) {
        match self {
            Self::Memory(place) => place.fill(population).await,
            Self::Sqlite(place) => place.fill(population).await,
            Self::Postgres(place) => place.fill(population).await,
            Self::Mysql(place) => place.fill(population).await,
            Self::Redis(place) => place.fill(population).await,
        }
    }

    /// Reads all of it once, so that what is measured is not the disk.
    pub(crate) async fn warm(&self) {
        match self {
            Self::Memory(_) | Self::Redis(_) => {}
            Self::Sqlite(place) => place.warm(),
            Self::Postgres(place) => place.warm().await,
            Self::Mysql(place) => place.warm().await,
        }
    }

    pub(crate) async fn stores(&self) -> Arc<dyn Stores> {
        match self {
            Self::Memory(place) => place.store(),
            Self::Sqlite(place) => Arc::new(place.store().await),
            Self::Postgres(place) => Arc::new(place.store.clone()),
            Self::Mysql(place) => Arc::new(place.store.clone()),
            Self::Redis(place) => Arc::new(place.store.clone()),
        }
    }

    /// What the names of tables or keys begin with.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Memory(_) => "",
            Self::Sqlite(place) => &place.prefix,
            Self::Postgres(place) => place.store.prefix(),
            Self::Mysql(place) => place.store.prefix(),
            Self::Redis(place) => &place.prefix,
        }
    }

    pub(crate) async fn remove(self) {
        match self {
            // The folder goes with the value.
            Self::Memory(_) | Self::Sqlite(_) => {}
            Self::Postgres(place) => place.remove().await,
            Self::Mysql(place) => place.remove().await,
            Self::Redis(place) => place.remove().await,
        }
    }
}

/// A name that no other run has.
fn name() -> String {
    use oauth_core::{Randomness, SystemRandomness};

    let mut random = [0; 6];
    SystemRandomness.fill(&mut random);
    let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("store_bench_{random}")
}

/// The grants of a population with their credentials, a few at a time, those that have ended included.
fn grants(population: &Population) -> impl Iterator<Item = Vec<(Grant, [Credential; 2])>> {
    let all = population.grants() + ENDED;
    chunks(all).map(|numbers| {
        let of = |n| (population.grant(n), population.credentials_of(n));
        numbers.map(of).collect()
    })
}

/// The numbers below `all`, a few at a time.
fn chunks(all: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    const TOGETHER: u64 = 2_000;
    let begins = (0..all).step_by(TOGETHER as usize);
    begins.map(move |begin| begin..all.min(begin + TOGETHER))
}
