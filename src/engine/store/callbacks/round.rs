//! What a round of deliveries to one callback did: written in one transaction, so that the log, the
//! notifications and the state of the URL never disagree.

use futures_util::try_join;

use crate::callback::outcome::{DeliveryOutcome, EndpointHealth};
use crate::callback::sender::Attempt;
use crate::database::{Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::outbox::{Content, Notification, NotificationId, SubscriptionId};
use crate::engine::store::Store;

/// What a round did.
#[derive(Debug)]
pub struct Round<'a> {
    /// The callback.
    pub callback: SubscriptionId,
    /// What was posted, and what becomes of it.
    pub posted: &'a [(Notification, Attempt, DeliveryOutcome)],
    /// What was taken and not posted: due again at once, as if it had not been taken.
    pub put_back: &'a [NotificationAttempt],
    /// What becomes of the URL.
    pub health: EndpointHealth,
}

/// A notification, the how-many-th time it was taken. Who took it once more since then decides about it.
pub type NotificationAttempt = (NotificationId, i64);

static LOG: Statement = Statement::write(
    &[
        ("mailbox_id", Type::Int),
        ("delivery_id", Type::Int),
        ("attempt", Type::Int),
        ("object_id", Type::Int),
        ("subject", Type::Uuid),
        ("is_event", Type::Bool),
        ("attempted_at", Type::Time),
        ("took_ms", Type::Int),
        ("status", Type::Int),
        ("error", Type::Text),
        ("wait_s", Type::Int),
    ],
    "INSERT INTO delivery_log (mailbox_id, delivery_id, attempt, object_id, subject, is_event,
                               attempted_at, took_ms, status, error, next_at)
     SELECT mailbox_id, delivery_id, attempt, object_id, subject, is_event, attempted_at, took_ms,
            status, error, CASE WHEN wait_s IS NOT NULL THEN wsa_after(wsa_now(), wait_s) END
     FROM batch WHERE true ON CONFLICT DO NOTHING",
);

static REMOVE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int)],
    "DELETE FROM deliveries {those deliveries: mailbox_id, delivery_id}",
);

static POSTPONE: Statement = Statement::write(
    &[
        ("mailbox_id", Type::Int),
        ("delivery_id", Type::Int),
        ("attempt", Type::Int),
        ("wait_s", Type::Int),
    ],
    "UPDATE deliveries SET due_at = wsa_after(wsa_now(), b.wait_s)
     FROM batch b {these deliveries: mailbox_id, delivery_id}
       AND deliveries.attempts = b.attempt",
);

static PUT_BACK: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int), ("attempt", Type::Int)],
    "UPDATE deliveries SET due_at = wsa_now(), attempts = deliveries.attempts - 1
     FROM batch b {these deliveries: mailbox_id, delivery_id}
       AND deliveries.attempts = b.attempt",
);

// Nothing is written, nor locked, as long as a URL is well.
static HEALTH: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("well", Type::Bool), ("closed_because", Type::Text)],
    "UPDATE mailboxes
     SET failing_since = CASE WHEN (SELECT well FROM batch) THEN NULL
                              ELSE coalesce(failing_since, wsa_now()) END,
         open = (open AND (SELECT closed_because FROM batch) IS NULL),
         closed_because = coalesce((SELECT closed_because FROM batch), closed_because)
     WHERE mailbox_id = (SELECT mailbox_id FROM batch)
       AND NOT ((SELECT well FROM batch) AND failing_since IS NULL)",
);

impl Store {
    /// Writes down what a round did; returns how many notifications are due that waited for one of it.
    pub async fn write_round(&self, round: &Round<'_>) -> Result<usize, StoreError> {
        let (mut log, mut remove, mut postpone) = (Rows::new(), Rows::new(), Rows::new());
        for (notification, attempt, outcome) in round.posted {
            let NotificationId { subscription, delivery } = notification.id;
            let wait_s = match outcome {
                DeliveryOutcome::Again(wait_s) => Some(*wait_s),
                DeliveryOutcome::Delivered | DeliveryOutcome::Failed => None,
            };
            match wait_s {
                Some(wait_s) => {
                    postpone.push(row![subscription, delivery, notification.attempt, wait_s])
                }
                None => remove.push(row![subscription, delivery]),
            }
            log.push(row![
                subscription,
                delivery,
                notification.attempt,
                notification.object,
                notification.subject,
                matches!(notification.content, Content::Event { .. }),
                attempt.at,
                i64::try_from(attempt.took.as_millis()).unwrap_or(i64::MAX),
                attempt.ended.as_ref().ok().map(|status| i64::from(*status)),
                attempt.ended.as_ref().err().map(String::as_str),
                wait_s,
            ]);
        }
        let put_back = round.put_back.iter();
        let put_back =
            put_back.map(|(id, attempt)| row![id.subscription, id.delivery, *attempt]).collect();
        let because = match &round.health {
            EndpointHealth::Off(reason) => Some(reason.as_str()),
            EndpointHealth::Well | EndpointHealth::Failing => None,
        };
        let well = round.health == EndpointHealth::Well;
        let health = match round.posted.is_empty() {
            true => Rows::new(),
            false => vec![row![round.callback, well, because]],
        };
        let tx = self.db.begin().await?;
        try_join!(
            execute_some(&tx, &LOG, log),
            execute_some(&tx, &REMOVE, remove),
            execute_some(&tx, &POSTPONE, postpone),
            execute_some(&tx, &PUT_BACK, put_back),
            execute_some(&tx, &HEALTH, health),
        )?;
        tx.commit().await?;
        let left = round
            .posted
            .iter()
            .filter(|(.., outcome)| !matches!(outcome, DeliveryOutcome::Again(_)));
        self.release_next(left.map(|(notification, ..)| notification)).await
    }
}

async fn execute_some(
    tx: &Tx,
    statement: &'static Statement,
    rows: Rows,
) -> Result<(), StoreError> {
    if rows.is_empty() { Ok(()) } else { tx.execute(statement, rows).await.map(drop) }
}
