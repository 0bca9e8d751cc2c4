use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;

use hashbrown::HashTable;

use super::super::parts::Parts;
use crate::subject::Subject;

/// Which grants each subject has, in whichever parts they are: to list them is to look into one part here, and then
/// only where they are. The hash has a secret in it, since users may choose what they are called.
///
/// A part of grants may be locked when one of these is, and never the other way round.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    hasher: RandomState,
    parts: Parts<Chains>,
}

/// The grants of each subject as a chain, the latest first.
#[derive(Debug, Default)]
struct Chains {
    latest: HashTable<LinkNumber>,
    links: Vec<Link>,
    vacant: Option<LinkNumber>,
}

/// Counted from 1.
pub(super) type LinkNumber = NonZeroU32;

#[derive(Clone, Copy, Debug)]
struct Link {
    mark: Mark,
    /// The number of the grant in its part.
    number: u32,
    /// Of a vacant link, the next that is vacant.
    earlier: Option<LinkNumber>,
    later: Option<LinkNumber>,
}

/// The part of a grant in the last byte, and before it what is left of the hash of its subject.
#[derive(Clone, Copy, Debug)]
struct Mark(u32);

impl Mark {
    fn new(hash: u64, part: u8) -> Self {
        Self(hash as u32 & !0xff | u32::from(part))
    }

    const fn part(self) -> u8 {
        self.0 as u8
    }

    fn is_of(self, hash: u64) -> bool {
        self.hash() == Self::new(hash, 0).hash()
    }

    /// The table looks at the first and the last bits.
    fn hash(self) -> u64 {
        let hash = u64::from(self.0 >> 8);
        hash << 40 | hash
    }
}

impl Holdings {
    #[cfg(test)]
    pub(super) fn subjects(&self) -> usize {
        self.parts.each().map(|part| part.lock().latest.len()).sum()
    }

    /// The part and the number of every grant of a subject, the latest first. Some may be another's, whose hash
    /// has the same beginning, and some may be gone by the time that somebody looks.
    pub(super) fn of(&self, subject: &Subject) -> Vec<(u8, u32)> {
        let (hash, chains) = self.chains(subject);
        let chains = chains.lock();
        let links = std::iter::successors(chains.latest(hash), |link| chains.at(link.earlier?));
        links.map(|link| (link.mark.part(), link.number)).collect()
    }

    /// Takes a grant that has just got its subject.
    pub(super) fn add(&self, subject: &Subject, part: u8, number: u32) -> Option<LinkNumber> {
        let (hash, chains) = self.chains(subject);
        chains.lock().add(hash, Mark::new(hash, part), number)
    }

    pub(super) fn remove(&self, subject: &Subject, link: LinkNumber) {
        let (_, chains) = self.chains(subject);
        chains.lock().remove(link);
    }

    fn chains(&self, subject: &Subject) -> (u64, &super::super::parts::Part<Chains>) {
        let hash = self.hasher.hash_one(subject);
        (hash, self.parts.of((hash >> 32) as u16))
    }
}

impl Chains {
    fn at(&self, number: LinkNumber) -> Option<&Link> {
        link(&self.links, number)
    }

    fn at_mut(&mut self, number: Option<LinkNumber>) -> Option<&mut Link> {
        self.links.get_mut(number?.get() as usize - 1)
    }

    fn latest(&self, hash: u64) -> Option<&Link> {
        let is_of = |number: &LinkNumber| self.at(*number).is_some_and(|it| it.mark.is_of(hash));
        self.at(*self.latest.find(Mark::new(hash, 0).hash(), is_of)?)
    }

    /// Gives no number where there is none left.
    fn add(&mut self, hash: u64, mark: Mark, number: u32) -> Option<LinkNumber> {
        let added = self.vacant_link(mark, number)?;
        let Self { latest, links, .. } = self;
        let is_of =
            |number: &LinkNumber| link(links, *number).is_some_and(|it| it.mark.is_of(hash));
        let Some(first) = latest.find_mut(mark.hash(), is_of) else {
            let hash_of = |number: &LinkNumber| link(links, *number).map_or(0, |it| it.mark.hash());
            latest.insert_unique(mark.hash(), added, hash_of);
            return Some(added);
        };
        let earlier = std::mem::replace(first, added);
        if let Some(earlier) = self.at_mut(Some(earlier)) {
            earlier.later = Some(added);
        }
        if let Some(link) = self.at_mut(Some(added)) {
            link.earlier = Some(earlier);
        }
        Some(added)
    }

    fn vacant_link(&mut self, mark: Mark, number: u32) -> Option<LinkNumber> {
        let link = Link {
            mark,
            number,
            earlier: None,
            later: None,
        };
        if let Some(vacant) = self.vacant {
            let slot = self.at_mut(Some(vacant))?;
            let next = std::mem::replace(slot, link).earlier;
            self.vacant = next;
            return Some(vacant);
        }
        // Doubling would leave as much unused as is used.
        if self.links.len() == self.links.capacity() {
            self.links.reserve_exact(self.links.len() / 8 + 8);
        }
        self.links.push(link);
        LinkNumber::new(u32::try_from(self.links.len()).ok()?)
    }

    fn remove(&mut self, number: LinkNumber) {
        let Some(&Link {
            mark,
            earlier,
            later,
            ..
        }) = self.at(number)
        else {
            return;
        };
        if later.is_none() {
            let entry = self
                .latest
                .find_entry(mark.hash(), |latest| *latest == number);
            if let Ok(mut latest) = entry {
                match earlier {
                    Some(earlier) => *latest.get_mut() = earlier,
                    None => {
                        latest.remove();
                    }
                }
            }
        }
        if let Some(link) = self.at_mut(earlier) {
            link.later = later;
        }
        if let Some(link) = self.at_mut(later) {
            link.earlier = earlier;
        }
        let vacant = self.vacant.replace(number);
        if let Some(link) = self.at_mut(Some(number)) {
            link.earlier = vacant;
        }
    }
}

fn link(links: &[Link], number: LinkNumber) -> Option<&Link> {
    links.get(number.get() as usize - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;

    fn user(n: u32) -> Subject {
        Subject::User(UserId::new(n.to_string()))
    }

    #[test]
    fn a_subject_has_what_was_added_and_not_removed_the_latest_first() {
        let holdings = Holdings::default();
        let many = 2_000;
        let mut links = Vec::new();
        for n in 0..many {
            links.push(holdings.add(&user(n % 500), (n % 64) as u8, n).unwrap());
        }
        for n in (0..many).step_by(3) {
            holdings.remove(&user(n % 500), links[n as usize]);
        }
        for n in 0..500 {
            let own = (n..many).step_by(500).rev();
            let left: Vec<_> = own
                .filter(|n| n % 3 != 0)
                .map(|n| ((n % 64) as u8, n))
                .collect();
            assert_eq!(holdings.of(&user(n)), left);
        }
        assert!(holdings.of(&user(many)).is_empty());
        let taken = || -> usize {
            let parts = holdings.parts.each();
            parts.map(|part| part.lock().links.len()).sum()
        };
        let before = taken();
        for n in (0..many).step_by(3) {
            holdings.add(&user(n % 500), 1, n).unwrap();
        }
        assert_eq!(taken(), before, "places are used again");
    }

    #[test]
    fn subjects_whose_hashes_begin_alike_share_a_chain() {
        let mut chains = Chains::default();
        let (one, other) = (0x1234_5600, 0xffff_ffff_1234_56ff);
        let first = chains.add(one, Mark::new(one, 63), 1).unwrap();
        chains.add(other, Mark::new(other, 2), 2).unwrap();
        assert_eq!(chains.latest(one).unwrap().number, 2);
        chains.remove(first);
        assert_eq!(chains.latest(one).unwrap().number, 2);
        assert_eq!(chains.latest.len(), 1);
    }
}
