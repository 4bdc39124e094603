//! Whether a process can do its work.

mod probe;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use self::probe::Probe;
use crate::engine::app::App;

/// A lane that has not been seen consuming for this long is dead.
const SILENCE: Duration = Duration::from_secs(6);

/// What readiness depends on in one process.
#[derive(Debug)]
pub struct Health {
    app: Arc<App>,
    lanes: Vec<Arc<Pulse>>,
    probe: Probe,
}

/// The signs of life of one lane: it is subscribed, or it just finished a batch.
#[derive(Debug)]
pub struct Pulse {
    born: Instant,
    /// Milliseconds after `born`; 0 for never.
    last_beat_ms: AtomicU64,
    /// How many batches it was given.
    received: AtomicU64,
    /// Whether it has one in hand.
    busy: AtomicBool,
    /// Whether it gets nothing although tasks wait.
    silent: AtomicBool,
}

impl Pulse {
    /// A lane that has not consumed yet.
    pub fn new() -> Arc<Pulse> {
        Arc::new(Pulse {
            born: Instant::now(),
            last_beat_ms: AtomicU64::new(0),
            received: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            silent: AtomicBool::new(false),
        })
    }

    /// Says that the lane was given a batch.
    pub fn begin(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.received.fetch_add(1, Ordering::Relaxed);
        self.set_silent(false);
    }

    /// Says that the lane has settled its batch.
    pub fn end(&self) {
        self.busy.store(false, Ordering::Relaxed);
        self.beat();
    }

    /// How many batches it was given; `None` while it has one in hand.
    pub fn waiting_after(&self) -> Option<u64> {
        let received = self.received.load(Ordering::Relaxed);
        (!self.busy.load(Ordering::Relaxed)).then_some(received)
    }

    /// Says whether the lane gets nothing although tasks wait.
    pub fn set_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// Says that the lane consumes.
    pub fn beat(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_beat_ms.store(now.max(1), Ordering::Relaxed);
    }

    /// Whether it did so lately, and gets what it should.
    pub fn is_alive(&self) -> bool {
        if self.silent.load(Ordering::Relaxed) {
            return false;
        }
        let last = Duration::from_millis(self.last_beat_ms.load(Ordering::Relaxed));
        last > Duration::ZERO && self.born.elapsed().saturating_sub(last) < SILENCE
    }
}

/// What `/readyz` says: a word for each part.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Readiness")]
pub struct Report {
    /// `ok`, or what is wrong.
    store: &'static str,
    /// The same.
    queue: &'static str,
    /// Only where there are workers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    consuming: Option<&'static str>,
    /// Only where there are workers and RabbitMQ: whether tasks of upstream services are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    intake: Option<&'static str>,
    /// Only when something is wrong with it: whether files and connections can be opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    files: Option<&'static str>,
    /// Only when something is wrong with them: background tasks that ended, each with how, and what is done
    /// about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    tasks: Option<String>,
}

const OK: &str = "ok";

impl Report {
    /// Whether all parts are well.
    pub fn is_ready(&self) -> bool {
        let others = [self.consuming, self.intake, self.files];
        let others = others.into_iter().flatten().all(|word| word == OK);
        self.store == OK && self.queue == OK && others && self.tasks.is_none()
    }

    /// Each part that this process has, and whether it is well.
    fn parts(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let well = |word: Option<&str>| word.map(|word| word == OK);
        let always = [
            ("store", Some(self.store == OK)),
            ("queue", Some(self.queue == OK)),
            ("files", Some(self.files.is_none())),
            ("tasks", Some(self.tasks.is_none())),
        ];
        let workers = [("consuming", well(self.consuming)), ("intake", well(self.intake))];
        always.into_iter().chain(workers).filter_map(|(part, is)| Some((part, is?)))
    }

    /// What is not ready, for people; `None` when all is.
    pub fn trouble(&self) -> Option<String> {
        let words = [
            ("store", Some(self.store)),
            ("queue", Some(self.queue)),
            ("consuming", self.consuming),
            ("intake", self.intake),
            ("files", self.files),
            ("tasks", self.tasks.as_deref()),
        ];
        let wrong = words.into_iter().filter_map(|(part, word)| {
            let word = word.filter(|word| *word != OK)?;
            Some(format!("{part}: {word}"))
        });
        let wrong: Vec<String> = wrong.collect();
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }

    /// `{"store":"ok",...}`
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Health {
    /// Readiness of a process with these worker lanes (none: it only accepts tasks).
    pub fn new(app: &Arc<App>, lanes: Vec<Arc<Pulse>>) -> Arc<Health> {
        Arc::new(Health { app: Arc::clone(app), lanes, probe: Probe::new() })
    }

    /// How many worker lanes it watches.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Keeps trying whether the store takes writes, until no new work is to be taken.
    pub async fn watch_store(self: Arc<Health>) {
        self.probe.run(&self.app).await;
    }

    /// What was counted, with what is ready now, in the OpenMetrics text format.
    pub async fn metrics(&self) -> String {
        let metrics = &self.app.metrics;
        self.check().await.parts().for_each(|(part, is)| metrics.ready(part, is));
        metrics.text()
    }

    /// Looks at every part. Costs the store and the broker nothing.
    pub async fn check(&self) -> Report {
        let store = match (self.app.is_started(), self.probe.word()) {
            (false, _) => "starting",
            (true, OK) if self.app.intake.is_refusing() => "not accepting",
            (true, word) => word,
        };
        let queue = match self.app.queue.is_connected() {
            true => self.app.queue.fault().unwrap_or(OK),
            false => "not connected",
        };
        let alive = self.lanes.iter().all(|lane| lane.is_alive());
        let consuming = match (self.lanes.is_empty(), alive) {
            (true, _) => None,
            (false, true) => Some(OK),
            (false, false) => Some("not consuming"),
        };
        let queued = &self.app.queue;
        let takes = !self.lanes.is_empty() && queued.posts();
        let intake = takes.then(|| queued.upstream_fault().unwrap_or(OK));
        // Nothing that is open already tells that nothing more can be opened.
        let files = match std::fs::File::open("/dev/null") {
            Ok(_) => None,
            Err(_) => Some("none can be opened"),
        };
        let ending = self.app.shutdown.no_new_requests.is_cancelled();
        let queue = if ending { "ending" } else { queue };
        let tasks = self.app.tasks.trouble();
        Report { store, queue, consuming, intake, files, tasks }
    }
}
