//! Accepting tasks: register in the store, then publish, then tell the caller.
//!
//! Registering is what counts. A task that could not be published is accepted all the same: the sweeper
//! publishes it again, so a broker that is away stops nobody from handing in tasks.

mod crowded;
mod publishing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use self::crowded::{Asked, Standing};
use crate::config::{self, Settings};
use crate::database::StoreError;
use crate::database::error::chain;
use crate::database::pieces::in_pieces;
use crate::domain::task::{Admission, NewTask};
use crate::engine::batcher::{BatchError, Batcher, Limits, LookUpError, LookUps};
use crate::engine::expected::Expected;
use crate::engine::limits::{Exceeded, Load};
use crate::engine::store::register::RegisterDefaults;
use crate::engine::store::{Registration, Store};
use crate::engine::traces;
use crate::queue::{Class, Message, Queue};
use crate::runtime::metrics::{Metrics, Stage};
use crate::runtime::supervise::Tasks;
use crate::runtime::trace::{Span, Tracer};

/// How many accepted tasks may wait for the broker's confirms before callers wait for them as well.
const UNCONFIRMED: usize = 256;
/// How long a caller then waits; the store already has the task.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long registering is tried again when the store is lost, and the pause between attempts.
const LOST_STORE: Duration = Duration::from_secs(3);
const REGISTER_AGAIN: Duration = Duration::from_millis(200);

type Registered = Result<Registration, Arc<StoreError>>;

/// Where tasks are accepted, in batches: one kind of batch to register, another to publish, so that the
/// store and the broker work at the same time.
#[derive(Debug)]
pub struct Intake {
    registering: Batcher<NewTask, Registered>,
    publishing: Batcher<Message, ()>,
    crowded: LookUps<Asked, Standing>,
    load: Arc<Load>,
    expected: Arc<Expected>,
    metrics: Arc<Metrics>,
    tracer: Tracer,
    refusals: Arc<Refusals>,
}

/// A task that was not accepted as far as is known here.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store did not say that it took it: it may have, if it was lost at that moment.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// There was no room for it: it was not accepted.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Its object has as many open tasks as it may: it was not accepted.
    #[error(transparent)]
    Full(#[from] Exceeded),
}

impl From<LookUpError> for IntakeError {
    fn from(error: LookUpError) -> IntakeError {
        match error {
            LookUpError::Store(error) => error.into(),
            LookUpError::Batch(error) => error.into(),
        }
    }
}

impl Intake {
    /// Starts accepting.
    pub fn start(
        settings: &Settings,
        tasks: &Tasks,
        store: &Arc<Store>,
        queue: &Arc<Queue>,
        load: &Arc<Load>,
        tracer: &Tracer,
    ) -> Intake {
        let metrics = tasks.metrics();
        let config::Tasks { accept_lanes, publish_lanes, accept_batch, accept_waiting, .. } =
            settings.tasks;
        let defaults = RegisterDefaults {
            timeout_s: settings.tasks.timeout_s,
            republish_after_s: settings.tasks.republish_after_s,
            furthest_s: settings.tasks.furthest_s(),
        };
        let limits = |lanes| Limits { lanes, most: accept_batch, waiting: accept_waiting };
        let refusals = Arc::new(Refusals::default());
        let registering = {
            let (store, metrics) = (Arc::clone(store), Arc::clone(metrics));
            let (load, refusals) = (Arc::clone(load), Arc::clone(&refusals));
            let tracer = tracer.clone();
            Batcher::start(
                tasks.task("registering"),
                limits(accept_lanes),
                move |tasks: Vec<NewTask>| {
                    let (store, metrics) = (Arc::clone(&store), Arc::clone(&metrics));
                    let (load, refusals) = (Arc::clone(&load), Arc::clone(&refusals));
                    let span = traces::register(&tracer, &store, &tasks);
                    async move {
                        let _span = span;
                        let registered =
                            register_all(&store, &metrics, &load, tasks, defaults).await;
                        match registered.iter().any(Result::is_ok) {
                            true => refusals.record_taken(),
                            false => refusals.record_refused(),
                        }
                        registered
                    }
                },
            )
        };
        let (task, most) = (tasks.task("publishing"), limits(publish_lanes));
        let publishing = publishing::start(task, most, queue, metrics, tracer);
        let crowded = {
            let store = Arc::clone(store);
            Batcher::start_look_ups(tasks.task("licences"), limits(1), move |asked: Vec<Asked>| {
                let store = Arc::clone(&store);
                async move { crowded::find(&store, &asked).await }
            })
        };
        let (load, expected) = (Arc::clone(load), Arc::default());
        let metrics = Arc::clone(metrics);
        let tracer = tracer.clone();
        Intake { registering, publishing, crowded, load, expected, metrics, tracer, refusals }
    }

    /// Tasks that were accepted here a moment ago.
    pub fn expected(&self) -> &Arc<Expected> {
        &self.expected
    }

    /// Whether the store refused tasks and nothing was written since: a disk may be full where it still answers.
    pub fn is_refusing(&self) -> bool {
        self.refusals.was_refused()
    }

    /// Waits until the queue has what was accepted, for as long as the broker may take to confirm it.
    pub async fn finish_publishing(&self) {
        // What is left is published by the sweeper of whoever runs then.
        let _ = timeout(PATIENCE, self.publishing.drained()).await;
    }

    /// Something as large as a task was written.
    pub fn store_takes_writes(&self) {
        self.refusals.record_taken();
    }

    /// Accepts one task. When this returns [`Registration::Accepted`], the task is kept.
    pub async fn accept(&self, mut task: NewTask) -> Result<Registration, IntakeError> {
        let mut span = traces::accept(&self.tracer, &task);
        task.trace = span.as_ref().map(Span::context);
        // Whether its time is past already is known to the store alone: it must fit among both.
        let mut admitted = self.load.admit(task.key.object);
        if task.not_before.is_some() {
            admitted = admitted.and_then(|()| self.load.admit_scheduled(task.key.object));
        }
        if let Err(full) = admitted {
            let asked = (task.aggregator, task.key.object, task.key.guid);
            match self.crowded.look_up(asked).await? {
                // It is kept already: whoever asks again is not told that it is not.
                Some(Standing::Known) => {}
                Some(Standing::Licensed) => return Err(full.into()),
                // Who has no licence for an object does not learn how busy it is.
                None if task.admission == Admission::ByLicence => {
                    return Ok(Registration::NoLicence);
                }
                None => return Err(full.into()),
            }
        }
        let message = Message {
            key: task.key,
            task_type: task.task_type.to_owned(),
            request: Arc::clone(&task.request),
            class: Class::Ordinary,
            fresh: true,
            trace: task.trace,
        };
        let registered = self.registering.run(task).await;
        if let Some(span) = &mut span {
            let registration = registered.as_ref().ok().and_then(|r| r.as_ref().ok());
            traces::accepted(&self.tracer, span, message.key, registration.copied());
        }
        let registration = registered??;
        if matches!(registration, Registration::Accepted(accepted) if !accepted.scheduled) {
            // Not before: it could be another's that is answered. Not later: its answer could be announced.
            self.expected.expect(message.key.guid);
        }
        if registration.accepted().is_some_and(|accepted| !accepted.scheduled) {
            // Only now: it is one of the object's open tasks itself.
            let class = self.load.class(message.key.object);
            if class == Class::Bulk {
                self.metrics.bulk.inc();
            }
            let message = Message { class, ..message };
            // Neither running out of patience nor having no room is an error: the task is kept, and
            // the sweeper publishes what was not.
            let _ = timeout(PATIENCE, self.publishing.hand_in(message, UNCONFIRMED)).await;
        }
        Ok(registration)
    }
}

async fn register_all(
    store: &Store,
    metrics: &Metrics,
    load: &Load,
    tasks: Vec<NewTask>,
    defaults: RegisterDefaults,
) -> Vec<Registered> {
    let started = Instant::now();
    let mut all = Vec::with_capacity(tasks.len());
    // One that is refused does not take along those that came with it.
    let pieces = in_pieces(tasks, |piece| register(store, piece, defaults, started)).await;
    for (tasks, registered) in pieces {
        match registered {
            Ok(registered) => {
                let accepted = registered.iter().filter(|r| r.accepted().is_some()).count();
                let new = |scheduled: bool| {
                    let is = move |(task, registration): (&NewTask, &Registration)| {
                        matches!(registration, Registration::Accepted(a) if a.scheduled == scheduled)
                            .then_some(task.key)
                    };
                    tasks.iter().zip(&registered).filter_map(is)
                };
                load.record_accepted(new(false));
                load.record_scheduled(new(true));
                metrics.accepted.inc_by(accepted as u64);
                metrics.batch(Stage::Register, tasks.len(), started.elapsed());
                all.extend(registered.into_iter().map(Ok));
            }
            Err(error) => {
                tracing::warn!("{} tasks were not accepted: {}", tasks.len(), chain(&error));
                let error = Arc::new(error);
                all.extend(tasks.iter().map(|_| Err(Arc::clone(&error))));
            }
        }
    }
    all
}

/// Registers, and again when the store was lost in the middle: it may have committed, and a caller who
/// is told "not accepted" would hand the same payment in twice. Registering is idempotent by guid. All pieces of a
/// batch that began then have the same time for it.
async fn register(
    store: &Store,
    tasks: Vec<NewTask>,
    defaults: RegisterDefaults,
    began: Instant,
) -> Result<Vec<Registration>, StoreError> {
    let mut lost = false;
    loop {
        match store.register(&tasks, defaults).await {
            Err(error) if error.is_passing() && began.elapsed() < LOST_STORE => {
                lost = true;
                tokio::time::sleep(REGISTER_AGAIN).await;
            }
            // What is there by now was accepted by the attempt that was lost.
            Ok(registered) if lost => {
                return Ok(registered.into_iter().map(Registration::after_a_loss).collect());
            }
            result => return result,
        }
    }
}

/// Whether the store refused the last tasks.
#[derive(Debug, Default)]
struct Refusals(AtomicBool);

impl Refusals {
    /// Records that the store did not take tasks.
    fn record_refused(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Records that the store took tasks, or a write as large.
    fn record_taken(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether the last tasks were refused.
    fn was_refused(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
