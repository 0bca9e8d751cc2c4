use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::parts::{OwnCacheLines, share};

/// A part takes so much more than it needs, unless the store is small.
const AT_ONCE: usize = 64;

/// For how many records a store has room, beside those for which its parts have taken it.
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
            at_once: AT_ONCE.min(share(records / 200)),
        }
    }

    /// Whether a part, which has taken `own`, has room for so many records. It takes what it lacks.
    pub(super) fn suffices(&self, own: &mut usize, records: usize) -> bool {
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

    /// Takes back from a part what it does not need soon.
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

    fn left(room: &Room) -> usize {
        room.left.0.load(Ordering::Relaxed)
    }

    #[test]
    fn a_small_store_has_room_to_the_last_record() {
        let (room, mut first, mut second) = (Room::for_records(3), 0, 0);
        assert!(room.suffices(&mut first, 2));
        assert!(!room.suffices(&mut second, 2));
        assert!(room.suffices(&mut second, 1));
        assert_eq!((first, second, left(&room)), (2, 1, 0));
        room.take_back(&mut first);
        assert_eq!((first, left(&room)), (0, 2));
    }

    #[test]
    fn in_a_large_store_a_part_takes_more_than_it_needs_and_keeps_some() {
        let (room, mut own) = (Room::for_records(4_000_000), 0);
        assert!(room.suffices(&mut own, 3));
        assert_eq!((own, left(&room)), (3 + AT_ONCE, 4_000_000 - 3 - AT_ONCE));
        own -= 3;
        assert!(room.suffices(&mut own, AT_ONCE));
        room.take_back(&mut own);
        assert_eq!(own, AT_ONCE);
        own += 3 * AT_ONCE;
        room.take_back(&mut own);
        assert_eq!(
            (own, left(&room)),
            (AT_ONCE, 4_000_000 + 3 * AT_ONCE - 3 - AT_ONCE)
        );
    }

    #[test]
    fn the_last_of_a_large_store_is_taken_too() {
        let room = Room::for_records(4_000_000);
        let (mut first, mut second) = (0, 0);
        assert!(room.suffices(&mut first, 4_000_000 - 1));
        assert!(room.suffices(&mut second, 1));
        assert!(!room.suffices(&mut second, 2));
        assert_eq!((first + second, left(&room)), (4_000_000, 0));
    }
}
