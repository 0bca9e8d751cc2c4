use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::super::parts::Unpredictable;
use crate::credential::GrantId;
use crate::subject::Subject;

/// Which grants a subject has, by a hash of the subject, which the grants themselves name in full. The hash
/// has a secret in it, since users may choose what they are called.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    hasher: RandomState,
    grants: HashMap<u64, Grants, Unpredictable>,
}

/// Most users have one grant in a part at most, which takes no set.
#[derive(Debug)]
enum Grants {
    One(GrantId),
    #[expect(
        clippy::box_collection,
        reason = "so that the many that need no set are smaller"
    )]
    More(Box<HashSet<GrantId, Unpredictable>>),
}

impl Subjects {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.grants.len()
    }

    /// The grants of a subject, and of another with the same hash, should there be one.
    pub(super) fn candidates(&self, subject: &Subject) -> impl Iterator<Item = &GrantId> {
        let (one, more) = match self.grants.get(&self.hasher.hash_one(subject)) {
            Some(Grants::One(id)) => (Some(id), None),
            Some(Grants::More(ids)) => (None, Some(ids.iter())),
            None => (None, None),
        };
        one.into_iter().chain(more.into_iter().flatten())
    }

    pub(super) fn add(&mut self, subject: &Subject, id: GrantId) {
        let hash = self.hasher.hash_one(subject);
        match self.grants.get_mut(&hash) {
            Some(Grants::More(ids)) => {
                ids.insert(id);
            }
            Some(grants @ Grants::One(_)) => {
                if let Grants::One(first) = *grants {
                    *grants = Grants::More(Box::new(HashSet::from_iter([first, id])));
                }
            }
            None => {
                self.grants.insert(hash, Grants::One(id));
            }
        }
    }

    pub(super) fn remove(&mut self, subject: &Subject, id: &GrantId) {
        let hash = self.hasher.hash_one(subject);
        let emptied = match self.grants.get_mut(&hash) {
            Some(Grants::One(only)) => only == id,
            Some(Grants::More(ids)) => {
                ids.remove(id);
                ids.is_empty()
            }
            None => false,
        };
        if emptied {
            self.grants.remove(&hash);
        }
    }
}
