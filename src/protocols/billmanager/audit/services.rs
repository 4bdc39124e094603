//! Services: each is a line of a paid order, and each such line is one.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const SERVICES: Pass = Pass {
    checks: &[Check {
        name: "bm-service-has-its-line",
        rule: "a service is a line of an order that is paid",
    }],
    rows: Rows::Broken(&[
        ("objectId", Type::Int),
        ("itemId", Type::Int),
        ("orderId", Type::Int),
        ("status", Type::Text),
    ]),
    body: "SELECT 'bm-service-has-its-line' AS broken, s.object_id, s.item_id, s.order_id, s.status
         FROM bm_services s
         LEFT JOIN bm_order_lines l
           ON l.object_id = s.object_id AND l.item_id = s.item_id AND l.order_id = s.order_id
         LEFT JOIN bm_orders o ON o.object_id = l.object_id AND o.order_id = l.order_id
         WHERE {of s.object_id} AND coalesce(o.status, '') <> 'paid'",
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
