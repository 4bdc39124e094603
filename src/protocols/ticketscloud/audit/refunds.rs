//! Requests to give back tickets: each is the sum of its tickets, and was entered once if it was approved. And sets
//! know how many tickets they have.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const REFUNDS: Pass = Pass {
    checks: &[
        Check {
            name: "tc-refund-has-its-order",
            rule: "a refund request is of an order that there is",
        },
        Check {
            name: "tc-refund-is-the-sum",
            rule: "a refund request comes to what is given back for its tickets",
        },
        Check {
            name: "tc-refund-request-is-entered",
            rule: "a refund request that was approved was entered once, for its value, any other was not",
        },
        Check {
            name: "tc-refund-task-is-done",
            rule: "a refund request was made, approved and rejected by tasks that are done, unless retention has forgotten them",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("refundId", Type::Text),
        ("orderId", Type::Text),
        ("status", Type::Text),
        ("value", Type::Money),
        ("tickets", Type::Money),
        ("entered", Type::Money),
    ]),
    body: "SELECT f.broken, f.object_id, f.refund_id, f.order_id, f.status, {kopecks f.value} AS value,
                  {kopecks f.tickets} AS tickets, {kopecks f.entered} AS entered
         FROM (SELECT CASE
                 WHEN o.order_id IS NULL THEN 'tc-refund-has-its-order'
                 WHEN r.value <> coalesce(t.amount, 0) THEN 'tc-refund-is-the-sum'
                 WHEN coalesce(e.entries, 0) <> CASE WHEN r.status = 'approved' THEN 1 ELSE 0 END
                      OR e.amount <> r.value THEN 'tc-refund-request-is-entered'
                 WHEN (m.task_guid IS NULL AND r.created_at > {ago retention})
                      OR (m.task_guid IS NOT NULL
                          AND (m.object_id <> r.object_id OR coalesce(m.outcome, '') <> 'done'
                               OR r.created_at >= m.deadline))
                      OR (c.task_guid IS NULL AND r.finished_at > {ago retention})
                      OR (c.task_guid IS NOT NULL
                          AND (c.object_id <> r.object_id OR coalesce(c.outcome, '') <> 'done'
                               OR r.finished_at >= c.deadline))
                   THEN 'tc-refund-task-is-done' END AS broken,
                 r.object_id, r.refund_id, r.order_id, r.status, r.value, t.amount AS tickets,
                 e.amount AS entered
               FROM tc_refunds r
               LEFT JOIN tc_orders o ON o.object_id = r.object_id AND o.order_id = r.order_id
               LEFT JOIN (SELECT x.object_id, x.refund_id, sum(x.amount) AS amount
                          FROM tc_refund_tickets x WHERE {of x.object_id}
                          GROUP BY x.object_id, x.refund_id) AS t
                 ON t.object_id = r.object_id AND t.refund_id = r.refund_id
               LEFT JOIN (SELECT x.object_id, x.refund_id, count(*) AS entries, sum(x.amount) AS amount
                          FROM tc_entries x
                          WHERE {of x.object_id} AND x.refund_id IS NOT NULL AND x.kind = 'refund'
                          GROUP BY x.object_id, x.refund_id) AS e
                 ON e.object_id = r.object_id AND e.refund_id = r.refund_id
               LEFT JOIN tasks m ON m.task_guid = r.task_guid
               LEFT JOIN tasks c ON c.task_guid = r.closed_by
               WHERE {of r.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

pub(super) const TICKETS: Pass = Pass {
    checks: &[Check {
        name: "tc-ticket-is-given-back-once",
        rule: "a ticket of a refund request that was approved is of its order, given back by the task that approved it, for that amount",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("refundId", Type::Text),
        ("orderId", Type::Text),
        ("ticketId", Type::Text),
        ("amount", Type::Money),
    ]),
    body: "SELECT 'tc-ticket-is-given-back-once' AS broken, t.object_id, t.refund_id, t.order_id, t.ticket_id,
                  {kopecks t.amount} AS amount
         FROM tc_refund_tickets t
         LEFT JOIN tc_refunds r ON r.object_id = t.object_id AND r.refund_id = t.refund_id
         LEFT JOIN tc_lines l ON l.object_id = t.object_id AND l.order_id = t.order_id
                             AND l.ticket_id = t.ticket_id
         WHERE {of t.object_id}
           AND (r.refund_id IS NULL OR r.order_id <> t.order_id OR t.live <> (r.status <> 'rejected')
                OR (r.status = 'approved'
                    AND (l.refunded_by IS NULL OR l.refunded_by <> r.closed_by
                         OR l.refund <> t.amount)))",
};

pub(super) const SETS: Pass = Pass {
    checks: &[Check {
        name: "tc-set-amount-is-the-count",
        rule: "a set has as many tickets as it says",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("setId", Type::Text),
        ("amount", Type::Int),
        ("tickets", Type::Int),
    ]),
    body: "SELECT 'tc-set-amount-is-the-count' AS broken, s.object_id, s.set_id, s.amount,
                  coalesce(c.tickets, 0) AS tickets
         FROM tc_sets s
         LEFT JOIN (SELECT t.object_id, t.set_id, count(*) AS tickets FROM tc_tickets t
                    WHERE {of t.object_id} GROUP BY t.object_id, t.set_id) AS c
           ON c.object_id = s.object_id AND c.set_id = s.set_id
         WHERE {of s.object_id} AND s.amount <> coalesce(c.tickets, 0)",
};
