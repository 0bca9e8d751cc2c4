use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::records::{Place, Record, Records};
use crate::subject::Subject;

/// Which records a subject has: the latest here, and each names its neighbours. The hash has a secret in it,
/// since users may choose what they are called.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    hasher: RandomState,
    latest: HashTable<Place>,
}

/// The neighbours of a record among those of its subject.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Neighbours {
    earlier: Option<Place>,
    later: Option<Place>,
}

/// A record that may have a subject.
pub(super) trait OfSubject: Record {
    fn subject(&self) -> Option<&Subject>;

    fn neighbours(&self) -> &Neighbours;

    fn neighbours_mut(&mut self) -> &mut Neighbours;
}

impl Subjects {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.latest.len()
    }

    /// The records of a subject, the latest first.
    pub(super) fn of<'a, R: OfSubject>(
        &self,
        subject: &Subject,
        records: &'a Records<R>,
    ) -> impl Iterator<Item = (Place, &'a R)> {
        let hash = self.hasher.hash_one(subject);
        let latest = self
            .latest
            .find(hash, |place| is_of(records, *place, subject));
        let at = |place: Place| Some((place, records.get(place)?));
        let latest = latest.and_then(|place| at(*place));
        std::iter::successors(latest, move |(_, record)| at(record.neighbours().earlier?))
    }

    /// Takes a record that has just got its subject.
    pub(super) fn add<R: OfSubject>(&mut self, place: Place, records: &mut Records<R>) {
        let Some(subject) = subject(records, place) else {
            return;
        };
        let hash = self.hasher.hash_one(subject);
        let latest = self
            .latest
            .find_mut(hash, |latest| is_of(records, *latest, subject));
        let Some(latest) = latest else {
            let hasher = |place: &Place| subject_hash(&self.hasher, records, *place);
            self.latest.insert_unique(hash, place, hasher);
            return;
        };
        let earlier = std::mem::replace(latest, place);
        if let Some(record) = records.get_mut(earlier) {
            record.neighbours_mut().later = Some(place);
        }
        if let Some(record) = records.get_mut(place) {
            record.neighbours_mut().earlier = Some(earlier);
        }
    }

    /// Forgets a record, which is still in its place.
    pub(super) fn remove<R: OfSubject>(&mut self, place: Place, records: &mut Records<R>) {
        let Some(record) = records.get(place) else {
            return;
        };
        let Neighbours { earlier, later } = *record.neighbours();
        if later.is_none() {
            let hash = subject_hash(&self.hasher, records, place);
            if let Ok(mut latest) = self.latest.find_entry(hash, |latest| *latest == place) {
                match earlier {
                    Some(earlier) => *latest.get_mut() = earlier,
                    None => {
                        latest.remove();
                    }
                }
            }
        }
        if let Some(record) = earlier.and_then(|place| records.get_mut(place)) {
            record.neighbours_mut().later = later;
        }
        if let Some(record) = later.and_then(|place| records.get_mut(place)) {
            record.neighbours_mut().earlier = earlier;
        }
    }
}

fn subject<R: OfSubject>(records: &Records<R>, place: Place) -> Option<&Subject> {
    records.get(place)?.subject()
}

fn is_of<R: OfSubject>(records: &Records<R>, place: Place, of: &Subject) -> bool {
    subject(records, place) == Some(of)
}

fn subject_hash<R: OfSubject>(hasher: &RandomState, records: &Records<R>, place: Place) -> u64 {
    subject(records, place).map_or(0, |subject| hasher.hash_one(subject))
}
