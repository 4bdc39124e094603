//! A backlog: payments that are accepted while no worker runs, and how fast a worker answers them then, second by
//! second.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use indicatif::ProgressBar;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::Rate;
use super::orders::{Ground, Payable, payment};
use crate::engine::app::App;
use crate::engine::store::Registration;
use crate::runtime::metrics::Metrics;

/// How many payments are handed in at once, as by several API processes.
const AT_ONCE: usize = 2048;
/// A worker that answers nothing for so many seconds has finished, or never will.
const STILL_S: usize = 30;

/// What was seen.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Payments queued.
    pub queued: u64,
    /// How fast they were accepted.
    pub accepted_per_s: f64,
    /// How many were answered in each second from the worker's start.
    pub answered_each_s: Vec<u64>,
    /// Those that were answered in the end.
    pub answered: u64,
}

impl Seen {
    /// How fast they were answered in a part of the time from the first answer to the last: its first tenth is 0.
    pub fn answered_per_s(&self, tenth: usize) -> f64 {
        let first = self.answered_each_s.iter().position(|count| *count > 0).unwrap_or(0);
        let curve = self.answered_each_s.get(first..).unwrap_or_default();
        // The last second is not a whole one.
        let curve = curve.split_last().map_or(curve, |(_, whole)| whole);
        let (from, until) = (curve.len() * tenth / 10, curve.len() * (tenth + 1) / 10);
        let part = curve.get(from..until.max(from + 1)).unwrap_or_default();
        part.iter().sum::<u64>() as f64 / part.len().max(1) as f64
    }
}

/// Hands all of them in; nobody waits for an answer.
pub async fn queue(
    api: &Arc<App>,
    ground: &Ground,
    orders: Vec<Payable>,
    progress: &ProgressBar,
) -> anyhow::Result<Rate> {
    let (aggregator, currency) = (ground.aggregator.id, ground.currency);
    let (orders, next, started) = (Arc::new(orders), Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut queueing = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (api, orders, next) = (Arc::clone(api), Arc::clone(&orders), Arc::clone(&next));
        let progress = progress.clone();
        queueing.spawn(async move {
            while let Some(order) = orders.get(next.fetch_add(1, Ordering::Relaxed)) {
                let registration = api.intake.accept(payment(order, aggregator, currency)).await?;
                ensure!(
                    matches!(registration, Registration::Accepted(_)),
                    "order {} was not accepted: {registration:?}",
                    order.key.guid
                );
                progress.inc(1);
            }
            Ok(())
        });
    }
    while let Some(done) = queueing.join_next().await {
        done??;
    }
    Ok(Rate::since(started, orders.len() as u64))
}

/// Watches a worker until it has answered so many, by its own count.
pub async fn drain(worker: &Metrics, queued: Rate, progress: &ProgressBar) -> Seen {
    let begin = worker.answered_total();
    let mut seen = Seen {
        queued: queued.count,
        accepted_per_s: queued.per_second(),
        answered_each_s: Vec::new(),
        answered: 0,
    };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    while seen.answered < queued.count {
        seconds.tick().await;
        let answered = worker.answered_total() - begin;
        seen.answered_each_s.push(answered - seen.answered);
        progress.inc(answered - seen.answered);
        seen.answered = answered;
        let last = seen.answered_each_s.iter().rev().take(STILL_S);
        if last.len() == STILL_S && last.sum::<u64>() == 0 {
            break;
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_begins_with_the_first_answer_and_its_last_second_is_not_whole() {
        let seen = |curve: &[u64]| Seen {
            queued: 0,
            accepted_per_s: 0.0,
            answered_each_s: curve.to_vec(),
            answered: 0,
        };
        let curve: Vec<u64> =
            [0, 0].into_iter().chain((1..=20).map(|n| n * 10)).chain([3]).collect();
        assert_eq!(seen(&curve).answered_per_s(0), 15.0);
        assert_eq!(seen(&curve).answered_per_s(9), 195.0);
        assert_eq!(seen(&[7]).answered_per_s(0), 0.0);
        assert_eq!(seen(&[]).answered_per_s(9), 0.0);
    }
}
