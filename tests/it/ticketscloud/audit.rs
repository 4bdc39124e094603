//! The audit of what was sold.

use serde_json::json;
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::protocols::ticketscloud::hex_id::PromocodeId;
use wsa::protocols::ticketscloud::model::{Discount, Period, Promocode};
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::audit::Spoiler;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const CODES: [&str; 2] = ["FEW", "MANY"];
const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_box_office_can_be_seen_broken_on_sqlite() {
    each_rule_of_the_box_office_can_be_seen_broken(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_box_office_can_be_seen_broken_on_postgres() {
    each_rule_of_the_box_office_can_be_seen_broken(Stores::Postgres).await;
}

async fn add_codes(app: &TestApp, object: ObjectId) {
    for code in CODES {
        let new = Promocode {
            id: PromocodeId::random(),
            code: code.into(),
            discount: Discount::Fixed(Money::parse("10").unwrap()),
            set: None,
            uses: Some(5),
            used: 0,
            period: Period::default(),
        };
        assert!(Tables::of(app.store()).add_promocode(object, &new).await.unwrap());
    }
}

/// Orders of a ticket each that took these steps.
async fn orders<const N: usize>(app: &TestApp, steps: &[&str]) -> [String; N] {
    let mut made = Vec::new();
    for _ in 0..N {
        let order = ordered(app, 1).await;
        for to in steps {
            step(app, &order, to).await.ok(200);
        }
        made.push(order);
    }
    made.try_into().unwrap()
}

/// An order of two tickets that is done.
async fn ordered_two(app: &TestApp) -> String {
    let order = ordered(app, 2).await;
    step(app, &order, "done").await.ok(200);
    order
}

async fn each_rule_of_the_box_office_can_be_seen_broken(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let object = seed_with(app.store(), 40).await;
    add_codes(&app, object).await;
    for _ in 0..2 {
        create(&app, ORG, json!({"random": {SET: 1}, "promocodes": CODES})).await.ok(201);
    }
    let elsewhere = json!({"event": OTHER_EVENT, "random": {SET: 1}}).to_string();
    let elsewhere =
        send(request(&app, STRANGER, reqwest::Method::POST, ORDERS).body(elsewhere)).await;
    elsewhere.ok(201);
    let new: [String; 12] = orders(&app, &[]).await;
    let done: [String; 6] = orders(&app, &["done"]).await;
    let [refunded] = orders(&app, &["done", "refunded"]).await;
    let [canceled] = orders(&app, &["canceled"]).await;
    let given = ordered_two(&app).await;
    let held = look(&app, &given).await.tickets();
    let refund = async |ticket: usize, status: Option<&str>| {
        let asked = super::refunds::ask(&app, &given, "org", &held[ticket..=ticket]).await.id();
        if let Some(status) = status {
            super::refunds::settle(&app, &asked, status).await.ok(200);
        }
        asked
    };
    let rejected = refund(1, Some("rejected")).await;
    let approved = refund(0, Some("approved")).await;
    let waiting = refund(1, None).await;
    let [whole] = orders(&app, &["done"]).await;
    let (open, place) = (app.place.open(), app.place.clone());
    app.finish().await;

    let mut spoiler = Spoiler::of(&open, &place).await;
    // A constraint that is an index.
    place.execute("DROP INDEX tc_one_holder").await.unwrap();
    let cent = place.kopecks(1);
    let free =
        |order: &str| format!("UPDATE tc_tickets SET order_id = NULL WHERE order_id = '{order}'");
    let line = |order: &str, of: &str, held: bool| {
        format!(
            "INSERT INTO tc_lines (object_id, order_id, ticket_id, set_id, rule_id, price, extra, discount,
                                   held, task_guid)
             SELECT object_id, '{order}', ticket_id, set_id, rule_id, 0, 0, 0, {held}, task_guid
             FROM tc_lines WHERE order_id = '{of}'"
        )
    };
    let maker =
        |order: &str| format!("(SELECT task_guid FROM tc_orders WHERE order_id = '{order}')");
    let entered =
        |order: &str| format!("(SELECT task_guid FROM tc_entries WHERE order_id = '{order}')");

    // Tickets and their lines.
    let sql = line(&new[0], &new[1], true);
    spoiler.breaks(&["tc-ticket-has-one-holder"], &[sql]).await;
    spoiler.breaks(&["tc-ticket-is-of-its-holder"], &[free(&new[2])]).await;
    let sql = format!(
        "UPDATE tc_tickets SET order_id = '{}' WHERE ticket_id = '{}' AND object_id = {object}",
        new[2],
        ticket(BALCONY, 0)
    );
    spoiler.breaks(&["tc-ticket-is-of-its-holder"], &[sql]).await;
    let sql = format!("UPDATE tc_lines SET held = false WHERE order_id = '{}'", new[3]);
    spoiler.breaks(&["tc-line-is-held-by-a-live-order"], &[sql, free(&new[3])]).await;
    let sql = format!("DELETE FROM tc_tickets WHERE order_id = '{}'", new[4]);
    spoiler.breaks(&["tc-held-ticket-is-there", "tc-set-amount-is-the-count"], &[sql]).await;
    let sql = line("56a76c72f06c5a77b5938010", &new[1], false);
    spoiler.breaks(&["tc-line-has-its-order"], &[sql]).await;

    // Orders and their sums.
    let sql = format!("DELETE FROM tc_lines WHERE order_id = '{}'", done[5]);
    spoiler.breaks(&["tc-order-has-a-line"], &[sql, free(&done[5])]).await;
    let sql = format!(
        "UPDATE tc_orders SET shown_number = shown_number + 1 WHERE order_id = '{}'",
        new[5]
    );
    spoiler.breaks(&["tc-order-number-is-its-own"], &[sql]).await;
    let sql = format!("UPDATE tc_lines SET extra = extra + {cent} WHERE order_id = '{}'", new[6]);
    spoiler.breaks(&["tc-order-is-the-sum"], &[sql]).await;
    for column in ["nominal", "discount", "value"] {
        let sql = format!(
            "UPDATE tc_orders SET {column} = {column} + {cent} WHERE order_id = '{}'",
            new[7]
        );
        spoiler.breaks(&["tc-order-is-the-sum"], std::slice::from_ref(&sql)).await;
        spoiler.mends("tc-order-is-the-sum");
        spoiler.breaks(&[], &[sql.replace('+', "-")]).await;
    }
    let sql = format!("UPDATE tc_orders SET status = 'paid' WHERE order_id = '{canceled}'");
    spoiler.breaks(&["tc-order-status-is-known"], &[sql]).await;

    // What was sold and given back.
    let sql = format!("DELETE FROM tc_entries WHERE order_id = '{}'", done[0]);
    spoiler.breaks(&["tc-sale-is-entered"], &[sql]).await;
    let sql =
        format!("UPDATE tc_entries SET amount = amount + {cent} WHERE order_id = '{}'", done[1]);
    spoiler.breaks(&["tc-sale-is-entered"], &[sql]).await;
    let sql = format!("DELETE FROM tc_entries WHERE order_id = '{refunded}' AND kind = 'refund'");
    spoiler.breaks(&["tc-refund-is-entered"], &[sql]).await;
    let sql = format!(
        "INSERT INTO tc_entries (object_id, task_guid, order_id, kind, amount, entered_at)
         SELECT object_id, task_guid, '56a76c72f06c5a77b5938010', 'sale', value, created_at
         FROM tc_orders WHERE order_id = '{}'",
        new[8]
    );
    spoiler.breaks(&["tc-entry-has-its-order"], &[sql]).await;

    // Refunds.
    let sql = format!("UPDATE tc_orders SET refunded = value + {cent} WHERE order_id = '{given}'");
    spoiler.breaks(&["tc-refund-is-within-the-sale"], &[sql]).await;
    let sql = format!("UPDATE tc_orders SET status = 'refunded' WHERE order_id = '{whole}'");
    let both = ["tc-line-is-held-by-a-live-order", "tc-refunded-order-has-no-tickets"];
    spoiler.breaks(&both, &[sql]).await;
    let sql = format!(
        "INSERT INTO tc_refunds (object_id, refund_id, order_id, partner_id, org, culprit, status, value, stay,
                                 created_at, updated_at, finished_at, task_guid, closed_by, version)
         SELECT object_id, '56a76c72f06c5a77b5938011', '56a76c72f06c5a77b5938010', partner_id, org, culprit,
                status, 0, stay, created_at, updated_at, finished_at, {}, closed_by, version
         FROM tc_refunds WHERE refund_id = '{rejected}'",
        maker(&new[0])
    );
    spoiler.breaks(&["tc-refund-has-its-order"], &[sql]).await;
    let sql = format!("UPDATE tc_refunds SET value = value + {cent} WHERE refund_id = '{waiting}'");
    spoiler.breaks(&["tc-refund-is-the-sum"], &[sql]).await;
    let sql = format!(
        "INSERT INTO tc_entries (object_id, task_guid, order_id, refund_id, kind, amount, entered_at)
         SELECT object_id, closed_by, order_id, refund_id, 'refund', 0, finished_at
         FROM tc_refunds WHERE refund_id = '{rejected}'"
    );
    spoiler.breaks(&["tc-refund-request-is-entered"], &[sql]).await;
    let other = format!("(SELECT task_guid FROM tc_refunds WHERE refund_id = '{waiting}')");
    let sql = format!(
        "UPDATE tc_lines SET refunded_by = {other} WHERE order_id = '{given}' AND refunded_by IS NOT NULL"
    );
    spoiler.breaks(&["tc-ticket-is-given-back-once"], &[sql]).await;
    let sql = format!(
        "UPDATE tasks SET outcome = 'failed'
         WHERE task_guid = (SELECT task_guid FROM tc_refunds WHERE refund_id = '{approved}')"
    );
    spoiler.breaks(&["tc-refund-task-is-done"], &[sql]).await;

    // The tasks of all that.
    let sql = format!("DELETE FROM tasks WHERE task_guid = {}", entered(&done[2]));
    spoiler.breaks(&["tc-entry-has-its-task"], &[sql]).await;
    let failed =
        |task: &str| format!("UPDATE tasks SET outcome = 'failed' WHERE task_guid = {task}");
    spoiler.breaks(&["tc-entry-task-is-done"], &[failed(&entered(&done[3]))]).await;
    let both = ["tc-order-task-is-done", "tc-line-task-is-done"];
    spoiler.breaks(&both, &[failed(&maker(&new[9]))]).await;
    let forgotten = |task: &str| format!("DELETE FROM tasks WHERE task_guid = {task}");
    spoiler.breaks(&both, &[forgotten(&maker(&new[10]))]).await;
    // What is older than tasks are kept for need not have its tasks.
    let past = place.moment(-31 * DAY_MS);
    let order = format!("UPDATE tc_orders SET created_at = {past} WHERE order_id = '{}'", done[4]);
    let entry = format!("UPDATE tc_entries SET entered_at = {past} WHERE order_id = '{}'", done[4]);
    let tasks = [forgotten(&maker(&done[4])), forgotten(&entered(&done[4]))];
    spoiler.breaks(&[], &[&[order, entry][..], &tasks].concat()).await;

    // Counts.
    let sql = "UPDATE tc_promocodes SET uses = 1 WHERE code = 'FEW'".to_owned();
    spoiler.breaks(&["tc-promocode-is-within-its-uses"], &[sql]).await;
    let sql = "UPDATE tc_promocodes SET used = used + 1 WHERE code = 'MANY'".to_owned();
    spoiler.breaks(&["tc-promocode-used-is-the-count"], &[sql]).await;
    let sql = format!(
        "UPDATE tc_orders SET number = 7000, shown_number = 7000 WHERE order_id = '{}'",
        new[11]
    );
    spoiler.breaks(&["tc-orders-are-numbered"], &[sql]).await;
    let sql = format!("DELETE FROM tc_events WHERE event_id = '{OTHER_EVENT}'");
    spoiler.breaks(&["tc-order-has-its-event"], &[sql]).await;
    spoiler.finish(|name| name.starts_with("tc-")).await;
}
