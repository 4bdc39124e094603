//! The audit of balances, orders and payments.

use uuid::Uuid;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::audit::Spoiler;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_office_can_be_seen_broken_on_sqlite() {
    each_rule_of_the_office_can_be_seen_broken(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_office_can_be_seen_broken_on_postgres() {
    each_rule_of_the_office_can_be_seen_broken(Stores::Postgres).await;
}

/// Numbers of an order of Anna's.
#[derive(Debug, Clone, Copy)]
struct Made {
    item: i64,
    order: i64,
    payment: i64,
}

async fn ordered(app: &TestApp, method: &str) -> Made {
    let item = add(app, ANNA).await;
    let answer = confirm(app, ANNA, item, &[("paymethod_id", method)]).await;
    Made { item, order: answer.number("billorder"), payment: answer.number("payment_id") }
}

/// Orders that are paid from the balance, that wait for a transfer, and whose transfer has come.
async fn orders(app: &TestApp) -> ([Made; 6], [Made; 9], [Made; 6]) {
    let (mut paid, mut waiting, mut came) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..6 {
        paid.push(ordered(app, "0").await);
        let made = ordered(app, "15").await;
        let elid = made.payment.to_string();
        let set = ok(app, ADMIN, "payment.setpaid", &[("elid", &elid)]).await;
        assert!(set.doc().get("ok").is_some(), "{set:?}");
        came.push(made);
    }
    for _ in 0..9 {
        waiting.push(ordered(app, "15").await);
    }
    (paid.try_into().unwrap(), waiting.try_into().unwrap(), came.try_into().unwrap())
}

/// Services that are open and were prolonged once.
async fn served(app: &TestApp) -> Vec<i64> {
    let mut served = Vec::new();
    for _ in 0..7 {
        let item = ordered(app, "0").await.item;
        let elid = item.to_string();
        ok(app, ADMIN, "service.open", &[("elid", &elid)]).await.done();
        ok(app, ANNA, "service.prolong", &[("elid", &elid), ("period", "1")]).await.done();
        served.push(item);
    }
    served
}

/// Services that were open, prolonged once, and gave back what was not used of two periods.
async fn given_back(app: &TestApp) -> Vec<i64> {
    let mut given = Vec::new();
    for _ in 0..4 {
        let item = ordered(app, "0").await.item;
        let sql = format!("UPDATE bm_items SET refund = 'days' WHERE item_id = {item}");
        app.place.execute(&sql).await.unwrap();
        let elid = item.to_string();
        ok(app, ADMIN, "service.open", &[("elid", &elid)]).await.done();
        ok(app, ANNA, "service.prolong", &[("elid", &elid), ("period", "1")]).await.done();
        ok(app, ANNA, "service.delete", &[("elid", &elid)]).await.done();
        given.push(item);
    }
    given
}

async fn each_rule_of_the_office_can_be_seen_broken(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "1000").await;
    let (paid, waiting, came) = orders(&app).await;
    let free = [("pricelist", "3"), ("order_period", "1"), ("skipbasket", "on")];
    let free = ok(&app, ANNA, "v2.soft.order.param", &free).await.number("billorder");
    let served = served(&app).await;
    let given = given_back(&app).await;
    let mut cart = Vec::new();
    for _ in 0..4 {
        cart.push(add(&app, ANNA).await);
    }
    let (open, place) = (app.place.open(), app.place.clone());
    app.finish().await;

    let mut spoiler = Spoiler::of(&open, &place).await;
    let (cent, now) = (place.kopecks(1), place.moment(0));
    let of = |table: &str, set: &str, column: &str, number: i64| {
        format!("UPDATE bm_{table} SET {set} WHERE {column} = {number}")
    };
    let more = |column: &str| format!("{column} = {column} + {cent}");
    let gone = |table: &str, column: &str, number: i64| {
        format!("DELETE FROM bm_{table} WHERE {column} = {number}")
    };
    let task = |guid: &str, table: &str, column: &str, number: i64| {
        format!("(SELECT {guid} FROM bm_{table} WHERE {column} = {number})")
    };
    let failed =
        |task: String| format!("UPDATE tasks SET outcome = 'failed' WHERE task_guid = {task}");
    let forgotten = |task: String| format!("DELETE FROM tasks WHERE task_guid = {task}");

    // Balances. Anna's stays wrong, whatever is done to her entries.
    let anna =
        of("accounts", &format!("balance = {}", place.kopecks(77)), "object_id", shop.anna.0);
    spoiler.breaks(&["bm-balance-is-the-sum"], &[anna]).await;
    let boris =
        of("accounts", &format!("balance = {}", place.kopecks(-1)), "object_id", shop.boris.0);
    spoiler.breaks(&["bm-balance-is-not-negative"], &[boris]).await;

    // Entries.
    let sql = format!(
        "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, note, entered_at)
         VALUES (77, {}, 0, 'deposit', {cent}, 'to nobody', {now})",
        place.guid(Uuid::now_v7())
    );
    spoiler.breaks(&["bm-entry-has-its-account"], &[sql]).await;
    let sql = of("entries", &more("amount"), "order_id", paid[0].order);
    spoiler.breaks(&["bm-entry-is-its-order"], &[sql]).await;
    let sql = of("entries", &more("amount"), "kind = 'payment' AND payment_id", came[0].payment);
    spoiler.breaks(&["bm-entry-is-its-payment"], &[sql]).await;
    // What comes has an entry of its own beside its order's.
    let payer = |made: Made| task("paid_by", "orders", "order_id", made.order);
    spoiler.breaks(&["bm-entry-task-is-done"; 2], &[failed(payer(came[1]))]).await;
    spoiler.breaks(&["bm-entry-has-its-task"; 2], &[forgotten(payer(came[2]))]).await;

    // Line items and lines.
    let sql = of("items", "status = 'ordered'", "item_id", cart[0]);
    spoiler.breaks(&["bm-ordered-item-has-its-line"], &[sql]).await;
    let sql = of("items", &more("price"), "item_id", paid[1].item);
    spoiler.breaks(&["bm-line-is-its-item"], &[sql]).await;
    let sql = of("items", "status = 'cart'", "item_id", waiting[0].item);
    spoiler.breaks(&["bm-line-is-its-item"], &[sql]).await;
    let line = format!(
        "INSERT INTO bm_order_lines (object_id, item_id, order_id, amount)
         SELECT object_id, item_id, 999999, price FROM bm_items WHERE item_id = {}",
        cart[1]
    );
    let sql = of("items", "status = 'ordered'", "item_id", cart[1]);
    spoiler.breaks(&["bm-line-has-its-order"], &[sql, line]).await;

    // Orders.
    let dearer = [
        of("items", &more("price"), "item_id", waiting[1].item),
        of("order_lines", &more("amount"), "item_id", waiting[1].item),
    ];
    spoiler.breaks(&["bm-order-is-the-sum"], &dearer).await;
    let none = [
        of("items", "status = 'deleted'", "item_id", waiting[2].item),
        gone("order_lines", "item_id", waiting[2].item),
    ];
    spoiler.breaks(&["bm-order-is-the-sum"], &none).await;
    let sql = of("orders", "paid_at = NULL", "order_id", paid[2].order);
    spoiler.breaks(&["bm-order-names-what-paid-it"], &[sql]).await;
    let sql = of("orders", "status = 'new', paid_by = NULL, paid_at = NULL", "order_id", free);
    spoiler.breaks(&["bm-free-order-is-paid", "bm-service-has-its-line"], &[sql]).await;
    let sql = gone("entries", "order_id", paid[3].order);
    spoiler.breaks(&["bm-order-is-paid-when-charged"], &[sql]).await;
    let sql = of("payments", &more("amount"), "payment_id", waiting[3].payment);
    spoiler.breaks(&["bm-order-has-its-payment"], &[sql]).await;
    let none = [
        gone("payments", "payment_id", waiting[4].payment),
        gone("numbers", "number", waiting[4].payment),
    ];
    spoiler.breaks(&["bm-order-has-its-payment"], &none).await;

    // Payments.
    let sql = of("payments", "order_id = 999998", "payment_id", waiting[5].payment);
    let both = ["bm-order-has-its-payment", "bm-payment-has-its-order"];
    spoiler.breaks(&both, &[sql]).await;
    let sql = of("payments", "status = 5", "payment_id", paid[4].payment);
    spoiler.breaks(&["bm-balance-payment-is-credited"], &[sql]).await;
    let sql = of("payments", "credited_at = NULL", "payment_id", came[3].payment);
    spoiler.breaks(&["bm-payment-names-what-credited-it"], &[sql]).await;
    let sql = gone("entries", "kind = 'payment' AND payment_id", came[4].payment);
    spoiler.breaks(&["bm-payment-is-entered"], &[sql]).await;

    // The tasks of all that.
    let maker = |made: Made| task("task_guid", "orders", "order_id", made.order);
    let sql = failed(task("task_guid", "items", "item_id", cart[2]));
    spoiler.breaks(&["bm-maker-is-done"], &[sql]).await;
    // An order and its payment are of one task.
    spoiler.breaks(&["bm-maker-is-done"; 2], &[failed(maker(waiting[6]))]).await;
    spoiler.breaks(&["bm-maker-is-done"; 2], &[forgotten(maker(waiting[7]))]).await;
    // What is older than tasks are kept for need not have its tasks.
    let past = place.moment(-31 * DAY_MS);
    let long_ago = [
        forgotten(payer(came[5])),
        forgotten(maker(came[5])),
        forgotten(task("task_guid", "items", "item_id", came[5].item)),
        of("items", &format!("added_at = {past}"), "item_id", came[5].item),
        of("orders", &format!("created_at = {past}"), "order_id", came[5].order),
        of("payments", &format!("created_at = {past}"), "payment_id", came[5].payment),
        of("entries", &format!("entered_at = {past}"), "payment_id", came[5].payment),
    ];
    spoiler.breaks(&[], &long_ago).await;

    // Numbers.
    let sql = format!(
        "INSERT INTO bm_numbers (object_id, task_guid, kind) VALUES ({}, {}, 'item')",
        shop.anna,
        place.guid(Uuid::now_v7())
    );
    spoiler.breaks(&["bm-number-is-of-something"], &[sql]).await;
    let sql = gone("numbers", "number", cart[3]);
    spoiler.breaks(&["bm-number-is-there"], &[sql]).await;

    // Services and their periods: each has two.
    let sql = gone("services", "item_id", paid[5].item);
    spoiler.breaks(&["bm-paid-line-is-a-service"], &[sql]).await;
    let sql =
        of("services", &format!("expires_at = {}", place.moment(DAY_MS)), "item_id", served[0]);
    spoiler.breaks(&["bm-service-is-paid-until"], &[sql]).await;
    let never = "status = 'ordered', opened_at = NULL, anchor_day = NULL";
    let sql = of("services", never, "item_id", served[1]);
    spoiler.breaks(&["bm-period-has-its-service"; 2], &[sql]).await;
    let second = |item: i64| format!("item_id = {item} AND starts_at > begun_at");
    let sql = format!(
        "UPDATE bm_periods SET {} WHERE item_id = {} AND starts_at = begun_at",
        more("amount"),
        served[2]
    );
    spoiler.breaks(&["bm-first-period-is-ordered"], &[sql]).await;
    let sql =
        format!("DELETE FROM bm_periods WHERE item_id = {} AND starts_at = begun_at", served[3]);
    spoiler.breaks(&["bm-periods-meet"], &[sql]).await;
    let sql = gone("entries", "item_id", served[4]);
    spoiler.breaks(&["bm-period-is-charged"], &[sql]).await;
    let sql = of("entries", &more("amount"), "item_id", served[5]);
    spoiler.breaks(&["bm-entry-is-its-period"], &[sql]).await;
    let sql = failed(format!("(SELECT task_guid FROM bm_periods WHERE {})", second(served[6])));
    spoiler.breaks(&["bm-entry-task-is-done", "bm-maker-is-done"], &[sql]).await;

    // What was given back, of two periods each.
    let entry = |set: &str, item: i64| of("entries", set, "kind = 'refund' AND item_id", item);
    spoiler.breaks(&["bm-entry-is-its-refund"], &[entry(&more("amount"), given[0])]).await;
    let sql = of("items", "refund = 'none'", "item_id", given[1]);
    spoiler.breaks(&["bm-refund-has-its-rule"; 2], &[sql]).await;
    // After the first period had ended, and while the second one ran.
    let sql = entry(&format!("entered_at = {}", place.moment(40 * DAY_MS)), given[2]);
    let late = ["bm-entry-task-is-done", "bm-refund-is-of-what-was-left"];
    spoiler.breaks(&late, &[sql]).await;
    let sql = gone("entries", "kind = 'refund' AND item_id", given[3]);
    spoiler.breaks(&["bm-refund-is-entered"; 2], &[sql]).await;
    spoiler.finish(|name| name.starts_with("bm-")).await;
}
