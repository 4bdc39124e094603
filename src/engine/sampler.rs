//! Writes what this process counted into the store, a row every `ops.sample_ms`: from these rows the console draws its
//! figures, whichever process answers for it. A row that cannot be written hurts nothing: what it had is in the next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::task::Outcome;
use crate::engine::app::App;
use crate::engine::health::Health;
use crate::engine::store::samples::{Sample, Whole};
use crate::runtime::jitter;
use crate::runtime::metrics::times::Times;

/// How long a process that ends may take for its last row.
const LAST_ROW: Duration = Duration::from_secs(1);

/// Runs until no new work is to be taken. `role`: what the process runs.
pub async fn run(app: Arc<App>, health: Arc<Health>, role: &'static str) {
    let interval_ms = app.settings.ops.sample_ms;
    if interval_ms == 0 {
        return app.shutdown.no_new_work.cancelled().await;
    }
    let interval = Duration::from_millis(interval_ms);
    // Each process at a moment of its own within the interval.
    let place = interval.mul_f64(jitter::pick(0.1..0.6));
    let mut sampler = Sampler::new(app, health, role, interval);
    let mut pause = place;
    loop {
        tokio::select! {
            biased;
            () = sampler.app.shutdown.no_new_work.cancelled() => break,
            () = sleep(pause) => {}
        }
        let written = sampler.write(false).await;
        pause = match &written {
            Ok(now) => until_next(*now, interval, place),
            Err(_) => interval,
        };
        sampler.log_transition(written);
    }
    // Whoever looks sees that the process ended of its own accord. A store that is gone keeps nobody.
    if let Ok(written) = timeout(LAST_ROW, sampler.write(true)).await {
        sampler.log_transition(written);
    }
}

/// How long it is from `now` to its own moment in the next interval.
fn until_next(now: Timestamp, interval: Duration, place: Duration) -> Duration {
    let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let into = now.as_millisecond().rem_euclid(interval_ms).unsigned_abs();
    (interval + place).saturating_sub(Duration::from_millis(into))
}

/// The beginning of the interval that `now` is in.
fn interval_of(now: Timestamp, interval: Duration) -> Timestamp {
    let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let begin = now.as_millisecond().div_euclid(interval_ms) * interval_ms;
    Timestamp::from_millisecond(begin).unwrap_or(now)
}

struct Sampler {
    app: Arc<App>,
    health: Arc<Health>,
    interval: Duration,
    /// What is the same in each row of this process.
    constant: Sample,
    /// What was counted when the last row was written.
    accepted: u64,
    answered: BTreeMap<&'static str, u64>,
    /// What was answered since, by the time it took.
    times: Times,
    written_at: Instant,
    /// Whether the last row failed: an outage is one line in the log, not one a row.
    failing: bool,
}

impl Sampler {
    fn new(app: Arc<App>, health: Arc<Health>, role: &'static str, interval: Duration) -> Sampler {
        let now = Timestamp::now();
        let constant = Sample {
            at: now,
            process: Uuid::now_v7(),
            role: role.into(),
            host: host(),
            version: version(),
            since: now,
            lanes: i64::try_from(health.lanes()).unwrap_or(i64::MAX),
            span_ms: 0,
            ending: false,
            trouble: String::new(),
            accepted: 0,
            outcomes: BTreeMap::new(),
            p50_us: None,
            p99_us: None,
            in_flight: 0,
            queue_depth: 0,
            whole: None,
        };
        Sampler {
            app,
            health,
            interval,
            constant,
            accepted: 0,
            answered: BTreeMap::new(),
            times: Times::default(),
            written_at: Instant::now(),
            failing: false,
        }
    }

    /// Writes a row, and gives the time by the database's clock.
    async fn write(&mut self, ending: bool) -> Result<Timestamp, StoreError> {
        let now = self.app.store.clock().await?;
        let metrics = &self.app.metrics;
        self.times.add(metrics.take_times());
        let accepted = metrics.accepted.get();
        let answered = |outcome: &Outcome| (outcome.as_str(), metrics.answered(*outcome));
        let answered: BTreeMap<_, _> = Outcome::ALL.iter().map(answered).collect();
        let outcomes = answered.iter().filter_map(|(outcome, count)| {
            let new = count - self.answered.get(outcome).copied().unwrap_or(0);
            (new > 0).then(|| ((*outcome).to_owned(), int(new)))
        });
        let quantile = |part| self.times.quantile(part).map(int);
        let written = Instant::now();
        let interval = self.interval;
        // The last row of a process is of the moment at which it ends: its interval has one already.
        let at = if ending { now } else { interval_of(now, interval) };
        let sample = Sample {
            at,
            span_ms: int((written - self.written_at).as_millis()),
            ending,
            trouble: self.health.check().await.trouble().unwrap_or_default(),
            accepted: int(accepted - self.accepted),
            outcomes: outcomes.collect(),
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            in_flight: metrics.in_flight.get(),
            queue_depth: metrics.queue_depth.get(),
            whole: Some(Whole {
                open: metrics.open.get(),
                scheduled: metrics.scheduled.get(),
                oldest_ms: (metrics.oldest_open.get() * 1000.0) as i64,
                dead: 0,
            }),
            ..self.constant.clone()
        };
        if self.app.store.write_sample(&sample).await? {
            self.accepted = accepted;
            self.answered = answered;
            self.times.clear();
            self.written_at = written;
        }
        Ok(now)
    }

    /// Logs when rows begin to fail, and when they succeed again.
    fn log_transition(&mut self, written: Result<Timestamp, StoreError>) {
        match (&written, self.failing) {
            (Err(error), false) => {
                tracing::warn!(%error, "figures for the console are not written: {}", chain(error));
            }
            (Ok(_), true) => tracing::info!("figures for the console are written again"),
            _ => {}
        }
        self.failing = written.is_err();
    }
}

fn int<T>(count: T) -> i64
where
    i64: TryFrom<T>,
{
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The machine's name and the number of this process on it.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    format!("{}:{}", if name.is_empty() { "unknown" } else { name }, std::process::id())
}

/// What this process was built from.
fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    match option_env!("WSA_REVISION") {
        Some(revision) if !revision.is_empty() => format!("{version} ({revision})"),
        _ => version.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_its_own_moment_in_each_interval() {
        let interval = Duration::from_secs(10);
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(interval_of(at(123_456), interval), at(120_000));
        assert_eq!(interval_of(at(120_000), interval), at(120_000));
        let place = Duration::from_secs(2);
        // 3.456 s into an interval: 6.544 s to the next one, and two more.
        assert_eq!(until_next(at(123_456), interval, place), Duration::from_millis(8_544));
        assert_eq!(until_next(at(122_000), interval, place), interval);
    }
}
