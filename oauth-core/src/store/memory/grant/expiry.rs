use std::collections::VecDeque;

use time::OffsetDateTime;

/// What has to be looked at when its moment has come.
///
/// Nearly everything lives for one of a few lifetimes, so a few queues, each in order, take all of it at
/// their ends. Times are Unix time.
#[derive(Debug)]
pub(super) struct Expiry<T>(Vec<VecDeque<(i64, T)>>);

impl<T> Default for Expiry<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Expiry<T> {
    pub(super) fn push(&mut self, item: T, moment: OffsetDateTime) {
        // A second has to be over before what expires within it is looked at.
        let second = moment.unix_timestamp() + i64::from(moment.nanosecond() > 0);
        let in_order =
            |queue: &&mut VecDeque<(i64, T)>| queue.back().is_none_or(|(last, _)| *last <= second);
        match self.0.iter_mut().find(in_order) {
            Some(queue) => queue.push_back((second, item)),
            None => self.0.push(VecDeque::from([(second, item)])),
        }
    }

    /// Takes one whose moment has come.
    pub(super) fn pop(&mut self, now: OffsetDateTime) -> Option<T> {
        let now = now.unix_timestamp();
        let due = |queue: &&mut VecDeque<(i64, T)>| {
            queue.front().is_some_and(|(second, _)| *second <= now)
        };
        let (_, item) = self.0.iter_mut().find(due)?.pop_front()?;
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
    fn lifetimes_share_few_queues() {
        let mut expiry = Expiry::default();
        for moment in 0..1_000 {
            for lifetime in [60, 30, 90] {
                expiry.push((), at(1_000 * (moment + lifetime)));
            }
        }
        assert_eq!(expiry.0.len(), 3);
    }
}
