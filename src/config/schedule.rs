//! When a delivery that failed is tried again.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::runtime::jitter;

/// The most attempts that may follow the first.
const MOST: usize = 20;
/// The longest pause, in seconds: a week.
const LONGEST_S: i64 = 7 * 86_400;

/// The pauses before the second attempt, the third, and so on, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<i64>);

impl Schedule {
    /// A schedule, or what is wrong with it.
    pub fn new(pauses_s: Vec<i64>) -> Result<Schedule, String> {
        if pauses_s.len() > MOST {
            return Err(format!("it has {} pauses: it must have at most {MOST}", pauses_s.len()));
        }
        match pauses_s.iter().find(|pause| !(0..=LONGEST_S).contains(*pause)) {
            Some(pause) => Err(format!("the pause {pause} must be from 0 to {LONGEST_S} seconds")),
            None => Ok(Schedule(pauses_s)),
        }
    }

    /// The seconds to wait after the failure of `attempt` (1 is the first), or `None` to give up. Up to
    /// a tenth is added by chance, so that what failed together does not come back together.
    pub fn pause_after(&self, attempt: i64) -> Option<i64> {
        let index = usize::try_from(attempt.max(1) - 1).ok()?;
        let pause = *self.0.get(index)?;
        Some(pause + jitter::pick(0..=(pause + 9) / 10))
    }
}

/// A list, or in a variable a text like `5,300,1800`.
impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Schedule, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            List(Vec<i64>),
            One(i64),
            Text(String),
        }
        let rule = "it must be a list of whole seconds like 5,300,1800";
        let pauses = match Written::deserialize(deserializer).map_err(|_| D::Error::custom(rule))? {
            Written::List(pauses) => pauses,
            Written::One(pause) => vec![pause],
            Written::Text(text) if text.trim().is_empty() => Vec::new(),
            Written::Text(text) => {
                let pauses: Result<_, _> =
                    text.split(',').map(|pause| pause.trim().parse()).collect();
                pauses.map_err(|_| D::Error::custom(rule))?
            }
        };
        Schedule::new(pauses).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schedule_is_kept_with_up_to_a_tenth_more() {
        let published = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
        let schedule = Schedule::new(published.to_vec()).unwrap();
        for (attempt, pause) in (1..).zip(published) {
            for _ in 0..50 {
                let next = schedule.pause_after(attempt).unwrap();
                assert!((pause..=pause + (pause + 9) / 10).contains(&next), "{attempt}: {next}");
            }
        }
        assert_eq!(schedule.pause_after(10), None, "the tenth attempt was the last");
        assert_eq!(schedule.pause_after(i64::MAX), None);
    }

    #[test]
    fn what_fails_together_comes_back_apart() {
        let schedule = Schedule::new(vec![86_400]).unwrap();
        let pauses: std::collections::HashSet<_> =
            (0..50).map(|_| schedule.pause_after(1)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn a_schedule_is_a_list_or_a_text_and_has_bounds() {
        let read = serde_json::from_str::<Schedule>;
        assert_eq!(read("[5, 300]").unwrap(), Schedule(vec![5, 300]));
        assert_eq!(read("\"5, 300\"").unwrap(), Schedule(vec![5, 300]));
        assert_eq!(read("7").unwrap(), Schedule(vec![7]));
        assert_eq!(read("\"\"").unwrap(), Schedule(vec![]));
        for (wrong, message) in [
            ("[-1]", "the pause -1 must be from 0 to 604800"),
            ("\"5;6\"", "like 5,300,1800"),
            ("\"a\"", "whole seconds"),
            ("{}", "whole seconds"),
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains(message), "{wrong}: {error}");
        }
        assert!(Schedule::new(vec![0; 21]).unwrap_err().contains("at most 20"));
    }
}
