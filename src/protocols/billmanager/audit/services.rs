//! Services: each is a line of a paid order, and each such line is one; its periods follow one another without gaps and
//! overlaps, and each is paid once.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const SERVICES: Pass = Pass {
    checks: &[
        Check {
            name: "bm-service-has-its-line",
            rule: "a service is a line of an order that is paid",
        },
        Check {
            name: "bm-service-is-paid-until",
            rule: "a service that was opened is paid for until its last period ends",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("orderId", Type::Int),
        ("status", Type::Text),
    ]),
    body: "SELECT f.broken, f.object_id, f.item_id, f.order_id, f.status
         FROM (SELECT CASE
                 WHEN coalesce(o.status, '') <> 'paid' THEN 'bm-service-has-its-line'
                 WHEN s.opened_at IS NOT NULL
                      AND (p.starts_at IS NULL OR (p.ends_at IS NULL) <> (s.expires_at IS NULL)
                           OR coalesce(p.ends_at <> s.expires_at, false))
                   THEN 'bm-service-is-paid-until' END AS broken,
                 s.object_id, s.item_id, s.order_id, s.status
               FROM bm_services s
               LEFT JOIN bm_order_lines l
                 ON l.object_id = s.object_id AND l.item_id = s.item_id AND l.order_id = s.order_id
               LEFT JOIN bm_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
               LEFT JOIN (SELECT q.object_id, q.item_id, max(q.starts_at) AS starts_at
                          FROM bm_periods q WHERE {of q.object_id}
                          GROUP BY q.object_id, q.item_id) AS n
                 ON n.object_id = s.object_id AND n.item_id = s.item_id
               LEFT JOIN bm_periods p ON p.object_id = n.object_id AND p.item_id = n.item_id
                                     AND p.starts_at = n.starts_at
               WHERE {of s.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

pub(super) const BOUGHT: Pass = Pass {
    checks: &[Check {
        name: "bm-paid-line-is-a-service",
        rule: "a line of an order that is paid is a service",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("orderId", Type::Int),
        ("amount", Type::Money),
    ]),
    body: "SELECT 'bm-paid-line-is-a-service' AS broken, l.object_id, l.item_id, l.order_id,
                  {kopecks l.amount} AS amount
         FROM bm_order_lines l
         JOIN bm_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
         LEFT JOIN bm_services s ON s.object_id = l.object_id AND s.item_id = l.item_id
         WHERE {of l.object_id} AND o.status = 'paid' AND s.item_id IS NULL",
};

pub(super) const PERIODS: Pass = Pass {
    checks: &[
        Check {
            name: "bm-period-has-its-service",
            rule: "a period is of a service that was opened, and does not start before that",
        },
        Check {
            name: "bm-first-period-is-ordered",
            rule: "the first period of a service costs what its line of the order does, and no renewal",
        },
        Check {
            name: "bm-periods-meet",
            rule: "any other period starts where exactly one period of the service ends",
        },
        Check {
            name: "bm-period-is-charged",
            rule: "any other period that costs something was charged once",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("startsAt", Type::Time),
        ("amount", Type::Money),
        ("charges", Type::Int),
        ("before", Type::Int),
    ]),
    body: "SELECT f.broken, f.object_id, f.item_id, f.starts_at, {kopecks f.amount} AS amount,
                  f.charges, f.before
         FROM (SELECT CASE
                 WHEN s.opened_at IS NULL OR p.starts_at < s.opened_at
                   THEN 'bm-period-has-its-service'
                 WHEN p.starts_at = s.opened_at THEN
                   CASE WHEN l.item_id IS NULL OR l.amount <> p.amount OR coalesce(e.charges, 0) > 0
                     THEN 'bm-first-period-is-ordered' END
                 WHEN coalesce(n.before, 0) <> 1 THEN 'bm-periods-meet'
                 WHEN coalesce(e.charges, 0) <> CASE WHEN p.amount > 0 THEN 1 ELSE 0 END
                   THEN 'bm-period-is-charged' END AS broken,
                 p.object_id, p.item_id, p.starts_at, p.amount, coalesce(e.charges, 0) AS charges,
                 coalesce(n.before, 0) AS before
               FROM bm_periods p
               LEFT JOIN bm_services s ON s.object_id = p.object_id AND s.item_id = p.item_id
               LEFT JOIN bm_order_lines l ON l.object_id = p.object_id AND l.item_id = p.item_id
               LEFT JOIN (SELECT x.object_id, x.item_id, x.starts_at, count(*) AS charges
                          FROM bm_entries x WHERE {of x.object_id} AND x.kind = 'renewal'
                          GROUP BY x.object_id, x.item_id, x.starts_at) AS e
                 ON e.object_id = p.object_id AND e.item_id = p.item_id
                AND e.starts_at = p.starts_at
               LEFT JOIN (SELECT y.object_id, y.item_id, y.ends_at, count(*) AS before
                          FROM bm_periods y WHERE {of y.object_id} AND y.ends_at IS NOT NULL
                          GROUP BY y.object_id, y.item_id, y.ends_at) AS n
                 ON n.object_id = p.object_id AND n.item_id = p.item_id
                AND n.ends_at = p.starts_at
               WHERE {of p.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};

pub(super) const REFUNDS: Pass = Pass {
    checks: &[
        Check {
            name: "bm-refund-has-its-rule",
            rule: "a period gives back at most what was paid for it, and nothing when its service has no rule of refunds",
        },
        Check {
            name: "bm-refund-is-of-what-was-left",
            rule: "a period that had ended gives nothing back, and one that had not begun all of it",
        },
        Check {
            name: "bm-refund-is-entered",
            rule: "what the periods of a service give back is entered once",
        },
    ],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("startsAt", Type::Time),
        ("amount", Type::Money),
        ("refunded", Type::Money),
        ("refunds", Type::Int),
    ]),
    body: "SELECT f.broken, f.object_id, f.item_id, f.starts_at, {kopecks f.amount} AS amount,
                  {kopecks f.refunded} AS refunded, f.refunds
         FROM (SELECT CASE
                 WHEN p.refunded > p.amount OR (p.refunded > 0 AND coalesce(i.refund, 'none') = 'none')
                   THEN 'bm-refund-has-its-rule'
                 WHEN p.refunded > 0 AND coalesce(e.refunds, 0) <> 1 THEN 'bm-refund-is-entered'
                 WHEN (p.refunded > 0 AND p.ends_at <= e.entered_at)
                      OR (p.refunded < p.amount AND p.starts_at >= e.entered_at)
                   THEN 'bm-refund-is-of-what-was-left' END AS broken,
                 p.object_id, p.item_id, p.starts_at, p.amount, p.refunded,
                 coalesce(e.refunds, 0) AS refunds
               FROM bm_periods p
               LEFT JOIN bm_items i ON i.object_id = p.object_id AND i.item_id = p.item_id
               LEFT JOIN (SELECT x.object_id, x.item_id, count(*) AS refunds,
                                 min(x.entered_at) AS entered_at
                          FROM bm_entries x WHERE {of x.object_id} AND x.kind = 'refund'
                          GROUP BY x.object_id, x.item_id) AS e
                 ON e.object_id = p.object_id AND e.item_id = p.item_id
               WHERE {of p.object_id}) AS f
         WHERE f.broken IS NOT NULL",
};
