//! What the store refuses whatever the program believes.

use uuid::Uuid;

use super::shop::*;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_sqlite() {
    the_store_refuses_what_must_not_be(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_postgres() {
    the_store_refuses_what_must_not_be(Stores::Postgres).await;
}

async fn the_store_refuses_what_must_not_be(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "20").await;
    let item = add(&app, ANNA).await;
    confirm(&app, ANNA, item, &[("paymethod_id", "0")]).await.number("billorder");
    let later = add(&app, ANNA).await;
    confirm(&app, ANNA, later, &[("paymethod_id", "15")]).await.number("billorder");
    let place = &app.place;
    let guid = place.guid(Uuid::now_v7());
    assert!(shop.anna.0 >= 2_000_000_000_000_000, "{}", shop.anna);
    let entry =
        "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, order_id, payment_id,
                                         entered_at)
                 SELECT object_id";
    let refused = [
        "UPDATE bm_accounts SET balance = -1".to_owned(),
        "UPDATE bm_items SET discount = price + 1, promocode = 'X'".into(),
        "UPDATE bm_items SET discount = 1, promocode = NULL".into(),
        "UPDATE bm_items SET status = 'sold'".into(),
        // A line item in a second order.
        format!(
            "INSERT INTO bm_order_lines (object_id, item_id, order_id, amount)
             SELECT object_id, item_id, 999, amount FROM bm_order_lines WHERE item_id = {item}"
        ),
        // Paid by nobody, and not paid by somebody.
        "UPDATE bm_orders SET paid_by = NULL WHERE status = 'paid'".into(),
        "UPDATE bm_orders SET status = 'paid' WHERE status = 'new'".into(),
        "UPDATE bm_orders SET status = 'new' WHERE status = 'paid'".into(),
        "UPDATE bm_payments SET status = 4 WHERE status = 1".into(),
        "UPDATE bm_payments SET status = 1 WHERE status = 4".into(),
        "UPDATE bm_payments SET status = 8".into(),
        "UPDATE bm_payments SET amount = 0".into(),
        // A second payment of an order.
        format!(
            "INSERT INTO bm_payments (object_id, payment_id, order_id, method_id, status, amount,
                 currency, parameters, store_method, aggregator_id, task_guid, created_at)
             SELECT object_id, 999, order_id, 15, 1, amount, currency, parameters, store_method,
                    aggregator_id, {guid}, created_at FROM bm_payments WHERE status = 4"
        ),
        // An order charged twice, a second line of a task, an entry of nothing.
        format!(
            "{entry}, {guid}, 1, kind, amount, order_id, payment_id, entered_at
                 FROM bm_entries WHERE kind = 'order'"
        ),
        format!(
            "{entry}, task_guid, line, kind, amount, 999, payment_id, entered_at
                 FROM bm_entries WHERE kind = 'order'"
        ),
        format!(
            "{entry}, {guid}, 1, 'order', amount, NULL, NULL, entered_at
                 FROM bm_entries WHERE kind = 'order'"
        ),
        format!(
            "{entry}, {guid}, 1, 'payment', amount, 999, NULL, entered_at
                 FROM bm_entries WHERE kind = 'order'"
        ),
        "UPDATE bm_entries SET amount = 0".into(),
        // Two numbers of one kind for a task.
        "INSERT INTO bm_numbers (object_id, task_guid, kind)
         SELECT object_id, task_guid, kind FROM bm_numbers"
            .into(),
        "INSERT INTO bm_accounts (provider_id, user_id, currency)
         SELECT provider_id, user_id, currency FROM bm_accounts"
            .into(),
        "UPDATE bm_accounts SET object_id = object_id - 1999999999999999".into(),
        "UPDATE bm_users SET level = 17".into(),
        "UPDATE bm_promocodes SET percent = 101".into(),
        "UPDATE bm_prices SET price = -1".into(),
        "UPDATE bm_prices SET period = 37 WHERE period = 3".into(),
        "UPDATE bm_prices SET period = -1 WHERE period = 3".into(),
        "UPDATE bm_items SET order_count = 0".into(),
        "UPDATE bm_items SET order_count = 101".into(),
    ];
    for sql in refused {
        assert!(place.execute(&sql).await.is_err(), "{sql}");
    }
    app.finish().await;
}
