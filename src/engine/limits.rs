//! What one caller, or one restaurant, may ask of everybody's service: requests a second, open tasks,
//! and the share of the workers that a restaurant with many open tasks gets.

mod estimate;
pub mod load;
pub mod rates;

pub use self::load::Load;
pub use self::rates::Rates;

use std::time::Duration;

use crate::domain::task::ObjectId;

/// A limit that was reached. Nothing was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// An aggregator asks faster than it may.
    #[error("you ask faster than you may: the limit is {per_s} requests a second")]
    Rate {
        /// What it may.
        per_s: u32,
        /// When its next request will be accepted.
        retry_after: Duration,
    },
    /// An object has as many open tasks as it may.
    #[error(
        "object {object} has as many open tasks as it may have, {most}: please try again when some of \
         them are answered"
    )]
    OpenTasks {
        /// The object.
        object: ObjectId,
        /// How many it may have.
        most: u64,
    },
    /// An object has as many scheduled tasks as it may.
    #[error(
        "object {object} has as many scheduled tasks as it may have, {most}: please try again when some of \
         them have begun, or cancel some"
    )]
    Scheduled {
        /// The object.
        object: ObjectId,
        /// How many it may have.
        most: u64,
    },
}

/// How soon tasks of an object that was full are likely to be answered.
const FULL: Duration = Duration::from_secs(1);

impl Exceeded {
    /// When to try again.
    pub fn retry_after(&self) -> Duration {
        match self {
            Exceeded::Rate { retry_after, .. } => *retry_after,
            Exceeded::OpenTasks { .. } | Exceeded::Scheduled { .. } => FULL,
        }
    }

    /// The same for `Retry-After`: whole seconds, at least one.
    pub fn retry_after_s(&self) -> u64 {
        let after = self.retry_after();
        (after.as_secs() + u64::from(after.subsec_nanos() > 0)).max(1)
    }

    /// Its kind, as counted in metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Exceeded::Rate { .. } => "rate",
            Exceeded::OpenTasks { .. } => "open_tasks",
            Exceeded::Scheduled { .. } => "scheduled_tasks",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_to_wait_are_whole_and_never_too_few() {
        for (ms, message) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            let retry_after = Duration::from_millis(ms);
            assert_eq!(Exceeded::Rate { per_s: 1, retry_after }.retry_after_s(), message, "{ms}");
        }
    }
}
