//! Orders, payments and tasks that break a rule.

use serde_json::json;
use uuid::Uuid;
use wsa::domain::outbox::EventTypes;
use wsa::domain::task::OrderGuid;

use super::super::orders::pie;
use super::{Spoiler, done, paid};
use crate::support::ask::Ask;
use crate::support::catalogue::put;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    each_rule_of_orders_can_be_seen_broken,
    each_rule_of_events_can_be_seen_broken,
    each_rule_of_tills_can_be_seen_broken,
    each_rule_of_payments_can_be_seen_broken,
    each_rule_of_tasks_can_be_seen_broken,
];

async fn each_rule_of_orders_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    let mut spoiler = Spoiler::of(store, place).await;
    for (check, change) in [
        ("order-status-is-known", "status = 'Open'".to_owned()),
        ("order-paid-is-within-total", format!("total = {}", place.kopecks(399))),
        ("order-paid-is-within-total", format!("paid = {}", place.kopecks(-1))),
        ("order-closed-is-paid", "status = 'Complited', closed_at = created_at".into()),
        ("order-canceled-holds-nothing", "status = 'Canceled', closed_at = created_at".into()),
        ("order-closed-has-its-time", "closed_at = created_at".into()),
        ("order-paid-is-the-sum", format!("paid = {}", place.kopecks(399))),
        ("order-paid-is-the-sum", format!("paid = {}", place.kopecks(401))),
    ] {
        let (order, _) = paid(store).await;
        let guid = place.guid(order.0);
        let sql = format!("UPDATE orders SET {change} WHERE order_guid = {guid}");
        spoiler.breaks(&[check], &[sql]).await;
    }
    let create = Ask::create_order(V1, pie(None));
    let [gone, refused] = [done(store, &create).await, done(store, &create).await];
    let (gone, refused) = (place.guid(gone.guid.0), place.guid(refused.guid.0));
    let sql = format!("DELETE FROM orders WHERE order_guid = {gone}");
    spoiler.breaks(&["created-order-is-there", "event-has-its-order"], &[sql]).await;
    let sql = format!("UPDATE tasks SET outcome = 'refused' WHERE task_guid = {refused}");
    spoiler.breaks(&["order-creator-is-done"], &[sql]).await;
    spoiler.finish(|name| name.starts_with("order-") || name.starts_with("created-")).await;
}

async fn each_rule_of_events_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    let both = EventTypes { changes: true, statuses: true };
    store.set_event_types(store.callers.main, both).await.unwrap();
    let mut spoiler = Spoiler::of(store, place).await;
    let (has_order, says_how) = ("event-has-its-order", "status-event-says-how-its-order-stands");
    let create = Ask::create_order(V1, json!({"price": {"total": "10.00"}}));
    for (check, change) in [
        (has_order, "events SET version = 2"),
        (has_order, "events SET object_id = 4242"),
        (says_how, "orders SET status = 'Canceled', closed_at = created_at"),
        (says_how, "orders SET bill_printed = NOT bill_printed"),
        (says_how, "orders SET substate = 'cooking'"),
        (says_how, "events SET body = '{}'"),
    ] {
        let guid = place.guid(done(store, &create).await.guid.0);
        let of_order = format!("WHERE order_guid = {guid}");
        let statuses = "event_type = 'OrderStatusChanged'";
        let sql = match change.starts_with("events") {
            true => format!("UPDATE {change} {of_order} AND {statuses}"),
            false => format!("UPDATE {change} {of_order}"),
        };
        // Its letter is not found where it says.
        let also = change.contains("4242").then_some("letter-has-its-subject");
        let checks: Vec<_> = [check].into_iter().chain(also).collect();
        spoiler.breaks(&checks, &[sql]).await;
    }
    // What another change came after is as it was then.
    let guid = place.guid(done(store, &create).await.guid.0);
    let later =
        format!("UPDATE orders SET version = 2, bill_printed = true WHERE order_guid = {guid}");
    spoiler.breaks(&[], &[later]).await;
    spoiler.finish(|name| [has_order, says_how].contains(&name)).await;
}

async fn each_rule_of_tills_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    crate::till::client::add(store, V1).await;
    let mut spoiler = Spoiler::of(store, place).await;
    for (check, change) in [
        ("waiting-order-is-open-and-unpaid", "acceptance = 'waiting', accept_by = created_at"),
        ("rejected-order-says-why", "acceptance = 'rejected'"),
        ("rejected-order-says-why", "reject_code = '0'"),
    ] {
        let (order, _) = paid(store).await;
        let guid = place.guid(order.0);
        let sql = format!("UPDATE orders SET {change} WHERE order_guid = {guid}");
        spoiler.breaks(&[check], &[sql]).await;
    }
    for (check, change) in [
        ("till-event-is-counted", "event_number = 1000"),
        ("till-event-is-counted", "event_number = 0"),
        ("till-event-has-its-till", "object_id = 4242"),
    ] {
        let (order, _) = paid(store).await;
        let guid = place.guid(order.0);
        let sql = format!("UPDATE till_events SET {change} WHERE order_guid = {guid}");
        spoiler.breaks(&[check], &[sql]).await;
    }
    spoiler
        .finish(|name| {
            ["waiting-", "rejected-", "till-"].iter().any(|begins| name.starts_with(begins))
        })
        .await;
}

async fn each_rule_of_payments_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    put(store, V1, &json!({"onlineCurrency": ONLINE})).await;
    let mut spoiler = Spoiler::of(store, place).await;
    let nothing = place.kopecks(0);
    let other = V2.0;
    for (checks, statements) in [
        (
            &["payment-has-its-order", "event-has-its-order"][..],
            &["DELETE FROM orders WHERE order_guid = ORDER"][..],
        ),
        (
            &["payment-has-its-task"],
            &[
                "DELETE FROM tasks WHERE task_guid = TASK",
                "DELETE FROM deliveries WHERE subject = TASK",
            ],
        ),
        // Its task has no payment at its own object, either.
        (
            &["payment-task-is-of-its-object", "done-task-has-its-payment", "event-has-its-order"],
            &[
                "UPDATE orders SET object_id = OTHER WHERE order_guid = ORDER",
                "UPDATE payments SET object_id = OTHER WHERE order_guid = ORDER",
            ],
        ),
        (
            &["timeout-took-nothing"],
            &[
                "UPDATE tasks SET outcome = 'timeout', deadline = registered_at WHERE task_guid = TASK",
            ],
        ),
        (
            &["cancelled-took-nothing", "cancelled-task-was-asked-for"],
            &["UPDATE tasks SET outcome = 'cancelled' WHERE task_guid = TASK"],
        ),
        (
            &["payment-task-is-done"],
            &["UPDATE tasks SET outcome = 'failed' WHERE task_guid = TASK"],
        ),
        (
            &["payment-task-is-done"],
            &["UPDATE tasks SET outcome = 'refused' WHERE task_guid = TASK"],
        ),
        (
            &["payment-task-is-done"],
            &[
                "UPDATE tasks SET outcome = NULL, answer = NULL, answered_at = NULL
                 WHERE task_guid = TASK",
                "DELETE FROM deliveries WHERE subject = TASK",
            ],
        ),
        (
            &["payment-task-pays"],
            &["UPDATE tasks SET task_type = 'GetOrder' WHERE task_guid = TASK"],
        ),
        (
            &["payment-is-in-time"],
            &["UPDATE tasks SET deadline = registered_at WHERE task_guid = TASK"],
        ),
        (
            &["removal-is-whole"],
            &["UPDATE payments SET removed_at = taken_at WHERE task_guid = TASK"],
        ),
        (
            &["removal-has-its-task"],
            &[
                "UPDATE payments SET removed_by = NEW, removed_at = taken_at WHERE task_guid = TASK",
                "UPDATE orders SET paid = NOTHING WHERE order_guid = ORDER",
            ],
        ),
        (
            &["removal-task-is-done"],
            &[
                "UPDATE payments SET removed_by = task_guid, removed_at = taken_at
                 WHERE task_guid = TASK",
                "UPDATE orders SET paid = NOTHING WHERE order_guid = ORDER",
            ],
        ),
        (
            &["done-task-has-its-payment"],
            &[
                "DELETE FROM payments WHERE task_guid = TASK",
                "UPDATE orders SET paid = NOTHING WHERE order_guid = ORDER",
            ],
        ),
        (
            &["payment-is-as-asked"],
            &[
                "UPDATE payments SET amount = amount / 2 WHERE task_guid = TASK",
                "UPDATE orders SET paid = paid / 2 WHERE order_guid = ORDER",
            ],
        ),
        (&["payment-is-as-asked"], &["UPDATE tasks SET request = '{}' WHERE task_guid = TASK"]),
    ] {
        let (order, key) = paid(store).await;
        let text = |sql: &&str| {
            sql.replace("ORDER", &place.guid(order.0))
                .replace("TASK", &place.guid(key.guid.0))
                .replace("NEW", &place.guid(Uuid::now_v7()))
                .replace("NOTHING", &nothing)
                .replace("OTHER", &other.to_string())
        };
        spoiler.breaks(checks, &statements.iter().map(text).collect::<Vec<_>>()).await;
    }
    // The right sum, of another order: what the request says is not what was done.
    let (order, key) = paid(store).await;
    let wrong = store.order(V1, "10.00").await;
    let (order, key) = (place.guid(order.0), place.guid(key.guid.0));
    let wrong = place.guid(wrong.0);
    let four = place.kopecks(400);
    let moved = [
        format!("UPDATE payments SET order_guid = {wrong} WHERE task_guid = {key}"),
        format!("UPDATE orders SET paid = {four} WHERE order_guid = {wrong}"),
        format!("UPDATE orders SET paid = {nothing} WHERE order_guid = {order}"),
    ];
    spoiler.breaks(&["payment-is-as-asked"], &moved).await;
    // An order that was paid already when it was created, of which nothing is left, or half.
    let online = json!({"price": {"total": "10.00"}, "payment": {"type": "online"}});
    for (check, payment, paid) in [
        ("done-task-has-its-payment", "DELETE FROM payments", nothing.clone()),
        ("payment-is-as-asked", "UPDATE payments SET amount = amount / 2", "paid / 2".into()),
    ] {
        let key = store.registered(&Ask::create_order(V1, online.clone())).await;
        store.settle(&[key]).await.unwrap();
        let guid = place.guid(key.guid.0);
        let spoilt = [
            format!("{payment} WHERE task_guid = {guid}"),
            format!("UPDATE orders SET paid = {paid} WHERE order_guid = {guid}"),
        ];
        spoiler.breaks(&[check], &spoilt).await;
    }
    let of = ["payment-", "removal-", "timeout-took", "cancelled-", "done-task"];
    spoiler.finish(|name| of.iter().any(|prefix| name.starts_with(prefix))).await;
}

async fn each_rule_of_tasks_can_be_seen_broken(store: &TestStore) {
    let place = &store.place;
    let mut spoiler = Spoiler::of(store, place).await;
    let (long_ago, later) = (place.moment(-600_000), place.moment(600_000));
    for (check, is_done, change) in [
        ("answer-is-whole", true, "answer = NULL".to_owned()),
        ("answer-is-whole", true, "answered_at = NULL".into()),
        ("outcome-is-known", true, "outcome = 'perhaps'".into()),
        ("timeout-is-not-early", true, "outcome = 'timeout'".into()),
        ("done-is-in-time", true, format!("deadline = {long_ago}")),
        ("done-is-not-early", true, format!("not_before = {later}")),
        ("answer-is-whole", false, "answer = '{}'".into()),
        ("open-task-is-in-time", false, format!("deadline = {long_ago}")),
    ] {
        let order = store.order(V1, "10.00").await;
        let ask = Ask::get_order(V1, order);
        let key = match is_done {
            true => done(store, &ask).await,
            false => store.registered(&ask).await,
        };
        let guid = place.guid(key.guid.0);
        let sql = format!("UPDATE tasks SET {change} WHERE task_guid = {guid}");
        spoiler.breaks(&[check], &[sql]).await;
    }
    // Refused after its deadline is as good as any time.
    let key = done(store, &Ask::get_order(V1, OrderGuid::new())).await;
    let guid = place.guid(key.guid.0);
    let sql = format!("UPDATE tasks SET deadline = {long_ago} WHERE task_guid = {guid}");
    spoiler.breaks(&[], &[sql]).await;
    let of = ["answer-", "outcome-", "open-", "timeout-is", "done-is"];
    spoiler.finish(|name| of.iter().any(|prefix| name.starts_with(prefix))).await;
}
