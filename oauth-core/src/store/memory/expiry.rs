use std::collections::VecDeque;

use time::OffsetDateTime;

/// So many entries stand in one piece of a queue.
const PIECE: usize = 64;

/// What has to be looked at when its moment has come.
///
/// Nearly everything lives for one of a few lifetimes, so a few queues, each in order, take all of it at
/// their ends. Times are Unix time.
#[derive(Debug)]
pub(super) struct Expiry<T> {
    queues: Vec<Queue<T>>,
    /// Nothing is due before, so that the queues are not even looked at.
    first: i64,
    len: usize,
}

/// In pieces, so that one that grows moves nothing and leaves little room unused.
#[derive(Debug)]
struct Queue<T>(VecDeque<VecDeque<(i64, T)>>);

impl<T> Default for Expiry<T> {
    fn default() -> Self {
        Self {
            queues: Vec::new(),
            first: i64::MAX,
            len: 0,
        }
    }
}

impl<T> Expiry<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, item: T, moment: OffsetDateTime) {
        // A second has to be over before what expires within it is looked at.
        let second = moment.unix_timestamp() + i64::from(moment.nanosecond() > 0);
        self.first = self.first.min(second);
        self.len += 1;
        let in_order = |queue: &&mut Queue<T>| queue.last().is_none_or(|last| last <= second);
        match self.queues.iter_mut().find(in_order) {
            Some(queue) => queue.push((second, item)),
            None => {
                let mut queue = Queue(VecDeque::new());
                queue.push((second, item));
                self.queues.push(queue);
            }
        }
    }

    /// Takes one whose moment has come.
    pub(super) fn pop(&mut self, now: OffsetDateTime) -> Option<T> {
        let now = now.unix_timestamp();
        if now < self.first {
            return None;
        }
        let due = |queue: &&mut Queue<T>| queue.first().is_some_and(|first| first <= now);
        let item = self.queues.iter_mut().find(due).and_then(Queue::pop);
        let firsts = self.queues.iter().filter_map(Queue::first);
        self.first = firsts.min().unwrap_or(i64::MAX);
        self.len -= usize::from(item.is_some());
        item
    }

    /// Forgets what need not be looked at.
    pub(super) fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        for queue in &mut self.queues {
            for piece in &mut queue.0 {
                piece.retain(|(_, item)| wanted(item));
            }
            queue.0.retain(|piece| !piece.is_empty());
        }
        let pieces = self.queues.iter().flat_map(|queue| &queue.0);
        self.len = pieces.map(VecDeque::len).sum();
    }
}

impl<T> Queue<T> {
    fn first(&self) -> Option<i64> {
        let (second, _) = self.0.front()?.front()?;
        Some(*second)
    }

    fn last(&self) -> Option<i64> {
        let (second, _) = self.0.back()?.back()?;
        Some(*second)
    }

    fn push(&mut self, entry: (i64, T)) {
        match self.0.back_mut() {
            Some(piece) if piece.len() < PIECE => piece.push_back(entry),
            _ => self.0.push_back(VecDeque::from([entry])),
        }
    }

    /// No piece is left empty but the only one.
    fn pop(&mut self) -> Option<T> {
        let (_, item) = self.0.front_mut()?.pop_front()?;
        if self.0.len() > 1 && self.0.front().is_some_and(VecDeque::is_empty) {
            self.0.pop_front();
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn at(milliseconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(milliseconds)
    }

    #[test]
    fn gives_everything_once_its_second_is_over() {
        let mut expiry: Expiry<i64> = Expiry::default();
        for milliseconds in [9_000, 3_000, 10_000, 2_500, 3_000] {
            expiry.push(milliseconds, at(milliseconds));
        }
        let mut taken = |now| {
            let mut due: Vec<i64> = std::iter::from_fn(|| expiry.pop(at(now))).collect();
            due.sort_unstable();
            due
        };
        assert!(taken(2_999).is_empty());
        assert_eq!(taken(3_000), [2_500, 3_000, 3_000]);
        assert_eq!(taken(20_000), [9_000, 10_000]);
    }

    #[test]
    fn a_queue_of_many_pieces_stays_in_order() {
        let mut expiry = Expiry::default();
        let many = 10 * i64::try_from(PIECE).unwrap();
        for second in 0..many {
            expiry.push(second, at(1_000 * second));
        }
        for second in 0..many {
            assert_eq!(expiry.pop(at(1_000 * many)), Some(second));
        }
        assert_eq!(expiry.pop(at(1_000 * many)), None);
        expiry.push(1, at(1_000));
        assert_eq!(expiry.pop(at(1_000)), Some(1));
        assert_eq!((expiry.queues.len(), expiry.queues[0].0.len()), (1, 1));
    }

    #[test]
    fn what_is_forgotten_leaves_the_rest_in_order() {
        let mut expiry = Expiry::default();
        for second in 0..1_000 {
            expiry.push(second, at(1_000 * second));
        }
        expiry.retain(|second| second % 100 == 99);
        assert_eq!((expiry.len(), expiry.queues[0].0.len()), (10, 10));
        expiry.push(2_000, at(2_000_000));
        let taken: Vec<i64> = std::iter::from_fn(|| expiry.pop(at(1_000_000))).collect();
        assert_eq!(taken, [99, 199, 299, 399, 499, 599, 699, 799, 899, 999]);
        assert_eq!(expiry.len(), 1);
        expiry.retain(|_| false);
        assert_eq!((expiry.len(), expiry.pop(at(3_000_000))), (0, None));
    }

    #[test]
    fn lifetimes_share_few_queues() {
        let mut expiry = Expiry::default();
        for moment in 0..1_000 {
            for lifetime in [60, 30, 90] {
                expiry.push((), at(1_000 * (moment + lifetime)));
            }
        }
        assert_eq!(expiry.queues.len(), 3);
    }
}
