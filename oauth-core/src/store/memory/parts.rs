use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::StoreError;

pub(super) const PARTS: usize = 64;

/// How many expired entries a write removes from its part on the way.
pub(super) const SWEPT_BY_A_WRITE: usize = 8;

/// Alone on its lines of the processor's cache, so that to write it does not slow down who reads its neighbours. Two
/// lines, since some processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct OwnCacheLines<T>(pub(super) T);

/// A store divided into parts, each with its own lock, so that requests seldom wait for each other.
#[derive(Debug)]
pub(super) struct Parts<T>(Box<[Part<T>]>);

#[derive(Debug, Default)]
pub(super) struct Part<T>(OwnCacheLines<Mutex<T>>);

impl<T> Part<T> {
    /// Locks the part. The guard must not live across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        // A part is never left half changed by a panic: nothing in between can panic.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Default for Parts<T> {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Part::default()).collect())
    }
}

impl<T> Parts<T> {
    /// Locks the part of a shard.
    pub(super) fn lock(&self, shard: u16) -> MutexGuard<'_, T> {
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        self.0[usize::from(shard) % self.0.len()].lock()
    }

    /// The parts, none of them locked.
    pub(super) fn each(&self) -> impl Iterator<Item = &Part<T>> {
        self.0.iter()
    }
}

/// The share of one part in the capacity of a store.
pub(super) fn share(capacity: usize) -> usize {
    capacity.div_ceil(PARTS)
}

pub(super) fn full() -> StoreError {
    StoreError::transient("the store in memory is full")
}
