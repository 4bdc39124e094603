//! Time zones of restaurants, by their IANA names.
//!
//! The rules are those that the program was built with, not those of the machine: every replica of a version writes
//! the same local time, and an image without the system's files has them all.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{Disambiguation, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

use super::money::shown;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The name that everything has which was given no other.
const UTC: &str = "UTC";

/// A time zone that has a name.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZone(jiff::tz::TimeZone);

impl TimeZone {
    /// Its IANA name, as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or(UTC)
    }

    /// A moment in this zone.
    pub fn at(&self, moment: Timestamp) -> Zoned {
        moment.to_zoned(self.0.clone())
    }

    /// The moment that a local time names.
    ///
    /// One that the clocks skip, when they are put forward, is as much later as they are: 02:30 is 03:30. One that
    /// they show twice, when they are put back, is the earlier of the two. `None` at the ends of what can be counted.
    pub fn moment(&self, local: DateTime) -> Option<Zoned> {
        let ambiguous = self.0.to_ambiguous_zoned(local);
        ambiguous.disambiguate(Disambiguation::Compatible).ok()
    }

    /// A zone that a store keeps. A name that this program does not know, of a newer one for instance, is UTC: what
    /// is paid does not depend on how a time is shown.
    pub fn stored(name: &str) -> TimeZone {
        name.parse().unwrap_or_else(|rule: String| {
            tracing::error!("an object's time zone is unknown, its times are shown in UTC: {rule}");
            TimeZone::default()
        })
    }
}

impl Default for TimeZone {
    fn default() -> TimeZone {
        TimeZone(jiff::tz::TimeZone::UTC)
    }
}

impl FromStr for TimeZone {
    type Err = String;

    fn from_str(name: &str) -> Result<TimeZone, String> {
        let known = DATABASE.get(name).ok().filter(|zone| zone.iana_name().is_some());
        known.map(TimeZone).ok_or_else(|| {
            format!(
                "{:?} is no time zone: it must be a name of the IANA time zone database, like Europe/Moscow, or UTC",
                shown(name)
            )
        })
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        name.parse().unwrap()
    }

    fn named(zone: &str, local: &str) -> String {
        let moment = self::zone(zone).moment(local.parse().unwrap()).unwrap();
        moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    #[test]
    fn a_zone_is_known_by_its_name_and_by_nothing_else() {
        assert_eq!(zone("Europe/Moscow").name(), "Europe/Moscow");
        assert_eq!(zone("europe/moscow").name(), "Europe/Moscow", "as the database spells it");
        assert_eq!((zone("UTC").name(), TimeZone::default().name()), ("UTC", "UTC"));
        for bad in ["", "Moscow", "MSK-3", "+03:00", "/etc/passwd", "../UTC", "Etc/Unknown"] {
            let rule = bad.parse::<TimeZone>().unwrap_err();
            assert!(rule.starts_with(&format!("{bad:?} is no time zone")), "{rule}");
            assert!(rule.contains("like Europe/Moscow"), "{rule}");
            assert_eq!(TimeZone::stored(bad), TimeZone::default());
        }
    }

    #[test]
    fn a_local_time_that_the_clocks_skip_is_as_much_later_as_they_are() {
        let gap = named("Europe/Berlin", "2026-03-29T02:30:00");
        assert_eq!(gap, "2026-03-29T03:30:00+02:00");
        assert_eq!(named("Europe/Berlin", "2026-03-29T01:59:59"), "2026-03-29T01:59:59+01:00");
        assert_eq!(named("Europe/Berlin", "2026-03-29T03:00:00"), "2026-03-29T03:00:00+02:00");
        // Half an hour.
        let gap = named("Australia/Lord_Howe", "2026-10-04T02:10:00");
        assert_eq!(gap, "2026-10-04T02:40:00+11:00");
    }

    #[test]
    fn a_local_time_that_the_clocks_show_twice_is_the_earlier() {
        assert_eq!(named("Europe/Berlin", "2026-10-25T02:30:00"), "2026-10-25T02:30:00+02:00");
        assert_eq!(named("Europe/Berlin", "2026-10-25T03:00:00"), "2026-10-25T03:00:00+01:00");
    }

    #[test]
    fn what_cannot_be_counted_is_no_moment() {
        assert_eq!(zone("America/New_York").moment(DateTime::MAX), None);
        assert_eq!(zone("Europe/Moscow").moment(DateTime::MIN), None);
    }
}
