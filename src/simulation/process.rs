//! A simulated process: it can be stopped, and killed wherever it waits.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use rand::RngExt;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep_until};

use super::broker::SimulatedQueue;
use super::context::{Simulation, lock};
use super::database::SimulatedDb;
use super::work::Work;
use crate::config::Settings;
use crate::database::Db;
use crate::engine::app::App;
use crate::engine::store::Store;
use crate::http;
use crate::protocols;
use crate::queue::Queue;
use crate::runtime::environment;
use crate::runtime::jitter::{self, Dice};
use crate::runtime::metrics::Metrics;
use crate::runtime::supervise::Tasks;

thread_local! {
    /// Each run has a thread of its own.
    static CURRENT: RefCell<Option<Arc<Simulation>>> = const { RefCell::new(None) };
}

/// The simulation that runs on this thread, if there is one.
pub(crate) fn current() -> Option<Arc<Simulation>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Sets the simulation that runs on this thread; `None` ends it.
pub(crate) fn enter(simulation: Option<Arc<Simulation>>) {
    jitter::set(simulation.clone().map(|simulation| simulation as Arc<dyn Dice>));
    CURRENT.set(simulation);
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Api,
    Worker,
}

#[derive(Debug, Clone, Copy)]
enum Condition {
    Runs,
    StoppedUntil(Instant),
    Dead,
}

/// Whether a process lives, and everything that runs in it.
pub(crate) struct Life {
    pub name: &'static str,
    /// Tells the lives of one process apart.
    pub number: u64,
    condition: Mutex<Condition>,
    running: Mutex<Vec<AbortHandle>>,
    pub simulation: Arc<Simulation>,
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.number)
    }
}

impl Life {
    pub(crate) fn new(simulation: &Arc<Simulation>, name: &'static str, number: u64) -> Arc<Life> {
        Arc::new(Life {
            name,
            number,
            condition: Mutex::new(Condition::Runs),
            running: Mutex::default(),
            simulation: Arc::clone(simulation),
        })
    }

    /// Returns while the process runs: later when it is stopped, and never when it is dead.
    pub(crate) async fn alive(&self) {
        loop {
            let condition = *lock(&self.condition);
            match condition {
                Condition::Runs => return,
                Condition::StoppedUntil(until) if until <= Instant::now() => return,
                Condition::StoppedUntil(until) => sleep_until(until).await,
                Condition::Dead => std::future::pending().await,
            }
        }
    }

    /// Starts something within the process.
    pub(crate) fn spawn<F>(self: &Arc<Life>, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        environment::spawn_in(Arc::clone(self) as Arc<dyn environment::Process>, future)
    }

    fn kill(&self) {
        *lock(&self.condition) = Condition::Dead;
        for task in lock(&self.running).drain(..) {
            task.abort();
        }
    }
}

impl environment::Process for Life {
    fn started(&self, task: AbortHandle) {
        let mut running = lock(&self.running);
        if let Condition::Dead = *lock(&self.condition) {
            task.abort();
        }
        if running.len() >= 64 {
            running.retain(|task| !task.is_finished());
        }
        running.push(task);
    }

    fn watch(&self) -> Box<dyn Send> {
        Box::new(PanicWatch(Arc::clone(&self.simulation)))
    }
}

struct PanicWatch(Arc<Simulation>);

impl Drop for PanicWatch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.panicked();
        }
    }
}

/// A process, dead or alive.
pub(crate) struct Process {
    pub life: Arc<Life>,
    pub role: Role,
    /// Where clients call, while it lives.
    pub door: Option<Router>,
    settings: &'static [Settings],
    work: Option<Work>,
    simulation: Arc<Simulation>,
}

impl Process {
    /// A process that runs.
    pub(crate) fn start(
        simulation: &Arc<Simulation>,
        name: &'static str,
        role: Role,
        settings: &'static [Settings],
    ) -> Process {
        let mut process = Process {
            life: Life::new(simulation, name, 0),
            role,
            door: None,
            settings,
            work: None,
            simulation: Arc::clone(simulation),
        };
        process.restart();
        process
    }

    /// Starts it again; it must be dead, or new.
    pub(crate) fn restart(&mut self) {
        let Process { simulation, role, .. } = self;
        let life = Life::new(simulation, self.life.name, self.life.number + 1);
        let store =
            Store::of(Db::new(SimulatedDb::new(simulation, &life)), protocols::ALL.protocols());
        let queue = Queue::new(SimulatedQueue::new(simulation, &life));
        let which = match self.settings.len() {
            1 => 0,
            all => simulation.dice().random_range(0..all),
        };
        if which > 0 {
            simulation.count("processes started with other settings");
        }
        let settings = self.settings[which].clone();
        let process = Arc::clone(&life) as Arc<dyn environment::Process>;
        let (app, door) = environment::within(process, || {
            let tasks = Tasks::new(&Arc::new(Metrics::new()));
            let app = App::new(settings, tasks, store, queue);
            let door =
                (*role == Role::Api).then(|| http::protocols(&app, &protocols::ALL).unwrap());
            (app, door)
        });
        app.started.store(true, Ordering::Relaxed);
        self.work = Some(Work::start(&app, &life, *role, !simulation.variant.nobody_supervises));
        self.door = door;
        simulation.note(life.name, "started", "");
        self.life = life;
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.life.kill();
        self.door = None;
        self.work = None;
        self.simulation.broker.forget_lanes_of(&self.life);
        self.simulation.note(self.life.name, "killed", "");
    }

    /// `kill -STOP`, and `-CONT` after a while.
    pub(crate) fn stop(&self, lasting: Duration) {
        let mut condition = lock(&self.life.condition);
        if let Condition::Runs | Condition::StoppedUntil(_) = *condition {
            *condition = Condition::StoppedUntil(Instant::now() + lasting);
        }
        self.simulation.note(self.life.name, "stopped", &format!("{lasting:?}"));
    }

    /// A background task ends, as a fault in it would have it end.
    pub(crate) fn end(&self, task: &str) {
        if let Some(work) = &self.work {
            work.end(task);
        }
    }

    pub(crate) fn lives(&self) -> bool {
        !matches!(*lock(&self.life.condition), Condition::Dead)
    }
}
