use std::num::NonZeroU32;

use hashbrown::HashTable;

/// So many records stand in one piece.
const PIECE: usize = 32;
/// So many that are to be removed are looked for together.
const TOGETHER: usize = 16;

/// Records that are found by their keys, or by the place that each keeps until it is removed.
///
/// They stand in pieces, so that growing moves none of them and leaves little room unused, and the table of
/// keys is one of places, so that its growing costs little as well. Places of what was removed are used
/// again; their room is not given back.
#[derive(Debug)]
pub(super) struct Records<R> {
    pieces: Vec<Vec<Slot<R>>>,
    vacant: Vec<u32>,
    /// The numbers of the occupied slots, by key.
    by_key: HashTable<u32>,
}

#[derive(Debug)]
struct Slot<R> {
    /// Moves on when the record goes, so that nobody takes the next one here for it.
    turn: NonZeroU32,
    record: Option<R>,
}

/// Where a record is. It leads nowhere once the record was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    number: u32,
    turn: NonZeroU32,
}

impl Place {
    /// That of the slot, by which [`Records::at`] finds whatever is in it.
    pub(super) fn number(self) -> u32 {
        self.number
    }
}

/// What has a key of its own.
pub(super) trait Record {
    type Key: Eq;

    fn key(&self) -> &Self::Key;

    /// A hash that nobody can choose.
    fn hash(key: &Self::Key) -> u64;
}

impl<R> Default for Records<R> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            vacant: Vec::new(),
            by_key: HashTable::new(),
        }
    }
}

impl<R: Record> Records<R> {
    pub(super) fn get(&self, place: Place) -> Option<&R> {
        let slot = slot(&self.pieces, place.number)?;
        slot.record.as_ref().filter(|_| slot.turn == place.turn)
    }

    /// The record that is in this slot now.
    pub(super) fn at(&self, number: u32) -> Option<(Place, &R)> {
        let Slot { turn, record } = slot(&self.pieces, number)?;
        let turn = *turn;
        Some((Place { number, turn }, record.as_ref()?))
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut R> {
        let slot = slot_mut(&mut self.pieces, place.number)?;
        slot.record.as_mut().filter(|_| slot.turn == place.turn)
    }

    /// What is in the slots, from this number on. A record stays in its slot until it is removed.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = Option<&R>> {
        let pieces = self.pieces.get(number / PIECE..).unwrap_or_default();
        let slots = pieces.iter().flatten().skip(number % PIECE);
        slots.map(|slot| slot.record.as_ref())
    }

    pub(super) fn find(&self, key: &R::Key) -> Option<(Place, &R)> {
        let number = *self
            .by_key
            .find(R::hash(key), |&number| has_key(&self.pieces, number, key))?;
        self.at(number)
    }

    /// How many slots there are, occupied or not.
    pub(super) fn slots(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Takes a record whose key is not there yet. At most 4,294,967,295 have room.
    pub(super) fn insert(&mut self, record: R) -> Place {
        let hash = R::hash(record.key());
        let number = match self.vacant.pop() {
            Some(number) => number,
            None => self.add_slot(),
        };
        let mut turn = NonZeroU32::MIN;
        if let Some(slot) = slot_mut(&mut self.pieces, number) {
            slot.record = Some(record);
            turn = slot.turn;
        }
        let pieces = &self.pieces;
        self.by_key
            .insert_unique(hash, number, |&number| hash_of(pieces, number));
        Place { number, turn }
    }

    fn add_slot(&mut self) -> u32 {
        let slot = Slot {
            turn: NonZeroU32::MIN,
            record: None,
        };
        let full = self.pieces.len().saturating_sub(1) * PIECE;
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => {
                piece.push(slot);
                (full + piece.len() - 1) as u32
            }
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(slot);
                self.pieces.push(piece);
                ((self.pieces.len() - 1) * PIECE) as u32
            }
        }
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<R> {
        let entry = self.entry(place)?;
        self.remove_entry(place, entry)
    }

    /// Removes those that are there still. Some entries are looked for before the first of them goes, so that the
    /// processor waits for their lines of memory together and not for one after the other.
    pub(super) fn remove_all(
        &mut self,
        places: impl Iterator<Item = Place>,
        mut removed: impl FnMut(R),
    ) {
        let mut places = places.fuse().peekable();
        while places.peek().is_some() {
            let mut together = [None; TOGETHER];
            for (found, place) in together.iter_mut().zip(&mut places) {
                *found = self.entry(place).map(|entry| (place, entry));
            }
            for (place, entry) in together.into_iter().flatten() {
                let record = self.remove_entry(place, entry);
                record.into_iter().for_each(&mut removed);
            }
        }
    }

    /// Where the table has the record of this place.
    fn entry(&self, place: Place) -> Option<usize> {
        let hash = R::hash(self.get(place)?.key());
        self.by_key
            .find_bucket_index(hash, |&number| number == place.number)
    }

    fn remove_entry(&mut self, place: Place, entry: usize) -> Option<R> {
        let slot = slot_mut(&mut self.pieces, place.number)?;
        if slot.turn != place.turn {
            return None;
        }
        let is_it = |number: &u32| *number == place.number;
        // The table promises where an entry is only until the next one goes.
        let entry = match self.by_key.get_bucket(entry) {
            Some(number) if is_it(number) => Some(entry),
            _ => {
                let hash = R::hash(slot.record.as_ref()?.key());
                self.by_key.find_bucket_index(hash, is_it)
            }
        };
        if let Some(entry) = entry
            && let Ok(entry) = self.by_key.get_bucket_entry(entry)
        {
            entry.remove();
        }
        // A slot that has had all its turns stays empty.
        if let Some(next) = slot.turn.checked_add(1) {
            slot.turn = next;
            self.vacant.push(place.number);
        }
        slot.record.take()
    }
}

fn slot<R>(pieces: &[Vec<Slot<R>>], number: u32) -> Option<&Slot<R>> {
    let number = number as usize;
    pieces.get(number / PIECE)?.get(number % PIECE)
}

fn slot_mut<R>(pieces: &mut [Vec<Slot<R>>], number: u32) -> Option<&mut Slot<R>> {
    let number = number as usize;
    pieces.get_mut(number / PIECE)?.get_mut(number % PIECE)
}

fn record<R>(pieces: &[Vec<Slot<R>>], number: u32) -> Option<&R> {
    slot(pieces, number)?.record.as_ref()
}

fn has_key<R: Record>(pieces: &[Vec<Slot<R>>], number: u32, key: &R::Key) -> bool {
    record(pieces, number).is_some_and(|record| record.key() == key)
}

fn hash_of<R: Record>(pieces: &[Vec<Slot<R>>], number: u32) -> u64 {
    record(pieces, number).map_or(0, |record| R::hash(record.key()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Named(u64);

    impl Record for Named {
        type Key = u64;

        fn key(&self) -> &u64 {
            &self.0
        }

        /// Many collide.
        fn hash(key: &u64) -> u64 {
            key % 7
        }
    }

    #[test]
    fn finds_what_is_there_and_nothing_else() {
        let mut records = Records::default();
        let many = 10 * PIECE as u64;
        let places: Vec<_> = (0..many).map(|n| records.insert(Named(n))).collect();
        for (n, place) in (0..many).zip(&places) {
            assert_eq!(records.find(&n), Some((*place, &Named(n))));
            assert_eq!(records.get(*place), Some(&Named(n)));
        }
        for n in (0..many).step_by(3) {
            assert_eq!(records.remove(places[n as usize]), Some(Named(n)));
        }
        for n in 0..many {
            let there = n % 3 != 0;
            assert_eq!(records.find(&n).is_some(), there);
            assert_eq!(records.get(places[n as usize]).is_some(), there);
        }
    }

    #[test]
    fn several_go_at_once_and_one_that_is_named_twice_goes_once() {
        let mut records = Records::default();
        let many = 3 * PIECE as u64;
        let places: Vec<_> = (0..many).map(|n| records.insert(Named(n))).collect();
        assert_eq!(records.remove(places[2]), Some(Named(2)));
        let going = [&places[0]].into_iter().chain(&places[..PIECE]);
        let mut gone = Vec::new();
        records.remove_all(going.copied(), |Named(n)| gone.push(n));
        let expected: Vec<u64> = (0..PIECE as u64).filter(|n| *n != 2).collect();
        assert_eq!(gone, expected);
        for n in 0..many {
            assert_eq!(records.find(&n).is_some(), n >= PIECE as u64);
        }
        assert_eq!((records.len(), records.vacant.len()), (2 * PIECE, PIECE));
    }

    #[test]
    fn a_place_that_is_used_again_is_another() {
        let mut records = Records::default();
        let first = records.insert(Named(1));
        assert_eq!(records.remove(first), Some(Named(1)));
        let second = records.insert(Named(2));
        assert_eq!(first.number, second.number);
        assert_eq!(records.get(first), None);
        assert_eq!(records.get_mut(first), None);
        assert_eq!(records.remove(first), None);
        assert_eq!(records.get(second), Some(&Named(2)));
    }

    #[test]
    fn a_slot_is_not_used_beyond_its_last_turn() {
        let mut records = Records::default();
        let mut place = records.insert(Named(1));
        records.pieces[0][0].turn = NonZeroU32::MAX;
        place.turn = NonZeroU32::MAX;
        assert_eq!(records.remove(place), Some(Named(1)));
        assert_ne!(records.insert(Named(2)).number, place.number);
        assert_eq!(records.get(place), None);
    }
}
