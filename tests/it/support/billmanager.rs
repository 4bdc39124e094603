//! Whether BILLmanager's books agree, read past the program.

use super::place::Place;

/// What must not be, and how to count it.
const WRONG: [(&str, &str); 12] = [
    (
        "a balance is not the sum of its entries",
        "SELECT count(*) FROM bm_accounts a WHERE a.balance <> (
            SELECT coalesce(sum(CASE WHEN e.kind = 'order' THEN -e.amount ELSE e.amount END), 0)
            FROM bm_entries e WHERE e.object_id = a.object_id)",
    ),
    (
        "an order does not cost what its lines do",
        "SELECT count(*) FROM bm_orders o WHERE o.total <> (
            SELECT coalesce(sum(l.amount), -1) FROM bm_order_lines l
            WHERE l.object_id = o.object_id AND l.order_id = o.order_id)",
    ),
    (
        "a line of an order is not of a line item that was ordered for that",
        "SELECT count(*) FROM bm_order_lines l WHERE NOT EXISTS (
            SELECT 1 FROM bm_items i WHERE i.object_id = l.object_id AND i.item_id = l.item_id
              AND i.status = 'ordered' AND i.price - i.discount = l.amount)
         OR NOT EXISTS (SELECT 1 FROM bm_orders o
            WHERE o.object_id = l.object_id AND o.order_id = l.order_id)",
    ),
    (
        "a line item was ordered and is in no order",
        "SELECT count(*) FROM bm_items i WHERE i.status = 'ordered' AND NOT EXISTS (
            SELECT 1 FROM bm_order_lines l
            WHERE l.object_id = i.object_id AND l.item_id = i.item_id)",
    ),
    (
        "an order that costs something is paid without a charge, or charged without being paid",
        "SELECT count(*) FROM bm_orders o WHERE o.total > 0 AND (o.status = 'paid') <> EXISTS (
            SELECT 1 FROM bm_entries e WHERE e.object_id = o.object_id AND e.order_id = o.order_id
              AND e.kind = 'order' AND e.amount = o.total AND e.task_guid = o.paid_by)",
    ),
    (
        "an order that costs nothing is not paid, or has a payment",
        "SELECT count(*) FROM bm_orders o WHERE o.total = 0 AND (o.status <> 'paid' OR EXISTS (
            SELECT 1 FROM bm_payments p
            WHERE p.object_id = o.object_id AND p.order_id = o.order_id))",
    ),
    (
        "an order that costs something has no payment of as much, credited by what paid it",
        "SELECT count(*) FROM bm_orders o WHERE o.total > 0 AND NOT EXISTS (
            SELECT 1 FROM bm_payments p
            WHERE p.object_id = o.object_id AND p.order_id = o.order_id AND p.amount = o.total
              AND p.currency = o.currency AND p.task_guid = o.task_guid
              AND (p.credited_by = o.paid_by OR (p.credited_by IS NULL AND o.paid_by IS NULL)))",
    ),
    (
        "a payment from outside is credited without an entry, or entered without being credited",
        "SELECT count(*) FROM bm_payments p
         WHERE (p.method_id > 0 AND p.credited_by IS NOT NULL) <> EXISTS (
            SELECT 1 FROM bm_entries e
            WHERE e.object_id = p.object_id AND e.payment_id = p.payment_id AND e.kind = 'payment'
              AND e.amount = p.amount AND e.task_guid = p.credited_by)",
    ),
    (
        "a payment from the balance is not credited by the task that made it",
        "SELECT count(*) FROM bm_payments p
         WHERE p.method_id = 0 AND (p.status <> 4 OR p.credited_by <> p.task_guid)",
    ),
    (
        "something is of a task that was not done",
        "SELECT count(*) FROM (
            SELECT object_id, task_guid FROM bm_entries WHERE kind <> 'deposit'
            UNION ALL SELECT object_id, task_guid FROM bm_items
            UNION ALL SELECT object_id, task_guid FROM bm_orders
            UNION ALL SELECT object_id, task_guid FROM bm_payments
            UNION ALL SELECT object_id, task_guid FROM bm_numbers) AS made
         WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.object_id = made.object_id
            AND t.task_guid = made.task_guid AND t.outcome = 'done')",
    ),
    (
        "a number is of nothing",
        "SELECT count(*) FROM bm_numbers n WHERE NOT EXISTS (
            SELECT 1 FROM bm_items i WHERE n.kind = 'item' AND i.object_id = n.object_id
              AND i.item_id = n.number AND i.task_guid = n.task_guid)
         AND NOT EXISTS (
            SELECT 1 FROM bm_orders o WHERE n.kind = 'order' AND o.object_id = n.object_id
              AND o.order_id = n.number AND o.task_guid = n.task_guid)
         AND NOT EXISTS (
            SELECT 1 FROM bm_payments p WHERE n.kind = 'payment' AND p.object_id = n.object_id
              AND p.payment_id = n.number AND p.task_guid = n.task_guid)",
    ),
    (
        "something has no number",
        "SELECT count(*) FROM (
            SELECT object_id, item_id AS number, 'item' AS kind FROM bm_items
            UNION ALL SELECT object_id, order_id, 'order' FROM bm_orders
            UNION ALL SELECT object_id, payment_id, 'payment' FROM bm_payments) AS made
         WHERE NOT EXISTS (SELECT 1 FROM bm_numbers n WHERE n.number = made.number
            AND n.object_id = made.object_id AND n.kind = made.kind)",
    ),
];

/// None of it is.
pub async fn assert_sound(place: &Place) {
    let counts: Vec<String> = WRONG.iter().map(|(_, count)| format!("({count})")).collect();
    let row = place.rows(&format!("SELECT {}", counts.join(", "))).await.remove(0);
    for ((what, _), count) in WRONG.iter().zip(row) {
        assert_eq!(count.as_deref(), Some("0"), "{what}");
    }
}
