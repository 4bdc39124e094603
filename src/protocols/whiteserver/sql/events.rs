//! Events for aggregators: kept, and put into the subscriptions of those who want them.

use crate::database::{Statement, Type, Write, row};
use crate::domain::outbox::EventType;
use crate::protocols::whiteserver::model::{OrderEvent, OrderNews};
use crate::protocols::whiteserver::wire::answer::{write_order, write_state};

static PUT_EVENTS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("event_guid", Type::Uuid),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("event_type", Type::Text),
        ("body", Type::Text),
    ],
    "INSERT INTO events (object_id, event_guid, order_guid, occurred_at, version, event_type, body)
     SELECT object_id, event_guid, order_guid, wsa_now(), version, event_type, body FROM batch",
);

// Numbered in the order in which the orders changed.
static PUT_EVENT_NOTIFICATIONS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("event_guid", Type::Uuid),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("event_type", Type::Text),
    ],
    "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, order_guid, added_at, due_at)
     SELECT m.mailbox_id, b.object_id, b.event_guid, true,
            CASE WHEN m.kind = 'callback' THEN b.order_guid END, wsa_now(), wsa_now()
     FROM batch b {all licences l: object_id}
     {all mailboxes m: aggregator_id = l.aggregator_id}
     WHERE m.open AND m.begun AND CASE WHEN b.event_type = 'OrderChanged' THEN m.events ELSE m.status_events END
     ORDER BY b.version, b.event_type
     RETURNING mailbox_id",
);

/// Keeps these events, and puts them into the subscriptions of all who may use their objects and want them; gives a row
/// for each that it puts in.
pub(super) fn put(events: Vec<OrderEvent>) -> [Write; 2] {
    let mut notifications = Vec::with_capacity(events.len());
    let mut rows = Vec::with_capacity(events.len());
    for OrderEvent { order, version, news } in events {
        let (event_type, body) = match &news {
            OrderNews::Whole(view) => (EventType::OrderChanged, write_order(view)),
            OrderNews::Status(state) => (EventType::OrderStatusChanged, write_state(state)),
        };
        let (event, word) = (uuid::Uuid::now_v7(), event_type.as_str());
        notifications.push(row![order.object, event, order.guid, version, word]);
        rows.push(row![order.object, event, order.guid, version, word, body]);
    }
    [Write::any(&PUT_EVENTS, rows), Write::with_rows(&PUT_EVENT_NOTIFICATIONS, notifications)]
}
