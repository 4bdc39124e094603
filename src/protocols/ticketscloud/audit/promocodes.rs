//! Promo codes: none is used more often than it may be.

use crate::database::Type;
use crate::engine::protocol::audit::{Check, Pass, Rows};

pub(super) const PROMOCODES: Pass = Pass {
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
