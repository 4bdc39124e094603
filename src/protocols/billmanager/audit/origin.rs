//! Where the rows of a cart come from: each was made by a task that is done, and has a number of its own.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const MAKERS: Pass = Pass {
    checks: &[Check {
        name: "bm-maker-is-done",
        rule: "a line item, order, payment, stored method or period was made by a task that is done, unless retention has forgotten it",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("kind", Type::Text),
        ("number", Type::Int),
        ("taskGuid", Type::Uuid),
        ("outcome", Type::Text),
    ]),
    body:
        "SELECT 'bm-maker-is-done' AS broken, m.object_id, m.kind, m.number, m.task_guid, t.outcome
         FROM (SELECT object_id, 'item' AS kind, item_id AS number, task_guid, added_at AS made_at
               FROM bm_items WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'order', order_id, task_guid, created_at FROM bm_orders
               WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'payment', payment_id, task_guid, created_at FROM bm_payments
               WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'stored method', stored_id, task_guid, stored_at
               FROM bm_stored_methods WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'period', item_id, task_guid, begun_at FROM bm_periods
               WHERE {of object_id}) AS m
         LEFT JOIN tasks t ON t.task_guid = m.task_guid
         WHERE (t.task_guid IS NULL AND m.made_at > {ago retention})
            OR (t.task_guid IS NOT NULL
                AND (t.object_id <> m.object_id OR coalesce(t.outcome, '') <> 'done'
                     OR m.made_at >= t.deadline))",
};

pub(super) const NUMBERS: Pass = Pass {
    checks: &[Check {
        name: "bm-number-is-of-something",
        rule: "a number is of the line item, order or payment that its task made",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("number", Type::Int),
        ("kind", Type::Text),
        ("taskGuid", Type::Uuid),
    ]),
    body: "SELECT 'bm-number-is-of-something' AS broken, n.object_id, n.number, n.kind, n.task_guid
         FROM bm_numbers n
         LEFT JOIN bm_items i ON n.kind = 'item' AND i.object_id = n.object_id
                             AND i.item_id = n.number AND i.task_guid = n.task_guid
         LEFT JOIN bm_orders o ON n.kind = 'order' AND o.object_id = n.object_id
                              AND o.order_id = n.number AND o.task_guid = n.task_guid
         LEFT JOIN bm_payments p ON n.kind = 'payment' AND p.object_id = n.object_id
                                AND p.payment_id = n.number AND p.task_guid = n.task_guid
         WHERE {of n.object_id} AND i.item_id IS NULL AND o.order_id IS NULL
           AND p.payment_id IS NULL",
};

pub(super) const NUMBERED: Pass = Pass {
    checks: &[Check {
        name: "bm-number-is-there",
        rule: "a line item, order or payment has a number of its own",
    }],
    rows: Rows::Broken(&[("objectId", Type::Int), ("kind", Type::Text), ("number", Type::Int)]),
    body: "SELECT 'bm-number-is-there' AS broken, m.object_id, m.kind, m.number
         FROM (SELECT object_id, 'item' AS kind, item_id AS number FROM bm_items
               WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'order', order_id FROM bm_orders WHERE {of object_id}
               UNION ALL
               SELECT object_id, 'payment', payment_id FROM bm_payments WHERE {of object_id}) AS m
         LEFT JOIN bm_numbers n
           ON n.number = m.number AND n.object_id = m.object_id AND n.kind = m.kind
         WHERE n.number IS NULL",
};
