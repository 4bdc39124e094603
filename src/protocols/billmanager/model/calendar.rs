//! When periods end: pure arithmetic of the calendar, in UTC.
//!
//! The months of a service end on one day of the month, its *anchor*: that of its first day. Where a month is shorter,
//! they end on its last day, and the next one ends on the anchor again: from 31 January a month ends on 28 or 29
//! February, the next on 31 March. The time of day stays. A trial and a day move the anchor to the day on which they end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{DAY, ENDLESS, LONGEST_PERIOD, TRIAL};

/// How long a trial is, in days.
pub const TRIAL_DAYS: i64 = 14;

/// The end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// `None`: it has none.
    pub at: Option<Timestamp>,
    /// The day of the month on which months after it end.
    pub anchor: i64,
}

/// The day of the month of a moment.
pub fn day_of(moment: Timestamp) -> i64 {
    i64::from(moment.to_zoned(TimeZone::UTC).day())
}

/// When a period ends that starts then, of a service with this anchor. `None`: there is no such period, or it ends
/// after the calendar.
pub fn end(start: Timestamp, period: i64, anchor: i64) -> Option<End> {
    let at = match period {
        ENDLESS => return Some(End { at: None, anchor }),
        DAY => later(start, 1)?,
        TRIAL => later(start, TRIAL_DAYS)?,
        1..=LONGEST_PERIOD => {
            return Some(End { at: Some(months(start, period, anchor)?), anchor });
        }
        _ => return None,
    };
    Some(End { at: Some(at), anchor: day_of(at) })
}

/// So many days later.
pub fn later(moment: Timestamp, days: i64) -> Option<Timestamp> {
    // A day of UTC has 24 hours.
    moment.checked_add(days.checked_mul(24)?.hours()).ok()
}

fn months(start: Timestamp, count: i64, anchor: i64) -> Option<Timestamp> {
    let zoned = start.to_zoned(TimeZone::UTC);
    let month = i64::from(zoned.year()) * 12 + i64::from(zoned.month()) - 1 + count;
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let first = Date::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1).ok()?;
    let day = anchor.clamp(1, i64::from(first.days_in_month()));
    let date = Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok()?;
    let end = date.to_datetime(zoned.time()).to_zoned(TimeZone::UTC).ok()?;
    Some(end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The dates on which periods of a service end that begins then.
    fn ends(start: &str, periods: &[i64]) -> Vec<String> {
        let mut at = moment(&format!("{start}T21:30:00.25Z"));
        let mut anchor = day_of(at);
        let mut dates = Vec::new();
        for period in periods {
            let next = end(at, *period, anchor).unwrap();
            (at, anchor) = (next.at.unwrap(), next.anchor);
            assert!(at.to_string().ends_with("T21:30:00.25Z"), "{at}");
            dates.push(at.strftime("%Y-%m-%d").to_string());
        }
        dates
    }

    #[test]
    fn months_end_on_the_anchor_or_on_the_last_day() {
        assert_eq!(
            ends("2027-01-31", &[1, 1, 1, 1, 12]),
            ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2028-05-31"]
        );
        assert_eq!(ends("2027-12-31", &[2, 12, 36]), ["2028-02-29", "2029-02-28", "2032-02-29"]);
        assert_eq!(ends("2028-02-29", &[12, 12, 24]), ["2029-02-28", "2030-02-28", "2032-02-29"]);
        assert_eq!(ends("2026-11-30", &[3, 1]), ["2027-02-28", "2027-03-30"]);
        assert_eq!(ends("2099-12-15", &[1, 36]), ["2100-01-15", "2103-01-15"]);
    }

    #[test]
    fn a_day_and_a_trial_move_the_anchor() {
        assert_eq!(ends("2028-02-28", &[-50, -50, 1]), ["2028-02-29", "2028-03-01", "2028-04-01"]);
        assert_eq!(ends("2027-01-31", &[-100, 1]), ["2027-02-14", "2027-03-14"]);
    }

    #[test]
    fn what_is_no_period_has_no_end() {
        let start = moment("2027-01-31T00:00:00Z");
        assert_eq!(end(start, 0, 31), Some(End { at: None, anchor: 31 }));
        for period in [-1, -49, -101, 37, i64::MAX] {
            assert_eq!(end(start, period, 31), None, "{period}");
        }
        assert_eq!(end(moment("9999-12-30T00:00:00Z"), 12, 30), None);
        assert_eq!(end(moment("9999-12-30T00:00:00Z"), -100, 30), None);
    }
}
