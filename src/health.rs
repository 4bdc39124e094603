//! Whether a process can do its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;

/// A lane that has not been seen consuming for this long is dead.
const SILENCE: Duration = Duration::from_secs(6);
/// A store that takes longer than this to answer is not reachable.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// What readiness depends on in one process.
#[derive(Debug)]
pub struct Health {
    app: Arc<App>,
    lanes: Vec<Arc<Pulse>>,
}

/// The sign of life of one lane: it is subscribed, or it just finished a batch.
#[derive(Debug)]
pub struct Pulse {
    born: Instant,
    /// Milliseconds after `born`; 0 for never.
    last_beat_ms: AtomicU64,
}

impl Pulse {
    /// A lane that has not consumed yet.
    pub fn new() -> Arc<Pulse> {
        Arc::new(Pulse { born: Instant::now(), last_beat_ms: AtomicU64::new(0) })
    }

    /// Says that the lane consumes.
    pub fn beat(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_beat_ms.store(now.max(1), Ordering::Relaxed);
    }

    /// Whether it did so lately.
    pub fn is_alive(&self) -> bool {
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
}

const OK: &str = "ok";

impl Report {
    /// Whether all parts are well.
    pub fn is_ready(&self) -> bool {
        self.store == OK && self.queue == OK && self.consuming.is_none_or(|word| word == OK)
    }

    /// `{"store":"ok",...}`
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Health {
    /// Readiness of a process with these worker lanes (none: it only accepts tasks).
    pub fn new(app: &Arc<App>, lanes: Vec<Arc<Pulse>>) -> Arc<Health> {
        Arc::new(Health { app: Arc::clone(app), lanes })
    }

    /// Looks at every part.
    pub async fn check(&self) -> Report {
        let store = match self.app.is_started() {
            true => self.store().await,
            false => "starting",
        };
        let queue = if self.app.queue.is_connected() { OK } else { "not connected" };
        let alive = self.lanes.iter().all(|lane| lane.is_alive());
        let consuming = match (self.lanes.is_empty(), alive) {
            (true, _) => None,
            (false, true) => Some(OK),
            (false, false) => Some("not consuming"),
        };
        let ending = self.app.shutdown.no_new_requests.is_cancelled();
        Report { store, queue: if ending { "ending" } else { queue }, consuming }
    }

    async fn store(&self) -> &'static str {
        match tokio::time::timeout(STORE_PATIENCE, self.app.store.ping()).await {
            Ok(Ok(())) => OK,
            Ok(Err(_)) => "not reachable",
            Err(_) => "not answering",
        }
    }
}
