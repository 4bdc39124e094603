//! What is late: overdue tasks are answered `Timeout`, open tasks that the queue may have lost, and those of an object
//! that was paused until now, are published again, what protocols have due is handed in, old answers are deleted.
//!
//! Every API and worker process runs one. They do not have to agree on anything: each statement skips
//! the rows that another holds, and names the state it expects.

mod counting;
mod forgetting;
mod resuming;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use self::counting::{Counted, Counting};
use self::resuming::Places;
use crate::database::StoreError;
use crate::database::error::chain;
use crate::database::pieces::Window;
use crate::domain::task::Outcome;
use crate::engine::app::App;
use crate::engine::health::Pulse;
use crate::engine::protocol::Engaged;
use crate::engine::store::Republish;
use crate::engine::watchdog::{Waiting, Watchdog};
use crate::queue::Message;
use crate::runtime::jitter;

/// How often old answers are looked for.
const FORGET: Duration = Duration::from_secs(60);

/// Runs until no new work is to be taken.
///
/// Whether tasks reach the lanes with these pulses is seen here as well: here both sides of the queue are known.
pub async fn run(app: Arc<App>, lanes: Vec<Arc<Pulse>>) {
    let (now, watchdog) = (Instant::now(), Watchdog::new(lanes));
    // Whoever is started again and again does not begin with what is no hurry.
    let forget_at = now + FORGET.mul_f64(jitter::pick(0.0..1.0));
    let counting = Counting::new(now);
    let places = Places::BEGIN;
    let mut sweeper = Sweeper { app, watchdog, counting, places, forget_at, failing: false };
    loop {
        let interval = Duration::from_millis(sweeper.app.settings.sweeper.interval_ms);
        // Replicas that were started together drift apart.
        let pause = interval.mul_f64(jitter::pick(0.8..1.2));
        tokio::select! {
            biased;
            () = sweeper.app.shutdown.no_new_work.cancelled() => return,
            () = sleep(pause) => {}
        }
        let swept = sweeper.sweep().await;
        sweeper.log_transition(swept);
    }
}

struct Sweeper {
    app: Arc<App>,
    watchdog: Watchdog,
    counting: Counting,
    places: Places,
    forget_at: Instant,
    /// Whether the last round failed: an outage is one line in the log, not one a round.
    failing: bool,
}

impl Sweeper {
    async fn sweep(&mut self) -> Result<(), StoreError> {
        // What keeps one of them from being done does not keep the others.
        let mut done = vec![
            self.begin_scheduled().await,
            self.go_on_with_resumed().await,
            self.go_on_with_late().await,
            self.expire().await,
            self.expire_states().await,
            self.hand_in_due().await,
        ];
        if self.counting.is_due(Instant::now()) {
            done.push(self.look_at_backlog().await);
        }
        if self.forget_at <= Instant::now() {
            self.forget_at = Instant::now() + FORGET;
            done.push(self.forget().await);
        }
        done.into_iter().collect()
    }

    /// Logs when rounds begin to fail, and when they succeed again.
    fn log_transition(&mut self, swept: Result<(), StoreError>) {
        match (&swept, self.failing) {
            (Err(error), false) => tracing::warn!(%error, "the sweeper waits: {}", chain(error)),
            (Ok(()), true) => tracing::info!("the sweeper goes on"),
            _ => {}
        }
        self.failing = swept.is_err();
    }

    async fn expire(&self) -> Result<(), StoreError> {
        let most = self.app.settings.sweeper.batch;
        loop {
            let (announcement, refused) = match self.app.store.expire(most).await {
                Ok(announcement) => (announcement, None),
                Err(error) if error.is_passing() => return Err(error),
                // One of them cannot be answered: the others are.
                Err(_) => self.app.store.expire_around(most).await?,
            };
            for key in &announcement.answered {
                self.app.metrics.record_answer(Outcome::TimedOut, None);
                tracing::info!(
                    task.guid = %key.guid, object.id = %key.object,
                    "task {} was not executed by its deadline: answered Timeout", key.guid
                );
            }
            let all = announcement.answered.len() < most;
            self.app.queue.announce(announcement).await;
            match refused {
                Some(error) => return Err(error),
                None if all => return Ok(()),
                None => {}
            }
        }
    }

    /// Ends what is past a date of its own in the tables of each protocol.
    async fn expire_states(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for protocol in self.app.store.protocols().all() {
            let expired = self.expire_states_of(protocol).await;
            outcome = outcome.and(expired);
        }
        outcome
    }

    async fn expire_states_of(&self, protocol: &dyn Engaged) -> Result<(), StoreError> {
        let (db, most) = (self.app.store.db(), self.app.settings.sweeper.batch);
        loop {
            match protocol.expire(db, most).await {
                Ok(expired) if expired < most => return Ok(()),
                Ok(_) => {}
                Err(error) if error.is_passing() => return Err(error),
                // Something cannot be ended: all else is.
                Err(_) => return protocol.expire_around(db, most).await,
            }
        }
    }

    /// Publishes scheduled tasks whose time has come, however full the queue is: none of them is in it.
    async fn begin_scheduled(&self) -> Result<(), StoreError> {
        let App { store, queue, metrics, settings, .. } = &*self.app;
        let most = settings.sweeper.batch;
        loop {
            let due = store.take_to_begin(most, settings.tasks.republish_after_s).await?;
            let (count, all) = (due.len(), due.len() < most);
            if count > 0 {
                let messages = due.into_iter().map(|due| message(due, &self.app)).collect();
                if let Err(error) = queue.publish(messages).await {
                    metrics.unpublished.inc_by(count as u64);
                    tracing::warn!(%error, "{count} scheduled tasks will be published later: {error}");
                }
            }
            if all {
                return Ok(());
            }
        }
    }

    /// Hands in what is due of each protocol. What is not accepted now is found again.
    async fn hand_in_due(&self) -> Result<(), StoreError> {
        let App { store, settings, intake, .. } = &*self.app;
        let most = settings.sweeper.batch;
        let mut outcome = Ok(());
        for protocol in store.protocols().all() {
            let due = match protocol.due(store.db(), settings, most).await {
                Ok(due) => due,
                Err(error) => {
                    outcome = outcome.and(Err(error));
                    continue;
                }
            };
            for accepted in join_all(due.into_iter().map(|task| intake.accept(task))).await {
                if let Err(error) = accepted {
                    tracing::warn!(%error, "a task that is due was not accepted: {error}");
                    break;
                }
            }
        }
        outcome
    }

    async fn look_at_backlog(&mut self) -> Result<(), StoreError> {
        let App { store, queue, metrics, load, settings, .. } = &*self.app;
        // Without a connection nothing is published, and nothing is put off either.
        let depth = queue.depth().await.ok();
        let counted = self.counting.look(store, load, depth.is_some()).await?;
        let oldest_ms = match &counted {
            Some(Counted { backlog, .. }) => {
                metrics.open.set(i64::try_from(backlog.open).unwrap_or(i64::MAX));
                let scheduled: u64 = backlog.scheduled.values().sum();
                metrics.scheduled.set(i64::try_from(scheduled).unwrap_or(i64::MAX));
                metrics.oldest_open.set(backlog.oldest_ms as f64 / 1000.0);
                backlog.oldest_ms
            }
            None => (metrics.oldest_open.get() * 1000.0) as u64,
        };
        let Some(depth) = depth else { return Ok(()) };
        metrics.queue_depth.set(i64::try_from(depth).unwrap_or(i64::MAX));
        // By then a dead worker's connection is given up, and what it had has come to another.
        let on_its_way_s =
            settings.tasks.republish_after_s.unsigned_abs() + 2 * settings.amqp.heartbeat_s;
        let overdue = oldest_ms > on_its_way_s * 1000;
        let waiting = Waiting { ready: depth > 0, overdue };
        if self.watchdog.look(waiting, Instant::now()) {
            queue.rebuild("tasks wait, and a worker that is subscribed gets none of them");
        }
        let Some(Counted { backlog, by_me: true }) = counted else { return Ok(()) };
        // What may wait in the queue does not count as lost: publishing it again would only lengthen
        // a queue that is long already.
        let waiting = depth.saturating_mul(queue.tasks_a_message());
        let lost = backlog.unpublished.saturating_sub(waiting);
        if lost > 0 { self.republish(lost).await } else { Ok(()) }
    }

    async fn republish(&self, mut lost: u64) -> Result<(), StoreError> {
        let App { store, queue, metrics, settings, .. } = &*self.app;
        let tasks = &settings.tasks;
        let (mut window, mut outcome) = (Window::new(settings.sweeper.batch), Ok(()));
        while lost > 0 {
            let taken = store.take_unpublished(
                lost.min(window.size as u64),
                window.skipped as u64,
                tasks.republish_after_s,
                tasks.republish_at_least_every_s,
            );
            let due = match taken.await {
                Ok(due) => due,
                Err(error) if error.is_passing() => return Err(error),
                // One of them cannot be taken: the others are.
                Err(error) => {
                    window.size = window.size.min(usize::try_from(lost).unwrap_or(usize::MAX));
                    window.refused();
                    outcome = Err(error);
                    continue;
                }
            };
            if due.is_empty() {
                break;
            }
            window.done();
            let count = due.len() as u64;
            match queue.publish(due.into_iter().map(|due| message(due, &self.app)).collect()).await
            {
                Ok(()) => {
                    metrics.republished.inc_by(count);
                    tracing::info!("published {count} open tasks again");
                }
                Err(error) => {
                    tracing::warn!(%error, "{count} open tasks could not be published again: {error}");
                    break;
                }
            }
            lost = lost.saturating_sub(count);
        }
        outcome
    }
}

/// Its trace goes on when this process has seen the task a while ago; the store does not know of it.
fn message(due: Republish, App { load, tracer, .. }: &App) -> Message {
    let (class, trace) = (load.class(due.key.object), tracer.recall(due.key.guid.0));
    Message {
        key: due.key,
        task_type: due.task_type,
        request: due.request.into(),
        class,
        fresh: false,
        trace,
    }
}
