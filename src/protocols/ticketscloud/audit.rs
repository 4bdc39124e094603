//! ticketscloud: a ticket is held once, by an order that is alive; orders are the sums of their lines, and what was
//! sold or given back was entered once, by a task that was done.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[TICKETS, LINES, ORDERS, ENTRIES, MAKERS, EVENTS, PROMOCODES];

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
            rule: "a line holds its ticket when its order is executed, in_progress or done, and only then",
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
                 WHEN l.held <> (o.status IN ('executed', 'in_progress', 'done'))
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
        Check { name: "tc-order-has-a-line", rule: "an order has a line" },
        Check {
            name: "tc-order-is-the-sum",
            rule: "an order costs what its lines do, less their discounts, with their fees",
        },
        Check {
            name: "tc-sale-is-entered",
            rule: "an order that is done or refunded was entered as sold once, for its value, any other was not",
        },
        Check {
            name: "tc-refund-is-entered",
            rule: "an order that is refunded was entered as given back once, for its value, any other was not",
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
                 WHEN s.order_id IS NULL THEN 'tc-order-has-a-line'
                 WHEN o.nominal <> s.nominal OR o.discount <> s.discount OR o.extra <> s.extra
                      OR o.value <> s.nominal + s.extra THEN 'tc-order-is-the-sum'
                 WHEN coalesce(e.sales, 0)
                        <> CASE WHEN o.status IN ('done', 'refunded') THEN 1 ELSE 0 END
                      OR e.sold <> o.value THEN 'tc-sale-is-entered'
                 WHEN coalesce(e.refunds, 0) <> CASE WHEN o.status = 'refunded' THEN 1 ELSE 0 END
                      OR e.given_back <> o.value THEN 'tc-refund-is-entered' END AS broken,
                 o.object_id, o.order_id, o.status, o.value, s.nominal + s.extra AS cost, e.sold,
                 e.given_back
               FROM tc_orders o
               LEFT JOIN tc_events v ON v.object_id = o.object_id
               LEFT JOIN (SELECT l.object_id, l.order_id, sum(l.price - l.discount) AS nominal,
                                 sum(l.discount) AS discount, sum(l.extra) AS extra
                          FROM tc_lines l WHERE {of l.object_id}
                          GROUP BY l.object_id, l.order_id) AS s
                 ON s.object_id = o.object_id AND s.order_id = o.order_id
               LEFT JOIN (SELECT x.object_id, x.order_id,
                                 count(CASE WHEN x.kind = 'sale' THEN 1 END) AS sales,
                                 sum(CASE WHEN x.kind = 'sale' THEN x.amount END) AS sold,
                                 count(CASE WHEN x.kind = 'refund' THEN 1 END) AS refunds,
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

const PROMOCODES: Pass = Pass {
    checks: &[
        Check {
            name: "tc-promocode-is-within-its-uses",
            rule: "a promo code is used no more often than it may be",
        },
        Check {
            name: "tc-promocode-used-is-the-count",
            rule: "a promo code is used as often as executed, in_progress and done orders have it",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("promocodeId", Type::Text),
        ("uses", Type::Int),
        ("used", Type::Int),
        ("orders", Type::Int),
    ]),
    body: "SELECT CASE WHEN p.used > p.uses THEN 'tc-promocode-is-within-its-uses'
                     ELSE 'tc-promocode-used-is-the-count' END AS broken,
           p.object_id, p.promocode_id, p.uses, p.used, coalesce(s.orders, 0) AS orders
         FROM tc_promocodes p
         LEFT JOIN (SELECT x.object_id, x.promocode_id, count(*) AS orders
                    FROM tc_order_promocodes x
                    JOIN tc_orders o ON o.object_id = x.object_id AND o.order_id = x.order_id
                    WHERE {of x.object_id} AND o.status IN ('executed', 'in_progress', 'done')
                    GROUP BY x.object_id, x.promocode_id) AS s
           ON s.object_id = p.object_id AND s.promocode_id = p.promocode_id
         WHERE {of p.object_id} AND (p.used > p.uses OR p.used <> coalesce(s.orders, 0))",
};
