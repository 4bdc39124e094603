//! Figures of 48 hours, put together of what the processes wrote: rates, outcomes, how long answers take, what waits.
//! Nothing here reads a clock or the store.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::engine::store::samples::{Sample, Whole};

/// For how long figures are kept, in milliseconds: 48 hours.
pub(super) const KEPT_MS: i64 = 48 * 3_600_000;
/// Samples of so long ago are added up and no longer told apart by process, in milliseconds.
const SETTLED_MS: i64 = 180_000;
/// A process that wrote nothing for so long is silent, in milliseconds; or for three of its rows.
const SILENT_MS: i64 = 30_000;

/// What was counted in one interval, or in several.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sum {
    /// The time covered, in milliseconds: the longest of a process.
    pub(super) span_ms: i64,
    pub(super) accepted: i64,
    pub(super) outcomes: BTreeMap<String, i64>,
    /// The weighted mean of the processes' medians, times the answers.
    p50_weighted: i128,
    p50_of: i64,
    /// The worst of the processes'.
    pub(super) p99_us: Option<i64>,
    pub(super) queue_depth: i64,
    pub(super) whole: Option<Whole>,
}

impl Sum {
    fn add_sample(&mut self, sample: &Sample) {
        let answers: i64 = sample.outcomes.values().sum();
        self.accepted += sample.accepted;
        for (outcome, count) in &sample.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        if let Some(p50) = sample.p50_us {
            let weight = answers.max(1);
            self.p50_weighted += i128::from(p50) * i128::from(weight);
            self.p50_of += weight;
        }
        self.p99_us = self.p99_us.max(sample.p99_us);
        self.queue_depth = self.queue_depth.max(sample.queue_depth);
        self.whole = sample.whole.or(self.whole);
        self.span_ms = self.span_ms.max(sample.span_ms);
    }

    /// What was counted in a later interval as well.
    fn add(&mut self, other: &Sum) {
        self.span_ms += other.span_ms;
        self.accepted += other.accepted;
        for (outcome, count) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        self.p50_weighted += other.p50_weighted;
        self.p50_of += other.p50_of;
        self.p99_us = self.p99_us.max(other.p99_us);
        self.queue_depth = self.queue_depth.max(other.queue_depth);
        self.whole = match (self.whole, other.whole) {
            (Some(one), Some(two)) => Some(Whole {
                open: one.open.max(two.open),
                scheduled: one.scheduled.max(two.scheduled),
                oldest_ms: one.oldest_ms.max(two.oldest_ms),
                dead: one.dead.max(two.dead),
            }),
            (one, two) => two.or(one),
        };
    }

    /// The median time from acceptance to answer, in microseconds.
    pub(super) fn p50_us(&self) -> Option<i64> {
        let mean = self.p50_weighted.checked_div(i128::from(self.p50_of))?;
        i64::try_from(mean).ok()
    }

    /// How many tasks were answered with this outcome.
    pub(super) fn outcome(&self, outcome: &str) -> i64 {
        self.outcomes.get(outcome).copied().unwrap_or_default()
    }

    /// How many tasks were answered.
    pub(super) fn answered(&self) -> i64 {
        self.outcomes.values().sum()
    }

    /// So many, by the second.
    pub(super) fn rate(&self, count: i64) -> f64 {
        if self.span_ms <= 0 { 0.0 } else { count as f64 * 1000.0 / self.span_ms as f64 }
    }
}

/// How a process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Ready,
    NotReady,
    /// It wrote nothing lately and did not say that it ends.
    Silent,
    Ended,
}

/// All that is known of 48 hours.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    /// When the store was last read, by its clock.
    pub(super) now: Timestamp,
    /// By interval, in milliseconds since 1970.
    settled: BTreeMap<i64, Sum>,
    recent: BTreeMap<(Timestamp, Uuid), Sample>,
    /// The newest of each process.
    processes: BTreeMap<Uuid, Sample>,
}

impl Figures {
    /// After which sample to read on: some are written a while after the interval that they are of.
    pub(super) fn read_after(&self) -> Timestamp {
        let newest = self.recent.keys().next_back().map(|(at, _)| at.as_millisecond());
        let from = newest.map_or(i64::MIN, |newest| newest - SETTLED_MS / 3);
        let oldest = self.now.as_millisecond() - KEPT_MS;
        Timestamp::from_millisecond(from.max(oldest)).unwrap_or_default()
    }

    /// Takes in what was read. Samples that are there already change nothing.
    pub(super) fn add(&mut self, samples: Vec<Sample>) {
        for sample in samples {
            let newest = self.processes.entry(sample.process).or_insert_with(|| sample.clone());
            if newest.at <= sample.at {
                *newest = sample.clone();
            }
            self.recent.insert((sample.at, sample.process), sample);
        }
    }

    /// Adds up what is settled at this time, and forgets what is too old.
    pub(super) fn settle(&mut self, now: Timestamp) {
        self.now = now;
        let now_ms = now.as_millisecond();
        let newest = self.recent.keys().next_back().map_or(now_ms, |(at, _)| at.as_millisecond());
        let until = newest.min(now_ms) - SETTLED_MS;
        while let Some(entry) = self.recent.first_entry() {
            let at = entry.key().0.as_millisecond();
            if at >= until {
                break;
            }
            let sample = entry.remove();
            self.settled.entry(at).or_default().add_sample(&sample);
        }
        self.settled = self.settled.split_off(&(now_ms - KEPT_MS));
        self.processes.retain(|_, newest| newest.at.as_millisecond() >= now_ms - KEPT_MS);
    }

    /// By interval, the oldest first, from a time on.
    fn intervals(&self, from_ms: i64) -> BTreeMap<i64, Sum> {
        let settled = self.settled.range(from_ms..).map(|(at, sum)| (*at, sum.clone()));
        let mut all: BTreeMap<i64, Sum> = settled.collect();
        for ((at, _), sample) in &self.recent {
            let at = at.as_millisecond();
            if at >= from_ms {
                all.entry(at).or_default().add_sample(sample);
            }
        }
        all
    }

    /// All that was counted in the last so many milliseconds.
    pub(super) fn last(&self, ms: i64) -> Sum {
        let mut sum = Sum::default();
        // Whole intervals: the one that is not over yet is in no row. If nobody writes any more, the clock goes on.
        let newest = self.recent.keys().next_back().map_or(i64::MIN, |(at, _)| at.as_millisecond());
        let end = newest.max(self.now.as_millisecond() - SILENT_MS);
        self.intervals(end - ms + 1).values().for_each(|interval| sum.add(interval));
        sum
    }

    /// What the newest row says of the whole store.
    pub(super) fn whole(&self) -> Option<Whole> {
        let mut recent = self.recent.iter().rev();
        recent.find_map(|((at, _), sample)| {
            let lately = self.now.as_millisecond() - at.as_millisecond() < SETTLED_MS;
            sample.whole.filter(|_| lately)
        })
    }

    /// The last so many milliseconds in steps: when each begins, and what was counted in it; `None`: nobody wrote.
    pub(super) fn steps(&self, ms: i64, step_ms: i64) -> Vec<(i64, Option<Sum>)> {
        let step_ms = step_ms.max(1);
        let last = self.now.as_millisecond().div_euclid(step_ms);
        let first = last - ms / step_ms + 1;
        let mut steps: BTreeMap<i64, Option<Sum>> =
            (first..=last).map(|step| (step, None)).collect();
        for (at, sum) in self.intervals(first * step_ms) {
            if let Some(step) = steps.get_mut(&at.div_euclid(step_ms)) {
                step.get_or_insert_default().add(&sum);
            }
        }
        steps.into_iter().map(|(step, sum)| (step * step_ms, sum)).collect()
    }

    /// The newest sample of each process and how it stands, the longest running first.
    pub(super) fn processes(&self) -> Vec<(&Sample, Standing)> {
        let mut all: Vec<_> =
            self.processes.values().map(|sample| (sample, self.standing(sample))).collect();
        all.sort_by_key(|(sample, standing)| {
            (matches!(standing, Standing::Ended | Standing::Silent), sample.since, sample.process)
        });
        all
    }

    fn standing(&self, newest: &Sample) -> Standing {
        let age_ms = self.now.as_millisecond() - newest.at.as_millisecond();
        match () {
            () if newest.ending => Standing::Ended,
            () if age_ms > SILENT_MS.max(3 * newest.span_ms) => Standing::Silent,
            () if newest.trouble.is_empty() => Standing::Ready,
            () => Standing::NotReady,
        }
    }
}

#[cfg(test)]
mod tests;
