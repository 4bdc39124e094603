//! What a restaurant's acceptance and its till leave behind.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[ACCEPTANCE, EVENTS];

const ACCEPTANCE: Pass = Pass {
    checks: &[
        Check {
            name: "waiting-order-is-open-and-unpaid",
            rule: "an order that waits for acceptance is open, unpaid, and has a time until which it waits",
        },
        Check {
            name: "rejected-order-says-why",
            rule: "an order that the restaurant did not take is cancelled and says why, any other does not",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderGuid", Type::Uuid),
        ("status", Type::Text),
        ("acceptance", Type::Text),
        ("paid", Type::Money),
    ]),
    body: "SELECT CASE WHEN o.acceptance = 'waiting' THEN 'waiting-order-is-open-and-unpaid'
                       ELSE 'rejected-order-says-why' END AS broken,
           o.object_id, o.order_guid, o.status, o.acceptance, {kopecks o.paid} AS paid
         FROM orders o
         WHERE {of o.object_id}
           AND CASE WHEN o.acceptance = 'waiting'
                    THEN o.status <> 'Created' OR o.paid <> 0 OR o.accept_by IS NULL
                    WHEN o.acceptance = 'rejected'
                    THEN o.status <> 'Canceled' OR o.reject_code IS NULL OR o.reject_message IS NULL
                    ELSE o.reject_code IS NOT NULL OR o.reject_message IS NOT NULL END",
};

const EVENTS: Pass = Pass {
    checks: &[
        Check {
            name: "till-event-has-its-till",
            rule: "an event for a till is of an object that has one",
        },
        Check {
            name: "till-event-is-counted",
            rule: "the number of an event for a till is not beyond the last, nor acknowledged already",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("eventNumber", Type::Int),
        ("orderGuid", Type::Uuid),
        ("lastEvent", Type::Int),
        ("acknowledged", Type::Int),
    ]),
    body: "SELECT CASE WHEN t.object_id IS NULL THEN 'till-event-has-its-till'
                       ELSE 'till-event-is-counted' END AS broken,
           e.object_id, e.event_number, e.order_guid, t.last_event, t.acknowledged
         FROM till_events e LEFT JOIN tills t ON t.object_id = e.object_id
         WHERE {of e.object_id}
           AND (t.object_id IS NULL OR e.event_number > t.last_event
                OR e.event_number <= t.acknowledged)",
};
