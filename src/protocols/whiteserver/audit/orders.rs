//! Orders hold what was paid, and no more than they cost.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[BOOKS, CREATED];

const BOOKS: Pass = Pass {
    checks: &[
        Check { name: "order-status-is-known", rule: "an order is Created, Complited or Canceled" },
        Check {
            name: "order-paid-is-within-total",
            rule: "an order holds no less than nothing and no more than it costs",
        },
        Check {
            name: "order-closed-is-paid",
            rule: "a closed order (Complited) is paid to the kopeck",
        },
        Check { name: "order-canceled-holds-nothing", rule: "a cancelled order holds no money" },
        Check {
            name: "order-closed-has-its-time",
            rule: "an order has a time of closing if and only if it is not open",
        },
        Check {
            name: "order-paid-is-the-sum",
            rule: "an order holds the sum of its payments that were not taken back",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderGuid", Type::Uuid),
        ("status", Type::Text),
        ("total", Type::Money),
        ("paid", Type::Money),
        ("payments", Type::Money),
    ]),
    body: "SELECT CASE
             WHEN o.status NOT IN ('Created', 'Complited', 'Canceled') THEN 'order-status-is-known'
             WHEN o.paid < 0 OR o.paid > o.total THEN 'order-paid-is-within-total'
             WHEN o.status = 'Complited' AND o.paid <> o.total THEN 'order-closed-is-paid'
             WHEN o.status = 'Canceled' AND o.paid <> 0 THEN 'order-canceled-holds-nothing'
             WHEN o.paid <> coalesce(s.amount, 0) THEN 'order-paid-is-the-sum'
             ELSE 'order-closed-has-its-time' END AS broken,
           o.object_id, o.order_guid, o.status, {kopecks o.total} AS total, {kopecks o.paid} AS paid,
           {kopecks coalesce(s.amount, 0)} AS payments
         FROM orders o
         LEFT JOIN (SELECT p.object_id, p.order_guid, sum(p.amount + p.written_off) AS amount
                    FROM payments p WHERE {of p.object_id} AND p.removed_by IS NULL
                    GROUP BY p.object_id, p.order_guid) AS s
           ON s.object_id = o.object_id AND s.order_guid = o.order_guid
         WHERE {of o.object_id}
           AND (o.status NOT IN ('Created', 'Complited', 'Canceled')
                OR o.paid < 0 OR o.paid > o.total
                OR (o.status = 'Complited' AND o.paid <> o.total)
                OR (o.status = 'Canceled' AND o.paid <> 0)
                OR o.paid <> coalesce(s.amount, 0)
                OR (o.status = 'Created') <> (o.closed_at IS NULL))",
};

// An order takes the guid of the task that created it; an order that was loaded has no task.
const CREATED: Pass = Pass {
    checks: &[
        Check {
            name: "created-order-is-there",
            rule: "a task that opens an order and was done created one, with the guid of its task",
        },
        Check {
            name: "order-creator-is-done",
            rule: "an order with the guid of a task was created by it, and the task is done",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("taskType", Type::Text),
        ("outcome", Type::Text),
    ]),
    body:
        "SELECT 'created-order-is-there' AS broken, t.object_id, t.task_guid, t.task_type, t.outcome
         FROM tasks t
         LEFT JOIN orders o ON o.object_id = t.object_id AND o.order_guid = t.task_guid
         WHERE {of t.object_id} AND t.task_type IN ('CreateOrder', 'TillOpenOrder') AND t.outcome = 'done'
           AND o.order_guid IS NULL
         UNION ALL
         SELECT 'order-creator-is-done', t.object_id, t.task_guid, t.task_type, t.outcome
         FROM orders o JOIN tasks t ON t.task_guid = o.order_guid
         WHERE {of o.object_id}
           AND (t.object_id <> o.object_id OR t.task_type NOT IN ('CreateOrder', 'TillOpenOrder')
                OR coalesce(t.outcome, '') <> 'done')",
};
