use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::parts::{OwnCacheLines, PARTS};

/// A part takes so much more than it needs, unless the store is small.
const AT_ONCE: usize = 64;

/// The room that no part has taken, in records.
///
/// Each part takes some for its next records as well and gives back only what it does not need soon, so that
/// threads seldom write to the count that all of them share.
#[derive(Debug)]
pub(super) struct Room {
    left: OwnCacheLines<AtomicUsize>,
    at_once: usize,
}

impl Room {
    pub(super) fn for_records(records: usize) -> Self {
        Self {
            left: OwnCacheLines(AtomicUsize::new(records)),
            // So that the parts, each with twice as much, keep a hundredth of the whole at most.
            at_once: AT_ONCE.min(records / (100 * 2 * PARTS)),
        }
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> usize {
        self.left.0.load(Ordering::Relaxed)
    }

    /// Adds to what a part has taken so that it suffices for so many records, or says that there is too little.
    pub(super) fn reserve(&self, own: &mut usize, records: usize) -> bool {
        let missing = records.saturating_sub(*own);
        if missing == 0 {
            return true;
        }
        // Of the last, which others may need, it takes no more than that.
        let taken = |left: usize| match missing + self.at_once {
            more if more <= left => more,
            _ => missing,
        };
        let left = self
            .left
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(taken(left))
            });
        *own += left.map_or(0, taken);
        left.is_ok()
    }

    /// Takes back of what a part has taken that which it does not need soon.
    pub(super) fn take_back(&self, own: &mut usize) {
        if *own > 2 * self.at_once {
            let surplus = *own - self.at_once;
            *own = self.at_once;
            self.left.0.fetch_add(surplus, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_store_has_room_to_the_last_record() {
        let (room, mut first, mut second) = (Room::for_records(3), 0, 0);
        assert!(room.reserve(&mut first, 2));
        assert!(!room.reserve(&mut second, 2));
        assert!(room.reserve(&mut second, 1));
        assert_eq!((first, second, room.left()), (2, 1, 0));
        room.take_back(&mut first);
        assert_eq!((first, room.left()), (0, 2));
    }

    #[test]
    fn in_a_large_store_a_part_takes_more_than_it_needs_and_keeps_some() {
        let (room, mut own) = (Room::for_records(4_000_000), 0);
        assert!(room.reserve(&mut own, 3));
        assert_eq!((own, room.left()), (3 + AT_ONCE, 4_000_000 - 3 - AT_ONCE));
        own -= 3;
        assert!(room.reserve(&mut own, AT_ONCE));
        room.take_back(&mut own);
        assert_eq!(own, AT_ONCE);
        own += 3 * AT_ONCE;
        room.take_back(&mut own);
        assert_eq!(
            (own, room.left()),
            (AT_ONCE, 4_000_000 + 3 * AT_ONCE - 3 - AT_ONCE)
        );
    }

    #[test]
    fn the_parts_together_keep_a_hundredth_at_most() {
        for records in [3, 200, 5_000, 12_800, 100_000, 4_000_000] {
            let room = Room::for_records(records);
            assert!(100 * 2 * PARTS * room.at_once <= records, "{records}");
        }
    }

    #[test]
    fn the_last_of_a_large_store_is_taken_too() {
        let room = Room::for_records(4_000_000);
        let (mut first, mut second) = (0, 0);
        assert!(room.reserve(&mut first, 4_000_000 - 1));
        assert!(room.reserve(&mut second, 1));
        assert!(!room.reserve(&mut second, 2));
        assert_eq!((first + second, room.left()), (4_000_000, 0));
    }
}
