use std::collections::{HashMap, HashSet};

use super::super::parts::Unpredictable;
use crate::credential::GrantId;
use crate::subject::Subject;

/// Which grants a subject has.
#[derive(Debug, Default)]
pub(super) struct Subjects(HashMap<Subject, Grants>);

/// Most users have one grant in a part at most, which takes no set.
#[derive(Debug)]
enum Grants {
    One(GrantId),
    More(HashSet<GrantId, Unpredictable>),
}

impl Subjects {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn grants(&self, subject: &Subject) -> impl Iterator<Item = &GrantId> {
        let (one, more) = match self.0.get(subject) {
            Some(Grants::One(id)) => (Some(id), None),
            Some(Grants::More(ids)) => (None, Some(ids)),
            None => (None, None),
        };
        one.into_iter().chain(more.into_iter().flatten())
    }

    pub(super) fn add(&mut self, subject: &Subject, id: GrantId) {
        match self.0.get_mut(subject) {
            Some(Grants::More(ids)) => {
                ids.insert(id);
            }
            Some(grants @ Grants::One(_)) => {
                if let Grants::One(first) = *grants {
                    *grants = Grants::More(HashSet::from_iter([first, id]));
                }
            }
            None => {
                self.0.insert(subject.clone(), Grants::One(id));
            }
        }
    }

    pub(super) fn remove(&mut self, subject: &Subject, id: &GrantId) {
        let emptied = match self.0.get_mut(subject) {
            Some(Grants::One(only)) => only == id,
            Some(Grants::More(ids)) => {
                ids.remove(id);
                ids.is_empty()
            }
            None => false,
        };
        if emptied {
            self.0.remove(subject);
        }
    }
}
