//! Moments as Redis keeps them, and how long it keeps what expires.

use time::{Duration, OffsetDateTime};

use crate::error::Unreadable;

/// Nothing is removed sooner than so long after its expiry, since the clocks of servers differ.
pub(crate) const SLACK: Duration = Duration::minutes(10);

/// Microseconds before the Unix epoch count, too. Lua's numbers have 53 bits, which the year 9999 in
/// microseconds exceeds, so scripts compare texts.
const OFFSET: i128 = 1_000_000_000_000_000_000;

/// Some 30,000 years, which Redis can add to its own time.
const LONGEST: i128 = 1_000_000_000_000_000;

/// Nineteen digits that sort as the moments do, of which the last six are microseconds.
pub(crate) fn encode(moment: OffsetDateTime) -> String {
    let microseconds = moment.unix_timestamp_nanos().div_euclid(1_000);
    let shifted = microseconds.clamp(1 - OFFSET, OFFSET - 1) + OFFSET;
    format!("{shifted:019}")
}

/// Reads what [`encode`] gave.
pub(crate) fn decode(text: &str) -> Result<OffsetDateTime, Unreadable> {
    // Nineteen digits fit.
    let shifted: i64 = text.parse().map_err(|_| Unreadable("a moment"))?;
    OffsetDateTime::from_unix_timestamp_nanos((i128::from(shifted) - OFFSET) * 1_000)
        .map_err(|_| Unreadable("a moment"))
}

/// How many milliseconds a record is kept that expires at `expires_at`, by the clock that says `now`.
pub(crate) fn lifetime(expires_at: OffsetDateTime, now: OffsetDateTime) -> i128 {
    let left = expires_at.unix_timestamp_nanos() - now.unix_timestamp_nanos();
    (left.max(0) / 1_000_000 + 1 + SLACK.whole_milliseconds()).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const MOMENTS: [OffsetDateTime; 7] = [
        datetime!(-9999-01-01 00:00:00 UTC),
        datetime!(1969-12-31 23:59:59.999999 UTC),
        OffsetDateTime::UNIX_EPOCH,
        datetime!(1970-01-01 00:00:00.000001 UTC),
        datetime!(2026-11-22 12:00:00 UTC),
        datetime!(9999-12-31 23:59:59.999998 UTC),
        datetime!(9999-12-31 23:59:59.999999 UTC),
    ];

    #[test]
    fn texts_sort_as_moments_do_and_come_back() {
        let texts: Vec<String> = MOMENTS.into_iter().map(encode).collect();
        assert!(texts.is_sorted_by(|before, after| before < after));
        for (text, moment) in texts.iter().zip(MOMENTS) {
            assert_eq!(text.len(), 19);
            assert_eq!(decode(text).unwrap(), moment);
        }
    }

    #[test]
    fn other_texts_are_no_moments() {
        for text in ["", "tomorrow", "99999999999999999999999999999999999999"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_lifetime_is_measured_by_the_clock_that_was_passed_and_has_slack() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let slack = SLACK.whole_milliseconds();
        assert_eq!(lifetime(now + Duration::SECOND, now), 1_001 + slack);
        assert_eq!(lifetime(now, now + Duration::SECOND), 1 + slack);
        let [first, .., last] = MOMENTS;
        assert!((1..=LONGEST).contains(&lifetime(last, first)));
    }
}
