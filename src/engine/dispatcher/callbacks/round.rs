//! The rounds of one callback: take some notifications, post them, write down what became of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use crate::callback::outcome::{
    DeliveryOutcome, EndpointHealth, delivery_outcome, endpoint_health, is_gone,
};
use crate::callback::sender::{Attempt, Sender};
use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::outbox::{Notification, SubscriptionId};
use crate::engine::app::App;
use crate::engine::store::callbacks::Receiver;
use crate::engine::store::callbacks::round::{NotificationAttempt, Round};
use crate::engine::store::callbacks::taking::TakenOfCallback;
use crate::engine::traces;
use crate::runtime::context;
use crate::runtime::trace::Span;

/// How many notifications are taken for each that is posted at once.
const ROUND: usize = 16;
/// How long writing a round down may take, within the lease of its notifications.
const WRITING: Duration = Duration::from_secs(30);
/// How long to wait before writing it down again.
const WRITE_AGAIN: Duration = Duration::from_millis(200);

/// What posting needs; shared by the tasks of all callbacks.
pub(super) struct Post {
    pub(super) app: Arc<App>,
    pub(super) sender: Sender,
    /// As many as may be posted at once.
    pub(super) places: Arc<Semaphore>,
}

/// What the posts of one round share.
struct Turn {
    receiver: Receiver,
    /// No post begins later.
    begin_until: Instant,
    /// The receiver wants nothing any more: no post begins.
    gone: AtomicBool,
}

/// What became of a notification that was taken.
enum Handled {
    Posted(Box<Notification>, Attempt),
    /// Its turn did not come.
    Left(NotificationAttempt),
}

impl Post {
    /// Posts until nothing is due for this callback, or no new work is to be taken.
    pub(super) async fn all(&self, callback: SubscriptionId) {
        loop {
            match self.round(callback).await {
                Ok(true) if !self.stopping() => {}
                Ok(_) => return,
                Err(error) => {
                    // Its notifications come again when their lease ends.
                    tracing::warn!(
                        %error, callback = callback.0,
                        "callback {}: a round was not finished: {}", callback.0, chain(&error)
                    );
                    return;
                }
            }
        }
    }

    fn stopping(&self) -> bool {
        self.app.shutdown.no_new_work.is_cancelled()
    }

    /// Runs one round; returns whether more may be due.
    async fn round(&self, callback: SubscriptionId) -> Result<bool, StoreError> {
        let settings = &self.app.settings.callbacks;
        // Read anew each time: a new secret counts from the next round on.
        let mut receivers = self.app.store.receivers(&[callback]).await?;
        let Some(receiver) = receivers.remove(&callback) else { return Ok(false) };
        // One that fails gets one at a time, so that those that fail do not take the places of those
        // that are well.
        let (at_once, most) = match receiver.failing_s {
            Some(_) => (1, 1),
            None => (settings.concurrency_per_url, settings.concurrency_per_url * ROUND),
        };
        // An attempt begins within twice its time, so it ends within three times.
        let timeout = Duration::from_millis(settings.timeout_ms);
        let lease = 3 * timeout + WRITING;
        let lease_s = i64::try_from(lease.as_secs() + 1).unwrap_or(i64::MAX);
        let begin_until = Instant::now() + 2 * timeout;
        let turn = Turn { receiver, begin_until, gone: AtomicBool::new(false) };
        let TakenOfCallback { notifications, more } =
            self.app.store.take_of_callback(callback, most, lease_s).await?;
        let handled: Vec<Handled> = stream::iter(notifications)
            .map(|notification| self.handle(&turn, notification))
            .buffer_unordered(at_once)
            .collect()
            .await;
        if handled.is_empty() {
            return Ok(more);
        }
        let (mut posted, mut put_back) = (Vec::new(), Vec::new());
        for handled in handled {
            match handled {
                Handled::Posted(notification, attempt) => {
                    let outcome = delivery_outcome(
                        &attempt.ended,
                        notification.attempt,
                        &settings.retry_after_s,
                    );
                    let span = self.app.tracer.recall(notification.subject);
                    context::said_below(span, || {
                        self.record_attempt(&notification, &attempt, outcome);
                    });
                    posted.push((*notification, attempt, outcome));
                }
                Handled::Left(notification) => put_back.push(notification),
            }
        }
        let ended = posted.iter().map(|(_, attempt, _)| &attempt.ended);
        let health = endpoint_health(ended, turn.receiver.failing_s, settings.failing_days);
        let is_off = self.record_health(callback, &health);
        let round = Round { callback, posted: &posted, put_back: &put_back, health };
        let released = self.write(&round).await?;
        Ok(!is_off && (more || released > 0 || !put_back.is_empty()))
    }

    async fn handle(&self, turn: &Turn, notification: Notification) -> Handled {
        let place = timeout_at(turn.begin_until, self.places.acquire()).await;
        let over = self.stopping()
            || turn.gone.load(Ordering::Relaxed)
            || Instant::now() >= turn.begin_until;
        let (Ok(Ok(_place)), false) = (place, over) else {
            return Handled::Left((notification.id, notification.attempt));
        };
        let body = self.app.store.protocols().notification(&notification);
        let Receiver { url, secrets, .. } = &turn.receiver;
        let (subject, span) =
            (notification.subject, traces::post(&self.app.tracer, &notification, url));
        let trace = span.as_ref().map(Span::context);
        let attempt = self.sender.post_below(trace, url, secrets, subject, body).await;
        if let Some(span) = span {
            traces::posted(span, &attempt);
        }
        if is_gone(&attempt.ended) {
            turn.gone.store(true, Ordering::Relaxed);
        }
        Handled::Posted(Box::new(notification), attempt)
    }

    /// Writes down what a round did. Trying again is cheap; posting again is not.
    async fn write(&self, round: &Round<'_>) -> Result<usize, StoreError> {
        let until = Instant::now() + WRITING;
        loop {
            match self.app.store.write_round(round).await {
                Err(error) if error.is_passing() && Instant::now() < until => {
                    sleep(WRITE_AGAIN).await;
                }
                written => return written,
            }
        }
    }

    /// Counts and logs an attempt.
    fn record_attempt(
        &self,
        notification: &Notification,
        attempt: &Attempt,
        outcome: DeliveryOutcome,
    ) {
        self.app.metrics.callback_attempt(outcome.as_str());
        let (callback, subject) = (notification.id.subscription.0, notification.subject);
        let ended = match &attempt.ended {
            Ok(status) => format!("status {status}"),
            Err(error) => error.clone(),
        };
        tracing::debug!(
            callback, subject = %subject, object.id = %notification.object, attempt = notification.attempt,
            "callback {callback}: {subject} was posted, attempt {}: {ended}", notification.attempt
        );
        if outcome == DeliveryOutcome::Failed {
            tracing::warn!(
                callback, subject = %subject, object.id = %notification.object,
                "callback {callback}: {subject} is given up after {} attempts: {ended}",
                notification.attempt
            );
        }
    }

    /// Counts and logs a callback that is switched off; returns whether it is.
    fn record_health(&self, callback: SubscriptionId, health: &EndpointHealth) -> bool {
        let EndpointHealth::Off(reason) = health else { return false };
        self.app.metrics.callbacks_closed.inc();
        let callback = callback.0;
        tracing::warn!(callback, "callback {callback} is switched off: {reason}");
        true
    }
}
