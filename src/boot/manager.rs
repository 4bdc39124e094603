//! What the service manager is told while a process runs: ready, reloading, draining, alive.
//!
//! `READY=1` comes with the first moment at which `/readyz` is 200. Until then the start is extended again and again:
//! a process that waits for its database is a start that takes long, not one that failed. `WATCHDOG=1` comes from a
//! task of the runtime, by a timer of it and through a thread that may block, and only while no background task is
//! stuck. A database or a broker that is away keeps no sign of life from coming: a restart would not bring it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::engine::app::App;
use crate::engine::health::Health;
use crate::runtime::service_manager::{self, Word, tell};

/// How often a process that starts looks whether it is ready, ...
const STARTING: Duration = Duration::from_millis(200);
/// ... and one that runs whether that has changed.
const RUNNING: Duration = Duration::from_secs(1);
/// By how much a start is extended at a time, and how often.
const EXTENDED: Duration = Duration::from_secs(30);
const EXTEND_EVERY: Duration = Duration::from_secs(3);
/// How much longer than its bound a drain may take, with what comes before and after.
const BESIDE_THE_DRAIN: Duration = Duration::from_secs(5);

/// The service manager of this process.
#[derive(Debug, Clone, Default)]
pub struct Manager(Option<Arc<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether `READY=1` was said.
    ready: AtomicBool,
    /// Whether `STOPPING=1` was said.
    stopping: AtomicBool,
}

impl Manager {
    /// The one that the environment names, if any. Without it, nobody is told anything; that is the default, too.
    pub fn of_environment() -> Manager {
        Manager(service_manager::is_there().then(Arc::default))
    }

    /// Tells how the process is, from now on, for as long as what this gives is kept.
    pub(super) fn follow(&self, app: &Arc<App>, health: &Arc<Health>) -> Option<Following> {
        let shared = Arc::clone(self.0.as_ref()?);
        let (app, health) = (Arc::clone(app), Arc::clone(health));
        let follower = Follower { shared, app, health, extended: None, status: None, stuck: None };
        Some(AbortOnDropHandle::new(tokio::spawn(follower.run())))
    }

    /// Says that the settings are being read again. A start that is not over yet stays one.
    pub async fn reloading(&self) {
        if self.is_ready() {
            tell(vec![Word::Reloading]).await;
        }
    }

    /// Says that they were.
    pub async fn reloaded(&self) {
        if self.is_ready() {
            tell(vec![Word::Ready]).await;
        }
    }

    /// Says that the process drains, within this bound.
    pub async fn stopping(&self, bound: Duration) {
        let Some(shared) = &self.0 else { return };
        shared.stopping.store(true, Ordering::Relaxed);
        let status = Word::Status("finishing what is in hand".to_owned());
        tell(vec![Word::Stopping, Word::Longer(bound + BESIDE_THE_DRAIN), status]).await;
    }

    fn is_ready(&self) -> bool {
        let is = |shared: &Arc<Shared>| {
            shared.ready.load(Ordering::Relaxed) && !shared.stopping.load(Ordering::Relaxed)
        };
        self.0.as_ref().is_some_and(is)
    }
}

/// Ends with the process.
pub(super) type Following = AbortOnDropHandle<()>;

struct Follower {
    shared: Arc<Shared>,
    app: Arc<App>,
    health: Arc<Health>,
    /// When the start was extended last.
    extended: Option<Instant>,
    /// The last one that was told.
    status: Option<String>,
    /// What was stuck when it was last looked at.
    stuck: Option<String>,
}

impl Follower {
    async fn run(mut self) {
        let watchdog = service_manager::watchdog();
        loop {
            let mut words = self.how_it_is().await;
            if watchdog.is_some() && self.lives() {
                words.push(Word::Alive);
            }
            if !words.is_empty() {
                tell(words).await;
            }
            let starting = !self.shared.ready.load(Ordering::Relaxed);
            let pause = if starting { STARTING } else { RUNNING };
            // Thrice within its time: one that comes late is not the last.
            sleep(watchdog.map_or(pause, |within| pause.min(within / 3))).await;
        }
    }

    async fn how_it_is(&mut self) -> Vec<Word> {
        let Shared { ready, stopping } = &*self.shared;
        if stopping.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let trouble = self.health.check().await.trouble();
        let mut words = Vec::new();
        if !ready.load(Ordering::Relaxed) {
            match trouble {
                // By then it may be stopping.
                None if !stopping.load(Ordering::Relaxed) => {
                    ready.store(true, Ordering::Relaxed);
                    words.push(Word::Ready);
                }
                _ if self.extended.is_none_or(|at| at.elapsed() >= EXTEND_EVERY) => {
                    self.extended = Some(Instant::now());
                    words.push(Word::Longer(EXTENDED));
                }
                _ => {}
            }
        }
        let status = trouble.map_or("ready".to_owned(), |trouble| format!("not ready: {trouble}"));
        if self.status.as_ref() != Some(&status) {
            words.push(Word::Status(status.clone()));
            self.status = Some(status);
        }
        words
    }

    /// Whether every background task gets on. One that does not is told of once.
    fn lives(&mut self) -> bool {
        let stuck = self.app.tasks.stuck();
        if let Some(what) = stuck.as_ref().filter(|_| self.stuck.is_none()) {
            tracing::error!(
                "stuck: {what}; the service manager gets no sign of life until that passes"
            );
        }
        self.stuck = stuck;
        self.stuck.is_none()
    }
}
