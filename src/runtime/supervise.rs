//! Supervision of background tasks: none of them ends unnoticed.
//!
//! A task has a name and a kind, and the kind says what its end means. [`Task::keep`] is for what must
//! run as long as the process does: whatever ends it is logged with its name, counted, and answered by a
//! new start after a pause that grows with each failure; the process is not ready meanwhile.
//! [`Task::once`] is for work that may end: its panic is logged and counted, and whoever waits for a
//! result learns that there is none.
//!
//! A task is started by a function, so it must keep outside of itself what has to outlive it.

mod life;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use self::life::Life;
use self::state::{Name, States};
use crate::runtime::jitter;
use crate::runtime::metrics::Metrics;

/// The pause before the first new start; it doubles with each failure in a row.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The background tasks of one process.
#[derive(Clone)]
pub struct Tasks {
    shared: Arc<Shared>,
}

struct Shared {
    metrics: Arc<Metrics>,
    states: Mutex<States>,
}

/// How a task returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It returned. Unless the process is stopping, it should not have.
    Returned,
    /// What it worked for is gone: it is not started again.
    Done,
    /// It cannot go on, for this reason.
    Failed(String),
}

impl From<()> for End {
    fn from((): ()) -> End {
        End::Returned
    }
}

/// A task to be started.
#[derive(Debug, Clone)]
pub struct Task {
    tasks: Tasks,
    name: Name,
    stop: Option<CancellationToken>,
    /// Within how long it always goes round, whatever it waits for.
    rhythm: Option<Duration>,
}

impl Tasks {
    /// No task yet; failures are counted in these metrics.
    pub fn new(metrics: &Arc<Metrics>) -> Tasks {
        Tasks {
            shared: Arc::new(Shared { metrics: Arc::clone(metrics), states: Mutex::default() }),
        }
    }

    /// Where failures are counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// A task of this name.
    pub fn task(&self, name: &'static str) -> Task {
        self.named(Name { name, number: None })
    }

    /// One of several tasks of this name.
    pub fn numbered(&self, name: &'static str, number: usize) -> Task {
        self.named(Name { name, number: Some(number) })
    }

    fn named(&self, name: Name) -> Task {
        Task { tasks: self.clone(), name, stop: None, rhythm: None }
    }

    /// Those that run and do not get on, each with since when: one step of it does not end, or its loop has not gone
    /// round for longer than it ever takes. No new start cures that, as it has not ended. `None`: all get on.
    pub fn stuck(&self) -> Option<String> {
        self.states().stuck()
    }

    /// What is wrong, in one line: tasks that are down, or came back a moment ago. `None`: all is well.
    pub fn trouble(&self) -> Option<String> {
        self.states().trouble(Instant::now())
    }

    /// The names of all tasks that must run, those of several with their numbers.
    pub fn names(&self) -> Vec<String> {
        self.states().names()
    }

    /// Ends a task as a fault in it would, without its doing; `false` when none of this name runs.
    pub fn abort(&self, name: &str) -> bool {
        self.states().abort(name)
    }

    fn states(&self) -> MutexGuard<'_, States> {
        // Consistent between any two statements, so a panic elsewhere does not spoil it.
        self.shared.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("names", &self.names()).finish_non_exhaustive()
    }
}

impl Task {
    /// Once this is cancelled, the task may return.
    pub fn until(self, stop: &CancellationToken) -> Task {
        Task { stop: Some(stop.clone()), ..self }
    }

    /// Its loop always goes round within so long; see [`Tasks::stuck`].
    pub fn within(self, rhythm: Duration) -> Task {
        Task { rhythm: Some(rhythm), ..self }
    }

    /// Another task that belongs to this one.
    pub fn named(&self, name: &'static str) -> Task {
        Task { name: Name { name, number: self.name.number }, rhythm: None, ..self.clone() }
    }

    /// Keeps the task running: `make` starts it, and starts it again whenever it ends. Dropping the
    /// future ends the task.
    pub async fn keep<F>(self, make: impl Fn() -> F + Send)
    where
        F: Future<Output: Into<End>> + Send + 'static,
    {
        let life = Life::new(self.rhythm);
        let watched = Arc::clone(&life);
        let start = Box::new(move || {
            let work = make();
            let work = Arc::clone(&watched).watch(async move { work.await.into() });
            crate::runtime::environment::spawn(work)
        });
        self.keep_started(life, start).await;
    }

    /// The same, compiled once for all.
    async fn keep_started(
        self,
        life: Arc<Life>,
        start: Box<dyn Fn() -> JoinHandle<End> + Send + '_>,
    ) {
        loop {
            let running = AbortOnDropHandle::new(start());
            let runs = (running.abort_handle(), Arc::clone(&life));
            self.tasks.states().record_start(self.name, runs, Instant::now());
            let ended = running.await;
            let Some(why) = self.why(ended) else {
                self.tasks.states().forget(self.name);
                return;
            };
            let failures =
                self.tasks.states().record_failure(self.name, why.word(), Instant::now());
            self.tasks.shared.metrics.background_failure(self.name.name);
            let pause = pause_after(failures);
            let (task, text) = (self.name, why.text());
            tracing::error!(
                task = %task, failures,
                "the background task {task} {text}; it is started again in about {pause:?}"
            );
            // Jitter: what failed together does not come back together.
            let pause = sleep(pause.mul_f64(jitter::pick(0.5..1.0)));
            tokio::select! {
                biased;
                () = pause => {}
                () = self.until_stopped() => {
                    self.tasks.states().forget(self.name);
                    return;
                }
            }
        }
    }

    /// Runs work that may end. A panic is logged and counted, and goes on.
    pub async fn once<T>(self, work: impl Future<Output = T>) -> T {
        let _noticed = Noticed(self);
        work.await
    }

    /// Logs and counts the failure of work that may end.
    pub fn report_failure(&self, error: JoinError) {
        if let Some(why) = self.why(Err(error)) {
            self.tasks.shared.metrics.background_failure(self.name.name);
            let (task, text) = (self.name, why.text());
            tracing::error!(task = %task, "the background task {task} {text}");
        }
    }

    /// Why it must be started again; `None` when it is over.
    fn why(&self, ended: Result<End, JoinError>) -> Option<Why> {
        let stopping = self.stop.as_ref().is_some_and(CancellationToken::is_cancelled);
        match ended {
            Ok(End::Done) => None,
            Ok(End::Returned) if stopping => None,
            Ok(End::Returned) => Some(Why::Returned),
            Ok(End::Failed(reason)) => Some(Why::Failed(reason)),
            Err(error) if error.is_panic() => Some(Why::Panicked(panic_text(error))),
            Err(_) if stopping => None,
            Err(_) => Some(Why::Aborted),
        }
    }

    async fn until_stopped(&self) {
        match &self.stop {
            Some(stop) => stop.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

/// Sees the panic of work that may end.
struct Noticed(Task);

impl Drop for Noticed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let task = self.0.name;
            self.0.tasks.shared.metrics.background_failure(task.name);
            tracing::error!(task = %task, "the background task {task} panicked");
        }
    }
}

/// Why a task has to be started again.
enum Why {
    Returned,
    Failed(String),
    Panicked(String),
    Aborted,
}

impl Why {
    /// For readiness, which anybody may read: without texts that may hold data.
    fn word(&self) -> &'static str {
        match self {
            Why::Returned | Why::Aborted => "ended",
            Why::Failed(_) => "failed",
            Why::Panicked(_) => "panicked",
        }
    }

    fn text(&self) -> String {
        match self {
            Why::Returned => "ended without being told to".into(),
            Why::Failed(reason) => format!("failed: {reason}"),
            Why::Panicked(text) => format!("panicked: {text}"),
            Why::Aborted => "was aborted".into(),
        }
    }
}

fn panic_text(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "unknown".into() };
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".into())
}

fn pause_after(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    SHORTEST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
