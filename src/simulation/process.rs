//! A simulated process: it can be stopped, continued, and killed at any await point.

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

/// The role of a process.
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

/// One instance of a process, from its start until it is killed, and the tasks that run in it.
pub(crate) struct ProcessInstance {
    pub name: &'static str,
    /// Distinguishes the instances of one process.
    pub number: u64,
    condition: Mutex<Condition>,
    running: Mutex<Vec<AbortHandle>>,
    pub simulation: Arc<Simulation>,
}

impl fmt::Debug for ProcessInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.number)
    }
}

impl ProcessInstance {
    pub(crate) fn new(
        simulation: &Arc<Simulation>,
        name: &'static str,
        number: u64,
    ) -> Arc<ProcessInstance> {
        Arc::new(ProcessInstance {
            name,
            number,
            condition: Mutex::new(Condition::Runs),
            running: Mutex::default(),
            simulation: Arc::clone(simulation),
        })
    }

    /// Returns at once while the process runs, after the pause when it is stopped, and never when it was killed.
    pub(crate) async fn until_running(&self) {
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

    /// Starts a task within the process.
    pub(crate) fn spawn<F>(self: &Arc<ProcessInstance>, future: F) -> JoinHandle<F::Output>
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

impl environment::Process for ProcessInstance {
    fn register(&self, task: AbortHandle) {
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

/// A process and its current or last instance.
pub(crate) struct Process {
    pub instance: Arc<ProcessInstance>,
    pub role: Role,
    /// The router that clients call while the process runs.
    pub router: Option<Router>,
    settings: &'static [Settings],
    work: Option<Work>,
    simulation: Arc<Simulation>,
}

impl Process {
    /// Starts a new process.
    pub(crate) fn start(
        simulation: &Arc<Simulation>,
        name: &'static str,
        role: Role,
        settings: &'static [Settings],
    ) -> Process {
        let mut process = Process {
            instance: ProcessInstance::new(simulation, name, 0),
            role,
            router: None,
            settings,
            work: None,
            simulation: Arc::clone(simulation),
        };
        process.restart();
        process
    }

    /// Starts a new instance; the last one must have been killed, if there was one.
    pub(crate) fn restart(&mut self) {
        let Process { simulation, role, .. } = self;
        let instance =
            ProcessInstance::new(simulation, self.instance.name, self.instance.number + 1);
        let store =
            Store::of(Db::new(SimulatedDb::new(simulation, &instance)), protocols::ALL.protocols());
        let queue = Queue::new(SimulatedQueue::new(simulation, &instance));
        let which = match self.settings.len() {
            1 => 0,
            all => simulation.dice().random_range(0..all),
        };
        if which > 0 {
            simulation.count("processes started with other settings");
        }
        let settings = self.settings[which].clone();
        let process = Arc::clone(&instance) as Arc<dyn environment::Process>;
        let (app, router) = environment::within(process, || {
            let tasks = Tasks::new(&Arc::new(Metrics::new()));
            let app = App::new(settings, tasks, store, queue);
            let router =
                (*role == Role::Api).then(|| http::protocols(&app, &protocols::ALL).unwrap());
            (app, router)
        });
        app.started.store(true, Ordering::Relaxed);
        self.work =
            Some(Work::start(&app, &instance, *role, !simulation.variant.nobody_supervises));
        self.router = router;
        simulation.note(instance.name, "started", "");
        self.instance = instance;
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.instance.kill();
        self.router = None;
        self.work = None;
        self.simulation.broker.forget_lanes_of(&self.instance);
        self.simulation.note(self.instance.name, "killed", "");
    }

    /// `kill -STOP`, and `-CONT` after a while.
    pub(crate) fn stop(&self, lasting: Duration) {
        let mut condition = lock(&self.instance.condition);
        if let Condition::Runs | Condition::StoppedUntil(_) = *condition {
            *condition = Condition::StoppedUntil(Instant::now() + lasting);
        }
        self.simulation.note(self.instance.name, "stopped", &format!("{lasting:?}"));
    }

    /// Ends a background task, as a fault in it would.
    pub(crate) fn end(&self, task: &str) {
        if let Some(work) = &self.work {
            work.end(task);
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        !matches!(*lock(&self.instance.condition), Condition::Dead)
    }
}
