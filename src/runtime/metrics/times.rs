//! Times as they are kept for quantiles: exact to two digits, and taken out whenever somebody writes them down.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest time that is told apart, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// Times by how often they were seen, in microseconds.
#[derive(Debug, Clone)]
pub struct Times(Option<Histogram<u64>>);

impl Default for Times {
    fn default() -> Times {
        // The bounds are valid: there always is one.
        Times(Histogram::new_with_bounds(1, LONGEST_US, 2).ok())
    }
}

impl Times {
    /// One more.
    pub fn record(&mut self, time: Duration) {
        if let Some(histogram) = &mut self.0 {
            histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Those of another as well.
    pub fn add(&mut self, other: Times) {
        if let (Some(histogram), Some(other)) = (&mut self.0, other.0) {
            // Both have the same bounds.
            let _ = histogram.add(other);
        }
    }

    /// The time in microseconds that this part of all was not longer than; `None`: there are none.
    pub fn quantile(&self, part: f64) -> Option<u64> {
        let histogram = self.0.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(histogram.value_at_quantile(part))
    }

    /// None of them any more.
    pub fn clear(&mut self) {
        if let Some(histogram) = &mut self.0 {
            histogram.reset();
        }
    }
}

/// Times that are recorded while others take them out.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<Times>);

impl Shared {
    pub(super) fn record(&self, time: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(time);
    }

    /// All since the last time.
    pub(super) fn take(&self) -> Times {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = held.clone();
        held.clear();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_is_counted_once_and_may_be_put_together_again() {
        let shared = Shared::default();
        assert_eq!(shared.take().quantile(0.5), None);
        (1..=99).for_each(|ms| shared.record(Duration::from_millis(ms)));
        let mut all = shared.take();
        assert_eq!(shared.take().quantile(0.5), None);
        shared.record(Duration::from_secs(9_999));
        all.add(shared.take());
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|part| all.quantile(part).unwrap());
        assert!((49_000..=51_000).contains(&p50), "{p50}");
        assert!((98_000..=100_500).contains(&p99), "{p99}");
        assert!(most >= LONGEST_US, "{most}");
        all.clear();
        assert_eq!(all.quantile(1.0), None);
    }
}
