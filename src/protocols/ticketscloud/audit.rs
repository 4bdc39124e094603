//! ticketscloud: a ticket is held once, by an order that is alive; orders are the sums of their lines, and what was
//! sold or given back was entered once, by a task that was done.

mod promocodes;
mod refunds;

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[
    TICKETS,
    LINES,
    ORDERS,
    ENTRIES,
    MAKERS,
    EVENTS,
    promocodes::PROMOCODES,
    refunds::REFUNDS,
    refunds::TICKETS,
    refunds::SETS,
];

const TICKETS: Pass = Pass {
    checks: &[
        Check {
            name: "tc-ticket-has-one-holder",
            rule: "a ticket is held by one line of an order at most",
        },
        Check {
            name: "tc-ticket-is-of-its-holder",
            rule: "a ticket is of the order whose line holds it, and free when none does",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("ticketId", Type::Text),
        ("orderId", Type::Text),
        ("holder", Type::Text),
        ("lines", Type::Int),
    ]),
    body: "SELECT CASE WHEN h.lines > 1 THEN 'tc-ticket-has-one-holder'
                     ELSE 'tc-ticket-is-of-its-holder' END AS broken,
           t.object_id, t.ticket_id, t.order_id, h.order_id AS holder, coalesce(h.lines, 0) AS lines
         FROM tc_tickets t
         LEFT JOIN (SELECT l.object_id, l.ticket_id, min(l.order_id) AS order_id, count(*) AS lines
                    FROM tc_lines l WHERE {of l.object_id} AND l.held
                    GROUP BY l.object_id, l.ticket_id) AS h
           ON h.object_id = t.object_id AND h.ticket_id = t.ticket_id
         WHERE {of t.object_id}
           AND (h.lines > 1 OR coalesce(t.order_id, '') <> coalesce(h.order_id, ''))",
};

const LINES: Pass = Pass {
    checks: &[
        Check { name: "tc-line-has-its-order", rule: "a line is of an order that there is" },
        Check {
            name: "tc-line-is-held-by-a-live-order",
            rule: "a line holds its ticket when its order is executed, in_progress or done and the ticket was not given back, and only then",
        },
        Check {
            name: "tc-held-ticket-is-there",
            rule: "a line that holds a ticket is of a ticket that there is",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Text),
        ("ticketId", Type::Text),
        ("held", Type::Bool),
        ("status", Type::Text),
    ]),
    body: "SELECT f.broken, f.object_id, f.order_id, f.ticket_id, f.held, f.status
         FROM (SELECT CASE
                 WHEN o.order_id IS NULL THEN 'tc-line-has-its-order'
                 WHEN l.held <> (o.status IN ('executed', 'in_progress', 'done') AND l.refunded_by IS NULL)
                   THEN 'tc-line-is-held-by-a-live-order'
                 WHEN l.held AND t.ticket_id IS NULL THEN 'tc-held-ticket-is-there' END AS broken,
                 l.object_id, l.order_id, l.ticket_id, l.held, o.status
               FROM tc_lines l
               LEFT JOIN tc_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
               LEFT JOIN tc_tickets t ON t.object_id = l.object_id AND t.ticket_id = l.ticket_id
               WHERE {of l.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

const ORDERS: Pass = Pass {
    checks: &[
        Check { name: "tc-order-has-its-event", rule: "an order is of an event that there is" },
        Check {
            name: "tc-order-status-is-known",
            rule: "an order is executed, in_progress, done, refunded, canceled or expired",
        },
        Check {
            name: "tc-order-number-is-its-own",
            rule: "an order is shown by the number that follows from its event and its number there, or by the latter",
        },
        Check {
            name: "tc-order-has-a-line",
            rule: "an order that is in_progress, done or refunded has a line",
        },
        Check {
            name: "tc-order-is-the-sum",
            rule: "an order costs what its lines do, less their discounts, with their fees",
        },
        Check {
            name: "tc-sale-is-entered",
            rule: "an order that is done or refunded was entered as sold once, for its value, any other was not",
        },
        Check {
            name: "tc-refund-is-within-the-sale",
            rule: "no more is given back of an order than it cost",
        },
        Check {
            name: "tc-refunded-order-has-no-tickets",
            rule: "an order is refunded when each of its tickets was given back, and only then",
        },
        Check {
            name: "tc-refund-is-entered",
            rule: "what was given back of an order is what was entered, and what was given back for its tickets",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Text),
        ("status", Type::Text),
        ("value", Type::Money),
        ("lines", Type::Money),
        ("sold", Type::Money),
        ("givenBack", Type::Money),
    ]),
    body: "SELECT f.broken, f.object_id, f.order_id, f.status, {kopecks f.value} AS value,
                  {kopecks f.cost} AS lines, {kopecks f.sold} AS sold, {kopecks f.given_back} AS given_back
         FROM (SELECT CASE
                 WHEN v.object_id IS NULL THEN 'tc-order-has-its-event'
                 WHEN o.status NOT IN ('executed', 'in_progress', 'done', 'refunded', 'canceled',
                                       'expired') THEN 'tc-order-status-is-known'
                 WHEN o.shown_number NOT IN (o.number, 1000000000 + o.number
                        + (o.object_id - 1000000000000000 + o.number)
                          * (o.object_id - 1000000000000000 + o.number + 1) / 2)
                   THEN 'tc-order-number-is-its-own'
                 WHEN s.order_id IS NULL AND o.status IN ('in_progress', 'done', 'refunded')
                   THEN 'tc-order-has-a-line'
                 WHEN o.nominal <> coalesce(s.nominal, 0) OR o.discount <> coalesce(s.discount, 0)
                      OR o.extra <> coalesce(s.extra, 0)
                      OR o.value <> coalesce(s.nominal + s.extra, 0) THEN 'tc-order-is-the-sum'
                 WHEN coalesce(e.sales, 0)
                        <> CASE WHEN o.status IN ('done', 'refunded') THEN 1 ELSE 0 END
                      OR e.sold <> o.value THEN 'tc-sale-is-entered'
                 WHEN o.refunded > o.value THEN 'tc-refund-is-within-the-sale'
                 WHEN o.status IN ('done', 'refunded')
                      AND (coalesce(s.left_over, 0) = 0) <> (o.status = 'refunded')
                   THEN 'tc-refunded-order-has-no-tickets'
                 WHEN o.refunded <> coalesce(e.given_back, 0) OR o.refunded <> coalesce(s.refund, 0)
                   THEN 'tc-refund-is-entered' END AS broken,
                 o.object_id, o.order_id, o.status, o.value, s.nominal + s.extra AS cost, e.sold,
                 e.given_back
               FROM tc_orders o
               LEFT JOIN tc_events v ON v.object_id = o.object_id
               LEFT JOIN (SELECT l.object_id, l.order_id, sum(l.price - l.discount) AS nominal,
                                 sum(l.discount) AS discount, sum(l.extra) AS extra, sum(l.refund) AS refund,
                                 count(CASE WHEN l.refunded_by IS NULL THEN 1 END) AS left_over
                          FROM tc_lines l WHERE {of l.object_id}
                          GROUP BY l.object_id, l.order_id) AS s
                 ON s.object_id = o.object_id AND s.order_id = o.order_id
               LEFT JOIN (SELECT x.object_id, x.order_id,
                                 count(CASE WHEN x.kind = 'sale' THEN 1 END) AS sales,
                                 sum(CASE WHEN x.kind = 'sale' THEN x.amount END) AS sold,
                                 sum(CASE WHEN x.kind = 'refund' THEN x.amount END) AS given_back
                          FROM tc_entries x WHERE {of x.object_id}
                          GROUP BY x.object_id, x.order_id) AS e
                 ON e.object_id = o.object_id AND e.order_id = o.order_id
               WHERE {of o.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

const ENTRIES: Pass = Pass {
    checks: &[
        Check { name: "tc-entry-has-its-order", rule: "an entry is of an order that there is" },
        Check {
            name: "tc-entry-has-its-task",
            rule: "an entry's task is there, unless retention has forgotten it",
        },
        Check {
            name: "tc-entry-task-is-done",
            rule: "an entry's task is of the same event, done, and was so before its deadline",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Text),
        ("taskGuid", Type::Uuid),
        ("kind", Type::Text),
        ("amount", Type::Money),
        ("outcome", Type::Text),
    ]),
    body: "SELECT f.broken, f.object_id, f.order_id, f.task_guid, f.kind, {kopecks f.amount} AS amount,
                  f.outcome
         FROM (SELECT CASE
                 WHEN o.order_id IS NULL THEN 'tc-entry-has-its-order'
                 WHEN t.task_guid IS NULL AND e.entered_at > {ago retention}
                   THEN 'tc-entry-has-its-task'
                 WHEN t.task_guid IS NOT NULL
                      AND (t.object_id <> e.object_id OR coalesce(t.outcome, '') <> 'done'
                           OR e.entered_at >= t.deadline) THEN 'tc-entry-task-is-done' END AS broken,
                 e.*, t.outcome
               FROM tc_entries e
               LEFT JOIN tc_orders o ON o.object_id = e.object_id AND o.order_id = e.order_id
               LEFT JOIN tasks t ON t.task_guid = e.task_guid
               WHERE {of e.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

// A line has no time of its own: its task is no older than the order.
const MAKERS: Pass = Pass {
    checks: &[
        Check {
            name: "tc-order-task-is-done",
            rule: "an order was made by a task that is done, unless retention has forgotten it",
        },
        Check {
            name: "tc-line-task-is-done",
            rule: "a line was reserved by a task that is done, unless retention has forgotten it",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Text),
        ("ticketId", Type::Text),
        ("taskGuid", Type::Uuid),
        ("outcome", Type::Text),
    ]),
    body: "SELECT CASE WHEN m.ticket_id IS NULL THEN 'tc-order-task-is-done'
                     ELSE 'tc-line-task-is-done' END AS broken,
           m.object_id, m.order_id, m.ticket_id, m.task_guid, t.outcome
         FROM (SELECT o.object_id, o.order_id, NULL AS ticket_id, o.task_guid, o.created_at
               FROM tc_orders o WHERE {of o.object_id}
               UNION ALL
               SELECT l.object_id, l.order_id, l.ticket_id, l.task_guid, o.created_at
               FROM tc_lines l
               JOIN tc_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
               WHERE {of l.object_id}) AS m
         LEFT JOIN tasks t ON t.task_guid = m.task_guid
         WHERE (t.task_guid IS NULL AND m.created_at > {ago retention})
            OR (t.task_guid IS NOT NULL
                AND (t.object_id <> m.object_id OR coalesce(t.outcome, '') <> 'done'
                     OR m.created_at >= t.deadline))",
};

const EVENTS: Pass = Pass {
    checks: &[Check {
        name: "tc-orders-are-numbered",
        rule: "the orders of an event are numbered from 1 to its last number, without a gap",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("eventId", Type::Text),
        ("lastNumber", Type::Int),
        ("orders", Type::Int),
        ("greatest", Type::Int),
    ]),
    body: "SELECT 'tc-orders-are-numbered' AS broken, e.object_id, e.event_id, e.last_number,
                  coalesce(s.orders, 0) AS orders, s.greatest
         FROM tc_events e
         LEFT JOIN (SELECT o.object_id, count(*) AS orders, count(DISTINCT o.number) AS numbers,
                           min(o.number) AS least, max(o.number) AS greatest
                    FROM tc_orders o WHERE {of o.object_id} GROUP BY o.object_id) AS s
           ON s.object_id = e.object_id
         WHERE {of e.object_id}
           AND (e.last_number <> coalesce(s.orders, 0) OR s.numbers <> s.orders
                OR s.greatest <> e.last_number OR s.least <> 1)",
};
