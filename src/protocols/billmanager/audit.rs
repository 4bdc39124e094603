//! BILLmanager: balances hold what was entered; orders are the sums of their lines, and are paid exactly when they
//! were charged, by a task that was done; services are paid for period by period.

mod origin;
mod services;

use self::origin::{MAKERS, NUMBERED, NUMBERS};
use self::services::{BOUGHT, PERIODS, REFUNDS, SERVICES};
use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(crate) const PASSES: &[Pass] = &[
    ACCOUNTS, ENTRIES, ITEMS, LINES, ORDERS, PAYMENTS, MAKERS, NUMBERS, NUMBERED, SERVICES, BOUGHT,
    PERIODS, REFUNDS,
];

const ACCOUNTS: Pass = Pass {
    checks: &[
        Check { name: "bm-balance-is-not-negative", rule: "no balance is below zero" },
        Check {
            name: "bm-balance-is-the-sum",
            rule: "a balance is the deposits, payments and refunds of its account, less the orders and renewals",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("balance", Type::Money),
        ("entries", Type::Money),
    ]),
    body: "SELECT CASE WHEN a.balance < 0 THEN 'bm-balance-is-not-negative'
                     ELSE 'bm-balance-is-the-sum' END AS broken,
           a.object_id, {kopecks a.balance} AS balance, {kopecks coalesce(s.amount, 0)} AS entries
         FROM bm_accounts a
         LEFT JOIN (SELECT e.object_id,
                           sum(CASE WHEN e.kind IN ('order', 'renewal') THEN -e.amount ELSE e.amount END) AS amount
                    FROM bm_entries e WHERE {of e.object_id} GROUP BY e.object_id) AS s
           ON s.object_id = a.object_id
         WHERE {of a.object_id} AND (a.balance < 0 OR a.balance <> coalesce(s.amount, 0))",
};

// A deposit is the operator's: no task made it.
const ENTRIES: Pass = Pass {
    checks: &[
        Check { name: "bm-entry-has-its-account", rule: "an entry is of an account that there is" },
        Check {
            name: "bm-entry-is-its-order",
            rule: "an entry of an order is its total, and the order was paid by the same task",
        },
        Check {
            name: "bm-entry-is-its-payment",
            rule: "an entry of a payment is its amount, and it came from outside and was credited by the same task",
        },
        Check {
            name: "bm-entry-is-its-period",
            rule: "an entry of a renewal is what a period of the service costs that starts then, begun by the same task",
        },
        Check {
            name: "bm-entry-is-its-refund",
            rule: "an entry of a refund is what the periods of a deleted service gave back, or all of what was never opened",
        },
        Check {
            name: "bm-entry-has-its-task",
            rule: "the task of an entry that is no deposit is there, unless retention has forgotten it",
        },
        Check {
            name: "bm-entry-task-is-done",
            rule: "the task of an entry that is no deposit is of the same account, done, and was so before its deadline",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("taskGuid", Type::Uuid),
        ("kind", Type::Text),
        ("orderId", Type::Int),
        ("paymentId", Type::Int),
        ("amount", Type::Money),
        ("outcome", Type::Text),
    ]),
    body: "SELECT f.broken, f.object_id, f.task_guid, f.kind, f.order_id, f.payment_id,
                  {kopecks f.amount} AS amount, f.outcome
         FROM (SELECT CASE
                 WHEN a.object_id IS NULL THEN 'bm-entry-has-its-account'
                 WHEN e.kind = 'order'
                      AND (o.order_id IS NULL OR o.total <> e.amount OR o.paid_by IS NULL
                           OR o.paid_by <> e.task_guid) THEN 'bm-entry-is-its-order'
                 WHEN e.kind = 'payment'
                      AND (p.payment_id IS NULL OR p.amount <> e.amount OR p.method_id = 0
                           OR p.credited_by IS NULL OR p.credited_by <> e.task_guid)
                   THEN 'bm-entry-is-its-payment'
                 WHEN e.kind = 'renewal'
                      AND (q.item_id IS NULL OR q.amount <> e.amount OR q.task_guid <> e.task_guid)
                   THEN 'bm-entry-is-its-period'
                 WHEN e.kind = 'refund'
                      AND (coalesce(s.status, '') <> 'deleted'
                           OR e.amount <> coalesce(CASE WHEN s.opened_at IS NULL THEN l.amount ELSE r.refunded END, 0))
                   THEN 'bm-entry-is-its-refund'
                 WHEN e.kind = 'deposit' THEN NULL
                 WHEN t.task_guid IS NULL AND e.entered_at > {ago retention}
                   THEN 'bm-entry-has-its-task'
                 WHEN t.task_guid IS NOT NULL
                      AND (t.object_id <> e.object_id OR coalesce(t.outcome, '') <> 'done'
                           OR e.entered_at >= t.deadline) THEN 'bm-entry-task-is-done' END AS broken,
                 e.*, t.outcome
               FROM bm_entries e
               LEFT JOIN bm_accounts a ON a.object_id = e.object_id
               LEFT JOIN bm_orders o ON o.object_id = e.object_id AND o.order_id = e.order_id
               LEFT JOIN bm_payments p
                 ON p.object_id = e.object_id AND p.payment_id = e.payment_id
               LEFT JOIN bm_periods q ON q.object_id = e.object_id AND q.item_id = e.item_id
                                     AND q.starts_at = e.starts_at
               LEFT JOIN bm_services s ON s.object_id = e.object_id AND s.item_id = e.item_id
               LEFT JOIN bm_order_lines l ON l.object_id = e.object_id AND l.item_id = e.item_id
               LEFT JOIN (SELECT y.object_id, y.item_id, sum(y.refunded) AS refunded
                          FROM bm_periods y WHERE {of y.object_id}
                          GROUP BY y.object_id, y.item_id) AS r
                 ON r.object_id = e.object_id AND r.item_id = e.item_id
               LEFT JOIN tasks t ON t.task_guid = e.task_guid
               WHERE {of e.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

const ITEMS: Pass = Pass {
    checks: &[Check {
        name: "bm-ordered-item-has-its-line",
        rule: "a line item that was ordered is a line of an order",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("price", Type::Money),
        ("discount", Type::Money),
    ]),
    body: "SELECT 'bm-ordered-item-has-its-line' AS broken, i.object_id, i.item_id,
                  {kopecks i.price} AS price, {kopecks i.discount} AS discount
         FROM bm_items i
         LEFT JOIN bm_order_lines l ON l.object_id = i.object_id AND l.item_id = i.item_id
         WHERE {of i.object_id} AND i.status = 'ordered' AND l.item_id IS NULL",
};

const LINES: Pass = Pass {
    checks: &[
        Check {
            name: "bm-line-has-its-order",
            rule: "a line of an order is of an order that there is",
        },
        Check {
            name: "bm-line-is-its-item",
            rule: "a line of an order is a line item that was ordered, for its price less its discount",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Int),
        ("itemId", Type::Int),
        ("amount", Type::Money),
        ("status", Type::Text),
    ]),
    body: "SELECT CASE WHEN o.order_id IS NULL THEN 'bm-line-has-its-order'
                     ELSE 'bm-line-is-its-item' END AS broken,
           l.object_id, l.order_id, l.item_id, {kopecks l.amount} AS amount, i.status
         FROM bm_order_lines l
         LEFT JOIN bm_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
         LEFT JOIN bm_items i ON i.object_id = l.object_id AND i.item_id = l.item_id
         WHERE {of l.object_id}
           AND (o.order_id IS NULL OR i.item_id IS NULL OR i.status <> 'ordered'
                OR i.price - i.discount <> l.amount)",
};

const ORDERS: Pass = Pass {
    checks: &[
        Check { name: "bm-order-is-the-sum", rule: "an order has lines, and costs what they do" },
        Check {
            name: "bm-order-names-what-paid-it",
            rule: "an order names the task that paid it, and the time, when it is paid, and only then",
        },
        Check {
            name: "bm-free-order-is-paid",
            rule: "an order that costs nothing is paid, without a charge or a payment",
        },
        Check {
            name: "bm-order-is-paid-when-charged",
            rule: "an order that costs something was charged once when it is paid, and not otherwise",
        },
        Check {
            name: "bm-order-has-its-payment",
            rule: "an order that costs something has one payment of as much, made by its task, credited by what paid it",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("orderId", Type::Int),
        ("status", Type::Text),
        ("total", Type::Money),
        ("lines", Type::Money),
        ("charges", Type::Int),
        ("paymentId", Type::Int),
        ("payment", Type::Money),
    ]),
    body: "SELECT f.broken, f.object_id, f.order_id, f.status, {kopecks f.total} AS total,
                  {kopecks f.cost} AS lines, f.charges, f.payment_id, {kopecks f.amount} AS payment
         FROM (SELECT CASE
                 WHEN s.cost IS NULL OR s.cost <> o.total THEN 'bm-order-is-the-sum'
                 WHEN (o.status = 'paid') <> (o.paid_by IS NOT NULL)
                      OR (o.paid_by IS NULL) <> (o.paid_at IS NULL)
                   THEN 'bm-order-names-what-paid-it'
                 WHEN o.total = 0 THEN
                   CASE WHEN o.status <> 'paid' OR e.charges > 0 OR n.payments > 0
                     THEN 'bm-free-order-is-paid' END
                 WHEN coalesce(e.charges, 0) <> CASE WHEN o.status = 'paid' THEN 1 ELSE 0 END
                   THEN 'bm-order-is-paid-when-charged'
                 WHEN coalesce(n.payments, 0) <> 1 OR p.amount <> o.total
                      OR p.currency <> o.currency OR p.task_guid <> o.task_guid
                      OR (p.credited_by IS NULL) <> (o.paid_by IS NULL)
                      OR p.credited_by <> o.paid_by THEN 'bm-order-has-its-payment' END AS broken,
                 o.object_id, o.order_id, o.status, o.total, s.cost,
                 coalesce(e.charges, 0) AS charges, p.payment_id, p.amount
               FROM bm_orders o
               LEFT JOIN (SELECT l.object_id, l.order_id, sum(l.amount) AS cost
                          FROM bm_order_lines l WHERE {of l.object_id}
                          GROUP BY l.object_id, l.order_id) AS s
                 ON s.object_id = o.object_id AND s.order_id = o.order_id
               LEFT JOIN (SELECT x.object_id, x.order_id, count(*) AS charges FROM bm_entries x
                          WHERE {of x.object_id} AND x.kind = 'order'
                          GROUP BY x.object_id, x.order_id) AS e
                 ON e.object_id = o.object_id AND e.order_id = o.order_id
               LEFT JOIN (SELECT y.object_id, y.order_id, count(*) AS payments,
                                 min(y.payment_id) AS payment_id
                          FROM bm_payments y WHERE {of y.object_id}
                          GROUP BY y.object_id, y.order_id) AS n
                 ON n.object_id = o.object_id AND n.order_id = o.order_id
               LEFT JOIN bm_payments p
                 ON p.object_id = n.object_id AND p.payment_id = n.payment_id
               WHERE {of o.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

const PAYMENTS: Pass = Pass {
    checks: &[
        Check { name: "bm-payment-has-its-order", rule: "a payment is of an order that there is" },
        Check {
            name: "bm-balance-payment-is-credited",
            rule: "a payment from the balance is credited (4) by the task that made it",
        },
        Check {
            name: "bm-payment-names-what-credited-it",
            rule: "a payment names the task that credited it, and the time, when it has come (4, 5, 6), and only then",
        },
        Check {
            name: "bm-payment-is-entered",
            rule: "a payment from outside was entered once when it was credited, any other was not",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("paymentId", Type::Int),
        ("orderId", Type::Int),
        ("methodId", Type::Int),
        ("status", Type::Int),
        ("amount", Type::Money),
        ("taskGuid", Type::Uuid),
        ("entries", Type::Int),
    ]),
    body: "SELECT f.broken, f.object_id, f.payment_id, f.order_id, f.method_id, f.status,
                  {kopecks f.amount} AS amount, f.credited_by AS task_guid, f.entries
         FROM (SELECT CASE
                 WHEN o.order_id IS NULL THEN 'bm-payment-has-its-order'
                 WHEN p.method_id = 0
                      AND (p.status <> 4 OR p.credited_by IS NULL OR p.credited_by <> p.task_guid)
                   THEN 'bm-balance-payment-is-credited'
                 WHEN (p.status IN (4, 5, 6)) <> (p.credited_by IS NOT NULL)
                      OR (p.credited_by IS NULL) <> (p.credited_at IS NULL)
                   THEN 'bm-payment-names-what-credited-it'
                 WHEN coalesce(e.entries, 0)
                        <> CASE WHEN p.method_id <> 0 AND p.credited_by IS NOT NULL THEN 1 ELSE 0 END
                   THEN 'bm-payment-is-entered' END AS broken,
                 p.*, coalesce(e.entries, 0) AS entries
               FROM bm_payments p
               LEFT JOIN bm_orders o ON o.object_id = p.object_id AND o.order_id = p.order_id
               LEFT JOIN (SELECT x.object_id, x.payment_id, count(*) AS entries FROM bm_entries x
                          WHERE {of x.object_id} AND x.kind = 'payment'
                          GROUP BY x.object_id, x.payment_id) AS e
                 ON e.object_id = p.object_id AND e.payment_id = p.payment_id
               WHERE {of p.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};
