//! Each payment is of an order, by a task that was done, in its time. Who was told no has not paid.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[TAKEN, REMOVED];

const TAKEN: Pass = Pass {
    checks: &[
        Check { name: "payment-has-its-order", rule: "a payment is of an order of its object" },
        Check {
            name: "payment-has-its-task",
            rule: "a payment's task is there, unless retention has forgotten it",
        },
        Check {
            name: "payment-task-is-of-its-object",
            rule: "a payment and its task are of the same object",
        },
        Check {
            name: "timeout-took-nothing",
            rule: "a task answered Timeout has taken no payment",
        },
        Check {
            name: "cancelled-took-nothing",
            rule: "a task that was cancelled has taken no payment",
        },
        Check {
            name: "payment-task-is-done",
            rule: "a payment's task is done: not open, refused or failed",
        },
        Check { name: "payment-task-pays", rule: "a payment's task is of a type that pays" },
        Check {
            name: "payment-is-in-time",
            rule: "a payment was taken before the deadline of its task",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("line", Type::Int),
        ("orderGuid", Type::Uuid),
        ("amount", Type::Money),
        ("taskType", Type::Text),
        ("outcome", Type::Text),
    ]),
    body: "SELECT CASE
             WHEN o.order_guid IS NULL THEN 'payment-has-its-order'
             WHEN t.task_guid IS NULL THEN 'payment-has-its-task'
             WHEN t.object_id <> p.object_id THEN 'payment-task-is-of-its-object'
             WHEN t.outcome = 'timeout' THEN 'timeout-took-nothing'
             WHEN t.outcome = 'cancelled' THEN 'cancelled-took-nothing'
             WHEN coalesce(t.outcome, '') <> 'done' THEN 'payment-task-is-done'
             WHEN t.task_type NOT IN ('PayOrder', 'AddPrepayOrder', 'CreateOrder', 'TillPayOrder')
             THEN 'payment-task-pays'
             ELSE 'payment-is-in-time' END AS broken,
           p.object_id, p.task_guid, p.line, p.order_guid, {kopecks p.amount} AS amount,
           t.task_type, t.outcome
         FROM payments p
         LEFT JOIN orders o ON o.object_id = p.object_id AND o.order_guid = p.order_guid
         LEFT JOIN tasks t ON t.task_guid = p.task_guid
         WHERE {of p.object_id}
           AND (o.order_guid IS NULL
                OR (t.task_guid IS NULL AND p.taken_at > {ago retention})
                OR (t.task_guid IS NOT NULL
                    AND (t.object_id <> p.object_id OR coalesce(t.outcome, '') <> 'done'
                         OR t.task_type NOT IN ('PayOrder', 'AddPrepayOrder', 'CreateOrder', 'TillPayOrder')
                         OR p.taken_at >= t.deadline)))",
};

const REMOVED: Pass = Pass {
    checks: &[
        Check {
            name: "removal-is-whole",
            rule: "a payment that was taken back names the task and the time, any other names neither",
        },
        Check {
            name: "removal-has-its-task",
            rule: "the task that took a payment back is there, unless retention has forgotten it",
        },
        Check {
            name: "removal-task-is-done",
            rule: "the task that took a payment back is of the same object, of a type that does, and done",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("line", Type::Int),
        ("removedBy", Type::Uuid),
        ("taskType", Type::Text),
        ("outcome", Type::Text),
    ]),
    body: "SELECT CASE
             WHEN (p.removed_by IS NULL) <> (p.removed_at IS NULL) THEN 'removal-is-whole'
             WHEN t.task_guid IS NULL THEN 'removal-has-its-task'
             ELSE 'removal-task-is-done' END AS broken,
           p.object_id, p.task_guid, p.line, p.removed_by, t.task_type, t.outcome
         FROM payments p LEFT JOIN tasks t ON t.task_guid = p.removed_by
         WHERE {of p.object_id}
           AND ((p.removed_by IS NULL) <> (p.removed_at IS NULL)
                OR (p.removed_by IS NOT NULL AND t.task_guid IS NULL
                    AND p.removed_at > {ago retention})
                OR (t.task_guid IS NOT NULL
                    AND (t.object_id <> p.object_id OR coalesce(t.outcome, '') <> 'done'
                         OR t.task_type NOT IN ('RemovePrepayOrder', 'CancelOrder', 'TillCancelOrder'))))",
};
