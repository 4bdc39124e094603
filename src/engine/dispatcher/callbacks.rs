//! Posting the notifications of callbacks, each URL by a task of its own: a receiver that is slow or away keeps
//! only its own notifications waiting.
//!
//! Notifications are taken with a lease longer than any attempt, posted, and only then removed. What is cut
//! off in between comes again when its lease ends: at least once, and the same `webhook-id` each time.

mod round;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::concern::Concern;
use crate::callback::sender::Sender;
use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::outbox::{Announcement, SubscriptionId, SubscriptionKind};
use crate::engine::app::App;
use crate::engine::traces;

const KINDS: [SubscriptionKind; 1] = [SubscriptionKind::Callback];
/// How often the store is asked what is due when nobody says so: announcements may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often at the most.
const PAUSE: Duration = Duration::from_millis(50);

/// Posts by this sender until no new work is to be taken, and then until what is in hand is posted.
pub async fn run(app: Arc<App>, sender: Sender) {
    let announcements = app.queue.announcements();
    let places = Arc::new(Semaphore::new(app.settings.callbacks.concurrency));
    let post = Arc::new(round::Post { app, sender, places });
    let mut dispatcher = Dispatcher {
        post,
        running: JoinSet::new(),
        busy: HashSet::new(),
        of: HashMap::new(),
        concern: Concern::of(&KINDS),
        missed: false,
        failing: false,
    };
    dispatcher.run(announcements).await;
}

struct Dispatcher {
    post: Arc<round::Post>,
    running: JoinSet<()>,
    /// The callbacks that a task of ours posts to, ...
    busy: HashSet<SubscriptionId>,
    /// ... by that task.
    of: HashMap<Id, SubscriptionId>,
    concern: Concern,
    /// Whether something was due for one that was busy.
    missed: bool,
    /// Whether the last look failed: an outage is one line in the log.
    failing: bool,
}

impl Dispatcher {
    async fn run(&mut self, mut announcements: Receiver<Arc<Announcement>>) {
        let stop = self.post.app.shutdown.no_new_work.clone();
        let mut looked = Instant::now();
        let mut next = looked;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = sleep_until(next) => {
                    let found = self.look().await;
                    self.log_transition(found);
                    looked = Instant::now();
                    next = looked + LOOK_AGAIN;
                }
                Some(ended) = self.running.join_next_with_id() => {
                    self.on_ended(ended);
                    if self.missed {
                        next = next.min(looked + PAUSE);
                    }
                }
                heard = announcements.recv() => match heard {
                    Ok(announcement) => {
                        let App { store, tracer, .. } = &*self.post.app;
                        traces::remember(tracer, &announcement);
                        if self.concern.is_in(&announcement.mail, store).await {
                            next = next.min(looked + PAUSE);
                        }
                    }
                    Err(RecvError::Lagged(_)) => next = next.min(looked + PAUSE),
                    // The queue is gone only when the process ends.
                    Err(RecvError::Closed) => break,
                },
            }
        }
        while self.running.join_next().await.is_some() {}
    }

    /// Sees to every callback in which something is due.
    async fn look(&mut self) -> Result<(), StoreError> {
        self.missed = false;
        for due in self.post.app.store.due_subscriptions(&KINDS).await? {
            if !self.busy.insert(due.subscription) {
                self.missed = true;
                continue;
            }
            let post = Arc::clone(&self.post);
            let task = self.running.spawn(async move { post.all(due.subscription).await });
            self.of.insert(task.id(), due.subscription);
        }
        Ok(())
    }

    /// Logs when rounds begin to fail, and when they succeed again.
    fn log_transition(&mut self, found: Result<(), StoreError>) {
        match (&found, self.failing) {
            (Err(error), false) => tracing::warn!(%error, "callbacks wait: {}", chain(error)),
            (Ok(()), true) => tracing::info!("callbacks go on"),
            _ => {}
        }
        self.failing = found.is_err();
    }

    /// Marks the callback of a task that has ended as free, also when the task panicked. What such a task had taken
    /// comes again when its lease ends.
    fn on_ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                let id = error.id();
                self.post.app.tasks.task("posts to a callback").report_failure(error);
                id
            }
        };
        if let Some(subscription) = self.of.remove(&id) {
            self.busy.remove(&subscription);
        }
    }
}
