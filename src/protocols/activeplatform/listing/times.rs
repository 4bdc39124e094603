//! Filters by time.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::domain::money::shown;
use crate::protocols::activeplatform::command::UtcOffset;
use crate::protocols::activeplatform::wire::query::{BadParameter, Parameters};

/// What the stores can tell apart.
pub(super) const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// Times from one on until before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Times {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Times {
    /// Whether they leave nothing out.
    pub fn is_any(self) -> bool {
        self == Times::default()
    }

    /// Takes a filter of a time: itself, `[gt]` and `[lt]`. A value without a zone is in the platform's.
    pub(super) fn take(
        parameters: &mut Parameters,
        [at, after, before]: [&'static str; 3],
        zone: UtcOffset,
    ) -> Result<Times, BadParameter> {
        let mut times = Times::default();
        if let Some(text) = parameters.take(at) {
            let (from, until) = span(at, &text, zone)?;
            times = Times { from: Some(from), until: Some(until) };
        }
        if let Some(text) = parameters.take(after) {
            let from = Some(later(span(after, &text, zone)?.0, MICROSECOND));
            times.from = times.from.max(from);
        }
        if let Some(text) = parameters.take(before) {
            let until = span(before, &text, zone)?.0;
            times.until = Some(times.until.map_or(until, |other| other.min(until)));
        }
        Ok(times)
    }
}

/// The time that a text stands for, and the one after it: a date is a day, and a time without a fraction a second.
fn span(name: &str, text: &str, zone: UtcOffset) -> Result<(Timestamp, Timestamp), BadParameter> {
    let read = || {
        let zone_at = text.get(19..).and_then(|rest| rest.find(['+', '-', 'Z']));
        let Some(at) = zone_at else { return moment(text, zone) };
        let (local, own) = text.split_at_checked(19 + at)?;
        moment(local, if own == "Z" { UtcOffset::default() } else { own.parse().ok()? })
    };
    read().ok_or_else(|| {
        let rule = format!(
            "{:?} must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, with Z or an offset like +03:00 when it is not \
             the platform's time (a + is written %2B in a query)",
            shown(text)
        );
        BadParameter::of(name, rule)
    })
}

fn moment(local: &str, zone: UtcOffset) -> Option<(Timestamp, Timestamp)> {
    let zone = Offset::from_seconds(zone.minutes() * 60).ok()?;
    let pattern = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
    };
    let (whole, fraction) = local.split_at_checked(19).unwrap_or((local, ""));
    let (start, length) = match &*pattern(whole) {
        "0000-00-00" => {
            let date: Date = whole.parse().ok()?;
            (date.to_datetime(jiff::civil::Time::midnight()), SignedDuration::from_hours(24))
        }
        "0000-00-00T00:00:00" => {
            let digits = fraction.strip_prefix('.').unwrap_or_default();
            let is_fraction =
                (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            let at: DateTime = local.parse().ok()?;
            match fraction {
                "" => (at, SignedDuration::from_secs(1)),
                _ if is_fraction => (at, MICROSECOND),
                _ => return None,
            }
        }
        _ => return None,
    };
    // What both stores can compare with.
    let start = zone.to_timestamp(start).ok().filter(|_| (1..9999).contains(&start.year()))?;
    Some((start, later(start, length)))
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}
