//! What every part of a process shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::config::{Limits, Settings};
use crate::engine::answers::Answers;
use crate::engine::callers::Callers;
use crate::engine::intake::Intake;
use crate::engine::limits::{Load, Rates};
use crate::engine::listeners::Listeners;
use crate::engine::pauses::Pauses;
use crate::engine::store::Store;
use crate::queue::Queue;
use crate::runtime::metrics::Metrics;
use crate::runtime::shutdown::Shutdown;
use crate::runtime::supervise::Tasks;
use crate::runtime::trace::Tracer;

/// The parts of one process, given to everything that runs in it.
#[derive(Debug)]
pub struct App {
    /// The settings it was started with. Those of `[limits]` may have [changed](App::set_limits) since.
    pub settings: Settings,
    /// The truth.
    pub store: Arc<Store>,
    /// The transport.
    pub queue: Arc<Queue>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is traced, when anything is.
    pub tracer: Tracer,
    /// What runs in the background.
    pub tasks: Tasks,
    /// Who calls.
    pub callers: Callers,
    /// How fast they may ask.
    pub rates: Rates,
    /// How busy each object is.
    pub load: Arc<Load>,
    /// Which objects are paused.
    pub pauses: Arc<Pauses>,
    /// Where tasks are accepted.
    pub intake: Intake,
    /// Where answers are found and waited for.
    pub answers: Arc<Answers>,
    /// Where aggregators wait for notifications.
    pub listeners: Arc<Listeners>,
    /// Whether the store was found usable; until then nothing is accepted.
    pub started: AtomicBool,
    /// When to stop.
    pub shutdown: Shutdown,
}

impl App {
    /// Whether tasks can be accepted and answers given.
    pub fn is_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// From now on these limits hold.
    pub fn set_limits(&self, limits: &Limits) {
        self.rates.set(limits.into());
        self.load.set(limits.into());
    }

    /// Puts the parts together and starts what runs beside requests. Connects to nothing by itself.
    pub fn new(settings: Settings, tasks: Tasks, store: Store, queue: Queue) -> Arc<App> {
        let (store, queue) = (Arc::new(store), Arc::new(queue));
        let metrics = Arc::clone(tasks.metrics());
        let load = Load::start(&tasks, (&settings.limits).into(), &queue);
        let tracer = settings.traces().map_or_else(Tracer::default, |traces| {
            Tracer::start(traces, &tasks.task("spans"), &metrics)
        });
        let intake = Intake::start(&settings, &tasks, &store, &queue, &load, &tracer);
        let hold = Duration::from_millis(settings.tasks.hold_polls_ms);
        Arc::new(App {
            callers: Callers::start(&tasks, Arc::clone(&store)),
            answers: Answers::start(&tasks, &store, &queue, intake.expected(), hold),
            intake,
            listeners: Listeners::start(&tasks, &store, &queue),
            rates: Rates::new((&settings.limits).into()),
            load,
            pauses: Arc::default(),
            started: AtomicBool::new(false),
            shutdown: Shutdown::default(),
            settings,
            store,
            queue,
            metrics,
            tracer,
            tasks,
        })
    }
}
