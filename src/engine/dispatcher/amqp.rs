//! The dispatcher to RabbitMQ: answers for results queues and for those who named a `reply_to`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};

use super::concern::Concern;
use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::outbox::{
    Content, Due, Notification, NotificationId, SubscriptionId, SubscriptionKind,
};
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::engine::traces;
use crate::queue::{Address, PublishOutcome, ReplyMessage};
use crate::runtime::metrics::Metrics;

const KINDS: [SubscriptionKind; 2] = [SubscriptionKind::Results, SubscriptionKind::Replies];
/// How many notifications of one subscription are delivered together.
const MOST: usize = 256;
/// For how long nobody else takes them: longer than the broker may take to confirm.
const LEASE_S: i64 = 30;
/// How often subscriptions are looked into without being asked to.
const LOOK: Duration = Duration::from_secs(1);
/// The least between two looks: many answers at once are one reason to look.
const PAUSE: Duration = Duration::from_millis(10);
/// How often it is seen to that the results queues are there.
const LOOK_AT_QUEUES: Duration = Duration::from_secs(5);
/// The longest that a notification is put off, in seconds.
const LONGEST_WAIT_S: i64 = 60;
/// How often a reply is tried; whoever waits for it has long left.
const MOST_REPLIES: i64 = 10;

/// Delivers until no new work is to be taken.
pub async fn run(app: Arc<App>) {
    if !app.queue.posts() {
        return;
    }
    let mut dispatcher = Dispatcher { queues_at: Instant::now(), failing: false };
    let mut announcements = app.queue.announcements();
    let mut concern = Concern::of(&KINDS);
    loop {
        let heard = async {
            loop {
                match announcements.recv().await {
                    Ok(announcement) => {
                        traces::remember(&app.tracer, &announcement);
                        if concern.is_in(&announcement.mail, &app.store).await {
                            return;
                        }
                    }
                    Err(RecvError::Lagged(_)) => return,
                    // Nobody announces any more when this process ends; then only the clock counts.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            biased;
            () = app.shutdown.no_new_work.cancelled() => return,
            () = heard => {}
            () = sleep(LOOK) => {}
        }
        let round = dispatcher.round(&app).await;
        dispatcher.log_transition(round);
        sleep(PAUSE).await;
    }
}

struct Dispatcher {
    queues_at: Instant,
    /// Whether the last round failed: an outage is one line in the log.
    failing: bool,
}

impl Dispatcher {
    async fn round(&mut self, app: &App) -> Result<(), StoreError> {
        if self.queues_at <= Instant::now() {
            self.queues_at = Instant::now() + LOOK_AT_QUEUES;
            app.queue.declare_results(&app.store.results_queues().await?).await;
        }
        // What is taken out without a connection would only have to be put back.
        while app.queue.is_connected() && !app.shutdown.no_new_work.is_cancelled() {
            let due = app.store.due_subscriptions(&KINDS).await?;
            let from: Vec<(SubscriptionId, usize)> =
                due.iter().map(|due| (due.subscription, MOST)).collect();
            let notifications = app.store.take_notifications(&from, LEASE_S).await?;
            if notifications.is_empty() {
                break;
            }
            deliver(app, &due, notifications).await?;
        }
        Ok(())
    }

    /// Logs when rounds begin to fail, and when they succeed again.
    fn log_transition(&mut self, round: Result<(), StoreError>) {
        match (&round, self.failing) {
            (Err(error), false) => {
                tracing::warn!("answers over AMQP wait: {}", chain(error));
            }
            (Ok(()), true) => tracing::info!("answers over AMQP go on"),
            _ => {}
        }
        self.failing = round.is_err();
    }
}

/// What is to be done with a notification after an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Remove,
    Postpone(i64),
}

async fn deliver(
    app: &App,
    due: &[Due],
    notifications: Vec<Notification>,
) -> Result<(), StoreError> {
    let boxes: HashMap<SubscriptionId, &Due> =
        due.iter().map(|due| (due.subscription, due)).collect();
    let (mut sent, mut replies, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for notification in notifications {
        let (id, attempt) = (notification.id, notification.attempt);
        match boxes.get(&id.subscription).and_then(|due| message(due, notification)) {
            Some(reply) => {
                replies.push(reply);
                sent.push((id, attempt));
            }
            None => removed.push(id),
        }
    }
    let spans = traces::replies(&app.tracer, &mut replies);
    let outcomes = app.queue.post(&replies).await;
    traces::replied(spans, &outcomes);
    count(&app.metrics, &replies, &outcomes);
    let mut postponed: Vec<(NotificationId, i64)> = Vec::new();
    for (((id, attempt), reply), outcome) in sent.into_iter().zip(&replies).zip(outcomes) {
        match next(&reply.to, outcome, attempt) {
            Next::Remove => removed.push(id),
            Next::Postpone(wait_s) => postponed.push((id, wait_s)),
        }
    }
    if !removed.is_empty() {
        app.store.remove_notifications(&removed).await?;
    }
    if !postponed.is_empty() {
        app.store.postpone_notifications(&postponed).await?;
    }
    Ok(())
}

/// The notification as it is sent; `None` when it is for nobody.
fn message(due: &Due, notification: Notification) -> Option<ReplyMessage> {
    let Content::Answer { task_type, answer, reply_to, correlation_id } = notification.content
    else {
        return None;
    };
    let to = match due.kind {
        SubscriptionKind::Results => Address::Results(due.name.clone()),
        _ => Address::ReplyTo(reply_to?),
    };
    Some(ReplyMessage {
        to,
        body: answer.into(),
        task: Some(TaskGuid(notification.subject)),
        task_type: Some(task_type),
        correlation_id,
        trace: None,
    })
}

fn next(to: &Address, outcome: PublishOutcome, attempt: i64) -> Next {
    match (outcome, to) {
        (PublishOutcome::Taken | PublishOutcome::Nobody, _) => Next::Remove,
        (PublishOutcome::Failed, Address::ReplyTo(_)) if attempt >= MOST_REPLIES => Next::Remove,
        (PublishOutcome::Failed, _) => {
            let doubled = 1_i64 << attempt.clamp(0, 6);
            Next::Postpone(doubled.min(LONGEST_WAIT_S))
        }
    }
}

/// Counts what became of answers.
pub(crate) fn count(metrics: &Metrics, replies: &[ReplyMessage], outcomes: &[PublishOutcome]) {
    for (reply, outcome) in replies.iter().zip(outcomes) {
        let to = match reply.to {
            Address::Results(_) => "results",
            Address::ReplyTo(_) => "reply_to",
        };
        let result = match outcome {
            PublishOutcome::Taken => "sent",
            PublishOutcome::Nobody => "nobody",
            PublishOutcome::Failed => "failed",
        };
        metrics.post(to, result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_until_the_broker_has_it_and_a_reply_not_for_ever() {
        let (results, reply) = (Address::Results("a".into()), Address::ReplyTo("q".into()));
        assert_eq!(next(&results, PublishOutcome::Taken, 1), Next::Remove);
        assert_eq!(next(&reply, PublishOutcome::Nobody, 1), Next::Remove);
        assert_eq!(next(&results, PublishOutcome::Failed, 1), Next::Postpone(2));
        assert_eq!(next(&results, PublishOutcome::Failed, 5), Next::Postpone(32));
        for attempt in [6, 63, 64, 1000, i64::MAX] {
            assert_eq!(
                next(&results, PublishOutcome::Failed, attempt),
                Next::Postpone(60),
                "{attempt}"
            );
        }
        assert_eq!(next(&reply, PublishOutcome::Failed, 9), Next::Postpone(60));
        assert_eq!(next(&reply, PublishOutcome::Failed, 10), Next::Remove);
    }
}
