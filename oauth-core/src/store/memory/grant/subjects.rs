use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::family::Family;
use super::records::{Place, Records};
use crate::subject::Subject;

/// Which grants a subject has: the latest here, and each names its neighbours. The hash has a secret in it,
/// since users may choose what they are called.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    hasher: RandomState,
    latest: HashTable<Place>,
}

/// The neighbours of a grant among those of its subject.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Neighbours {
    earlier: Option<Place>,
    later: Option<Place>,
}

impl Subjects {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.latest.len()
    }

    /// The grants of a subject, the latest first.
    pub(super) fn grants<'a>(
        &self,
        subject: &Subject,
        grants: &'a Records<Family>,
    ) -> impl Iterator<Item = &'a Family> {
        let hash = self.hasher.hash_one(subject);
        let latest = self
            .latest
            .find(hash, |place| is_of(grants, *place, subject));
        let latest = latest.and_then(|place| grants.get(*place));
        std::iter::successors(latest, |family| grants.get(family.neighbours.earlier?))
    }

    /// Takes a grant that has just got its subject.
    pub(super) fn add(&mut self, place: Place, grants: &mut Records<Family>) {
        let Some(subject) = subject(grants, place) else {
            return;
        };
        let hash = self.hasher.hash_one(subject);
        let latest = self
            .latest
            .find_mut(hash, |latest| is_of(grants, *latest, subject));
        let Some(latest) = latest else {
            let hasher = |place: &Place| subject_hash(&self.hasher, grants, *place);
            self.latest.insert_unique(hash, place, hasher);
            return;
        };
        let earlier = std::mem::replace(latest, place);
        if let Some(family) = grants.get_mut(earlier) {
            family.neighbours.later = Some(place);
        }
        if let Some(family) = grants.get_mut(place) {
            family.neighbours.earlier = Some(earlier);
        }
    }

    /// Forgets a grant, which is still in its place.
    pub(super) fn remove(&mut self, place: Place, grants: &mut Records<Family>) {
        let Some(family) = grants.get(place) else {
            return;
        };
        let Neighbours { earlier, later } = family.neighbours;
        if later.is_none() {
            let hash = subject_hash(&self.hasher, grants, place);
            if let Ok(mut latest) = self.latest.find_entry(hash, |latest| *latest == place) {
                match earlier {
                    Some(earlier) => *latest.get_mut() = earlier,
                    None => {
                        latest.remove();
                    }
                }
            }
        }
        if let Some(family) = earlier.and_then(|place| grants.get_mut(place)) {
            family.neighbours.later = later;
        }
        if let Some(family) = later.and_then(|place| grants.get_mut(place)) {
            family.neighbours.earlier = earlier;
        }
    }
}

fn subject(grants: &Records<Family>, place: Place) -> Option<&Subject> {
    grants.get(place)?.grant.subject.as_ref()
}

fn is_of(grants: &Records<Family>, place: Place, of: &Subject) -> bool {
    subject(grants, place) == Some(of)
}

fn subject_hash(hasher: &RandomState, grants: &Records<Family>, place: Place) -> u64 {
    subject(grants, place).map_or(0, |subject| hasher.hash_one(subject))
}
