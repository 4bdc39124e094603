//! Events: what is told of an order that has changed.

use futures_util::try_join;

use crate::database::{Statement, StoreError, Tx, Type, row};
use crate::domain::outbox::SubscriptionId;
use crate::engine::store::notifications::subscriptions;
use crate::protocols::whiteserver::model::OrderEvent;
use crate::protocols::whiteserver::wire::answer::write_order;

static PUT_EVENTS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("event_guid", Type::Uuid),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("body", Type::Text),
    ],
    "INSERT INTO events (object_id, event_guid, order_guid, occurred_at, version, body)
     SELECT object_id, event_guid, order_guid, wsa_now(), version, body FROM batch",
);

// Numbered in the order in which the orders changed.
static PUT_EVENT_NOTIFICATIONS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("event_guid", Type::Uuid),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
    ],
    "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, order_guid, added_at, due_at)
     SELECT m.mailbox_id, b.object_id, b.event_guid, true,
            CASE WHEN m.kind = 'callback' THEN b.order_guid END, wsa_now(), wsa_now()
     FROM batch b {all licences l: object_id}
     {all mailboxes m: aggregator_id = l.aggregator_id}
     WHERE m.open AND m.events
     ORDER BY b.version
     RETURNING mailbox_id",
);

/// Keeps these events, and puts them into the subscriptions of all who may use their objects; tells into
/// which.
pub(crate) async fn put_events(
    tx: &Tx,
    events: Vec<OrderEvent>,
) -> Result<Vec<SubscriptionId>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut notifications = Vec::with_capacity(events.len());
    let mut rows = Vec::with_capacity(events.len());
    for OrderEvent { order, version, view } in events {
        let event = uuid::Uuid::now_v7();
        notifications.push(row![order.object, event, order.guid, version]);
        rows.push(row![order.object, event, order.guid, version, write_order(&view)]);
    }
    let (_, put) = try_join!(
        tx.execute(&PUT_EVENTS, rows),
        tx.query(&PUT_EVENT_NOTIFICATIONS, notifications)
    )?;
    subscriptions(put)
}
