//! When an order is expected: clients say it with an offset or without.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::order_content::OrderContent;
use crate::domain::money::shown;
use crate::domain::time_zone::TimeZone;

const SECONDS_OF_A_DAY: i32 = 86_400;

/// When an order is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedTime {
    /// In the restaurant's local time.
    Local(DateTime),
    /// At a moment; the offset is the one that it was said with.
    Moment(Timestamp, Offset),
}

impl ExpectedTime {
    /// Reads `2026-11-22T12:30:00`, with or without a fraction and an offset or `Z`.
    pub(crate) fn read(text: &str) -> Option<ExpectedTime> {
        let pieces = Pieces::parse(text).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
        let Some(offset) = pieces.to_numeric_offset() else {
            return Some(ExpectedTime::Local(local));
        };
        let seconds = offset.seconds();
        let is_written = (1..9999).contains(&local.year())
            && seconds % 60 == 0
            && seconds.abs() < SECONDS_OF_A_DAY;
        let moment = offset.to_timestamp(local).ok().filter(|_| is_written)?;
        Some(ExpectedTime::Moment(moment, offset))
    }

    /// As an answer shows it: a moment with the restaurant's own offset, a local time without one. A local time that
    /// the clocks of the zone skip is [the one that it stands for](TimeZone::moment).
    pub fn shown(self, zone: &TimeZone) -> String {
        self.in_zone(zone).to_string()
    }

    /// The same time as the restaurant would say it.
    fn in_zone(self, zone: &TimeZone) -> ExpectedTime {
        match self {
            ExpectedTime::Moment(moment, _) => {
                ExpectedTime::Moment(moment, zone.at(moment).offset())
            }
            ExpectedTime::Local(local) => {
                ExpectedTime::Local(zone.moment(local).map_or(local, |moment| moment.datetime()))
            }
        }
    }
}

impl OrderContent {
    /// With its times as the restaurant would say them.
    pub fn in_zone(mut self, zone: &TimeZone) -> OrderContent {
        let times = [
            self.expected_start_time.as_mut(),
            self.booking.as_mut().and_then(|booking| booking.time.as_mut()),
            self.delivery.as_mut().and_then(|delivery| delivery.expected_time.as_mut()),
            self.pickup.as_mut().and_then(|pickup| pickup.expected_time.as_mut()),
        ];
        for time in times.into_iter().flatten() {
            *time = time.in_zone(zone);
        }
        self
    }
}

impl fmt::Display for ExpectedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ExpectedTime::Local(local) => local.fmt(f),
            // Never a Z: versions that knew only local times read what has a numeric offset.
            ExpectedTime::Moment(moment, offset) => {
                f.write_str(&with_offset(&moment.to_zoned(offset.to_time_zone())))
            }
        }
    }
}

fn with_offset(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}

impl<'de> Deserialize<'de> for ExpectedTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ExpectedTime, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        ExpectedTime::read(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "{:?} is not a time: it must be the restaurant's local time like 2026-11-22T12:30:00, or have an \
                 offset like 2026-11-22T12:30:00+03:00 or a Z",
                shown(&text)
            ))
        })
    }
}

impl Serialize for ExpectedTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ExpectedTime, String> {
        let json = serde_json::to_string(text).unwrap();
        serde_json::from_str(&json).map_err(|error| error.to_string())
    }

    fn shown_in(zone: &str, text: &str) -> String {
        read(text).unwrap().shown(&zone.parse().unwrap())
    }

    #[test]
    fn a_moment_is_given_back_as_the_same_one_in_the_time_of_the_restaurant() {
        for sent in [
            "2026-11-22T12:30:00+03:00",
            "2026-11-22T09:30:00Z",
            "2026-11-22T09:30:00z",
            "2026-11-22T09:30:00+00:00",
            "2026-11-22T09:30:00-00:00",
            "2026-11-22T12:30:00+0300",
            "2026-11-22T04:00:00-05:30",
            "2026-11-22T12:30+03",
        ] {
            assert_eq!(shown_in("Europe/Moscow", sent), "2026-11-22T12:30:00+03:00", "{sent}");
            assert_eq!(shown_in("UTC", sent), "2026-11-22T09:30:00+00:00", "{sent}");
            let kept = serde_json::to_string(&read(sent).unwrap()).unwrap();
            assert!(!kept.contains(['Z', 'z']), "{kept}");
            assert_eq!(serde_json::from_str::<ExpectedTime>(&kept).unwrap(), read(sent).unwrap());
        }
        let fraction = "2026-11-22T09:30:00.123Z";
        assert_eq!(shown_in("Europe/Moscow", fraction), "2026-11-22T12:30:00.123+03:00");
    }

    #[test]
    fn a_local_time_stays_what_it_was_wherever_the_restaurant_is() {
        for sent in ["2026-11-22T12:30:00", "2026-11-22T12:30:00.5", "-000001-11-22T12:30:00"] {
            assert_eq!(shown_in("Europe/Moscow", sent), sent);
            assert_eq!(shown_in("UTC", sent), sent);
            assert_eq!(serde_json::to_string(&read(sent).unwrap()).unwrap(), format!("{sent:?}"));
        }
        assert_eq!(shown_in("UTC", "2026-11-22 12:30"), "2026-11-22T12:30:00");
        assert_eq!(shown_in("UTC", "2026-11-22"), "2026-11-22T00:00:00");
    }

    #[test]
    fn a_skipped_local_time_is_shown_as_what_it_stands_for_and_a_moment_is_told_from_its_twin() {
        assert_eq!(shown_in("Europe/Berlin", "2026-03-29T02:30:00"), "2026-03-29T03:30:00");
        assert_eq!(shown_in("Europe/Moscow", "2026-03-29T02:30:00"), "2026-03-29T02:30:00");
        assert_eq!(shown_in("Europe/Berlin", "2026-10-25T02:30:00"), "2026-10-25T02:30:00");
        assert_eq!(shown_in("Europe/Berlin", "2026-10-25T00:30:00Z"), "2026-10-25T02:30:00+02:00");
        assert_eq!(shown_in("Europe/Berlin", "2026-10-25T01:30:00Z"), "2026-10-25T02:30:00+01:00");
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_rule_and_no_word_of_a_library() {
        for bad in [
            "",
            "tomorrow",
            "12:30",
            "2026-02-30T12:30:00",
            "2026-11-22T12:30:00+25",
            "2026-11-22T12:30:00+03:00:01",
            "2026-11-22T12:30:00 MSK",
            "2026-11-22T12:30:00[Europe/Moscow]",
            "2026-11-22T12:30:00+03:00[Europe/Moscow]",
            "9999-12-31T23:59:59-23:00",
            "22.11.2026 12:30",
        ] {
            let told = read(bad).unwrap_err();
            assert!(told.starts_with(&format!("{bad:?} is not a time: it must be")), "{told}");
            assert!(!told.contains("civil") && !told.contains("datetime"), "{told}");
        }
    }
}
