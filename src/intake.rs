//! Accepting tasks: register in the store, then publish, then tell the caller.
//!
//! Registering is what counts. A task that could not be published is accepted all the same: the sweeper
//! publishes it again, so a broker that is away stops nobody from handing in tasks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::batcher::{BatchError, Batcher, Limits};
use crate::config::Settings;
use crate::metrics::{Metrics, Stage};
use crate::queue::{Message, Queue};
use crate::store::register::RegisterDefaults;
use crate::store::{Registration, Store, StoreError};
use crate::task::NewTask;

/// How long a caller waits for the broker's confirm; the store already has the task.
const PATIENCE: Duration = Duration::from_secs(1);

type Registered = Result<Registration, Arc<StoreError>>;

/// Where tasks are accepted, in batches.
#[derive(Debug)]
pub struct Intake {
    registering: Batcher<NewTask, Registered>,
}

/// A task that could not be accepted. It may be handed in again.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// There was no room for it.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl Intake {
    /// Starts accepting.
    pub fn start(
        settings: &Settings,
        store: &Arc<Store>,
        queue: &Arc<Queue>,
        metrics: &Arc<Metrics>,
    ) -> Intake {
        let tasks = &settings.tasks;
        let limits = Limits {
            lanes: tasks.accept_lanes,
            most: tasks.accept_batch,
            waiting: tasks.accept_waiting,
        };
        let defaults = RegisterDefaults {
            timeout_s: tasks.timeout_s,
            republish_after_s: tasks.republish_after_s,
        };
        let (store, queue, metrics) = (Arc::clone(store), Arc::clone(queue), Arc::clone(metrics));
        let registering = Batcher::start(limits, move |tasks: Vec<NewTask>| {
            let (store, queue, metrics) =
                (Arc::clone(&store), Arc::clone(&queue), Arc::clone(&metrics));
            async move {
                let started = Instant::now();
                let registered = match store.register(&tasks, defaults).await {
                    Ok(registered) => registered,
                    Err(error) => {
                        tracing::warn!(%error, "{} tasks were not accepted: {error}", tasks.len());
                        let error = Arc::new(error);
                        return tasks.iter().map(|_| Err(Arc::clone(&error))).collect();
                    }
                };
                metrics.batch(Stage::Register, tasks.len(), started.elapsed());
                let messages: Vec<Message> = tasks
                    .into_iter()
                    .zip(&registered)
                    .filter(|(_, registration)| matches!(registration, Registration::Accepted(_)))
                    .map(|(task, _)| Message {
                        key: task.key,
                        task_type: task.task_type.to_owned(),
                        request: task.request,
                    })
                    .collect();
                metrics.accepted.inc_by(messages.len() as u64);
                publish(queue, messages, metrics).await;
                registered.into_iter().map(Ok).collect()
            }
        });
        Intake { registering }
    }

    /// Accepts one task. When this returns [`Registration::Accepted`], the task is kept.
    pub async fn accept(&self, task: NewTask) -> Result<Registration, IntakeError> {
        Ok(self.registering.run(task).await??)
    }
}

/// Publishes, and waits for it no longer than [`PATIENCE`].
async fn publish(queue: Arc<Queue>, messages: Vec<Message>, metrics: Arc<Metrics>) {
    if messages.is_empty() {
        return;
    }
    let publishing = tokio::spawn(async move {
        let (count, started) = (messages.len(), Instant::now());
        match queue.publish(messages).await {
            Ok(()) => metrics.batch(Stage::Publish, count, started.elapsed()),
            Err(error) => {
                metrics.unpublished.inc_by(count as u64);
                tracing::debug!(%error, "{count} accepted tasks will be published later: {error}");
            }
        }
    });
    // Running out of patience is no error: the publishing goes on.
    let _ = tokio::time::timeout(PATIENCE, publishing).await;
}
