use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::records::{Place, Record, Records};
use crate::subject::Subject;

/// Which records a subject has: the latest here, and each names its neighbours. The hash has a secret in it,
/// since users may choose what they are called.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    hasher: RandomState,
    latest: HashTable<Latest>,
}

/// The latest record of a subject. It is there as long as this is.
#[derive(Debug)]
struct Latest {
    number: u32,
    /// Kept, so that growing looks at no record and hashes no text again.
    hash: u32,
}

impl Latest {
    fn is_of<R: OfSubject>(&self, hash: u32, subject: &Subject, records: &Records<R>) -> bool {
        let own = || records.at(self.number)?.1.subject();
        self.hash == hash && own() == Some(subject)
    }

    fn whole_hash(&self) -> u64 {
        whole(self.hash)
    }
}

/// A table looks at the first bits of a hash and at the last.
fn whole(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
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

    fn hash(&self, subject: &Subject) -> u32 {
        // A user and a client of one name are told apart when they are compared.
        self.hasher.hash_one(subject.id()) as u32
    }

    /// The records of a subject, the latest first.
    pub(super) fn of<'a, R: OfSubject>(
        &self,
        subject: &Subject,
        records: &'a Records<R>,
    ) -> impl Iterator<Item = (Place, &'a R)> {
        let hash = self.hash(subject);
        let latest = self
            .latest
            .find(whole(hash), |latest| latest.is_of(hash, subject, records));
        let latest = latest.and_then(|latest| records.at(latest.number));
        let at = |place: Place| Some((place, records.get(place)?));
        std::iter::successors(latest, move |(_, record)| at(record.neighbours().earlier?))
    }

    /// Takes a record that has just got its subject. One without does not count.
    pub(super) fn add<R: OfSubject>(&mut self, place: Place, records: &mut Records<R>) {
        let Some(subject) = records.get(place).and_then(R::subject) else {
            return;
        };
        let (hash, number) = (self.hash(subject), place.number());
        let latest = self
            .latest
            .find_mut(whole(hash), |latest| latest.is_of(hash, subject, records));
        let Some(latest) = latest else {
            let latest = Latest { number, hash };
            self.latest
                .insert_unique(whole(hash), latest, Latest::whole_hash);
            return;
        };
        let earlier = std::mem::replace(&mut latest.number, number);
        let earlier = records.at(earlier).map(|(place, _)| place);
        if let Some(record) = earlier.and_then(|place| records.get_mut(place)) {
            record.neighbours_mut().later = Some(place);
        }
        if let Some(record) = records.get_mut(place) {
            record.neighbours_mut().earlier = earlier;
        }
    }

    /// Forgets a record, which is still in its place.
    pub(super) fn remove<R: OfSubject>(&mut self, place: Place, records: &mut Records<R>) {
        let Some(record) = records.get(place) else {
            return;
        };
        let Neighbours { earlier, later } = *record.neighbours();
        if later.is_none()
            && let Some(subject) = record.subject()
        {
            let (hash, number) = (self.hash(subject), place.number());
            let latest = self
                .latest
                .find_entry(whole(hash), |latest| latest.number == number);
            if let Ok(mut latest) = latest {
                match earlier {
                    Some(earlier) => latest.get_mut().number = earlier.number(),
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
