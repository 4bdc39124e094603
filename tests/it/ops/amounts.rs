//! Tasks, payments and orders by their amounts, which are never floats.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CARD, CASH, V2};

fn set(page: &Value, name: &str) -> BTreeSet<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

async fn payments_are_found_by_their_amounts(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let pay = async |total: &str, lines: &[(&str, _)]| {
        let order = app.order(V2, total).await;
        let guid = app.submit(&Ask::pay(V2, order, lines)).await;
        app.answer(guid).await;
        guid.to_string()
    };
    let done = pay("449.35", &[("449.35", CASH)]).await;
    let refused = pay("10", &[("449.35", CASH)]).await;
    let parts = pay("449.35", &[("300", CASH), ("149.35", CARD)]).await;
    let other = pay("449.36", &[("449.36", CASH)]).await;
    // What is ordered is not what is paid.
    let created = json!({"originalOrderId": "A-1", "price": {"total": 449.35}});
    app.answer(app.submit(&Ask::create_order(V2, created)).await).await;

    let all =
        |guids: &[&String]| -> BTreeSet<String> { guids.iter().map(|g| (*g).clone()).collect() };
    for (query, expected) in [
        ("amount=449.35", all(&[&done, &refused, &parts])),
        ("amount=449.35&state=done", all(&[&done, &parts])),
        ("amount=449.35&state=refused&caller=main", all(&[&refused])),
        ("amount=300.00", all(&[&parts])),
        ("amount=449.34", all(&[])),
        ("amountFrom=449.36", all(&[&other])),
        ("amountTo=149.35", all(&[&parts])),
        ("amountFrom=449.35&amountTo=449.36&state=done", all(&[&done, &parts, &other])),
        (&format!("taskGuid={done}&amount=449.35"), all(&[&done])),
        (&format!("taskGuid={done}&amount=1"), all(&[])),
        (&format!("taskGuid={done}&state=refused"), all(&[])),
        (&format!("object={V2}&amount=449.36"), all(&[&other])),
    ] {
        let page = ops.get(&format!("/ops/v1/tasks?{query}")).await.ok();
        assert_eq!(set(&page, "taskGuid"), expected, "{query}: {page}");
    }
    for (query, expected) in [
        ("amount=449.35", all(&[&done])),
        ("amountFrom=149.35&amountTo=300", all(&[&parts])),
        (&format!("task={parts}&amount=300"), all(&[&parts])),
        (&format!("task={parts}&amount=301"), all(&[])),
    ] {
        let page = ops.get(&format!("/ops/v1/payments?object={V2}&{query}")).await.ok();
        assert_eq!(set(&page, "id"), expected, "{query}: {page}");
    }
    let orders = ops.get("/ops/v1/orders?amount=449.35").await.ok();
    assert_eq!(orders["items"].as_array().unwrap().len(), 3, "{orders}");

    for (path, said) in [
        ("tasks?amount=449,35", "amount: it must be digits with at most one dot"),
        ("tasks?amount=1e3", "amount: exponent notation"),
        ("tasks?amountFrom=-1", "amountFrom: it must not be negative"),
        ("tasks?amountTo=1.005", "amountTo: it must have at most two decimals"),
        ("tasks?amount=1&amountTo=2", "amount: it stands alone"),
        ("tasks?amountFrom=2&amountTo=1", "amountFrom: 2.00 is more than amountTo, 1.00"),
        ("objects?amount=1", "amount: objects have none"),
        ("services?object=7&amount=1", "amount: services have none"),
        (&format!("tasks?taskGuid={done}&limit=5"), "limit: what is looked up exactly"),
        ("orders?originalOrderId=A-1&limit=5", "limit: what is looked up exactly"),
    ] {
        let told = ops.get(&format!("/ops/v1/{path}")).await.refused(400);
        assert!(told.starts_with(said), "{path}: {told}");
    }
    app.finish().await;
}

/// The payments of one task stay on one page: a cursor behind it has seen them all.
async fn no_page_ends_between_two_payments_of_one_task(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    for _ in 0..3 {
        let order = app.order(V2, "10").await;
        let lines = [("1", CASH), ("2", CASH), ("3", CASH), ("4", CARD)];
        app.answer(app.submit(&Ask::pay(V2, order, &lines)).await).await;
    }
    for (limit, filter, expected) in
        [(1, "", 12), (3, "", 12), (5, "", 12), (500, "", 12), (1, "&amountFrom=3", 6)]
    {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/ops/v1/payments?object={V2}&limit={limit}{filter}{cursor}");
            let page = ops.get(&path).await.ok();
            let line = |item: &Value| (item["id"].to_string(), item["line"].as_i64());
            seen.extend(page["items"].as_array().unwrap().iter().map(line));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let unique: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (expected, expected), "{limit} {filter} {seen:?}");
    }
    let page = ops.get(&format!("/ops/v1/payments?object={V2}&limit=1")).await.ok();
    let next = page["next"].as_str().unwrap();
    let other = format!("/ops/v1/payments?object={V2}&limit=1&amount=4&cursor={next}");
    assert!(ops.get(&other).await.refused(400).contains("cursor: it is none of this list"));
    app.finish().await;
}

/// What the books of each protocol have of a task that was done.
async fn a_task_of_each_protocol_is_found_by_what_its_books_have(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let (now, amount) =
        (app.place.moment(0), if kind == Stores::Sqlite { "4217" } else { "42.17" });
    for (number, task_type, columns, values) in [
        (
            1,
            "activeplatform.CompletePayment",
            "ap_entries (reseller_id, task_guid, line, account_id, payment_id, kind, manager_id, entered_at, amount)",
            "1, 7, 7, 'payment', 7",
        ),
        (
            2,
            "ticketscloud.ChangeOrder",
            "tc_entries (object_id, task_guid, order_id, kind, entered_at, amount)",
            "'5a1b3c5d7e9f00112233aabb', 'sale'",
        ),
        (
            3,
            "billmanager.Confirm",
            "bm_entries (object_id, task_guid, line, order_id, kind, entered_at, amount)",
            "1, 7, 'order'",
        ),
        (
            4,
            "PayOrder",
            "payments (object_id, task_guid, line, order_guid, currency_guid, written_off, taken_at, amount)",
            "1, {guid}, {guid}, 0",
        ),
    ] {
        let guid = app.place.guid(uuid::Uuid::from_u128(number));
        let values = values.replace("{guid}", &guid);
        let entry =
            format!("INSERT INTO {columns} VALUES ({number}, {guid}, {values}, {now}, {amount})");
        app.place.execute(&entry).await.unwrap();
        let task = format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, registered_at, deadline,
                                publish_at, outcome, answer, answered_at)
             VALUES ({number}, {guid}, 1, '{task_type}', '{{}}', {now}, {now}, {now}, 'done', '{{}}', {now})"
        );
        app.place.execute(&task).await.unwrap();
        for (amount, found) in [("42.17", 1), ("42.18", 0)] {
            let page =
                ops.get(&format!("/ops/v1/tasks?type={task_type}&amount={amount}")).await.ok();
            assert_eq!(page["items"].as_array().unwrap().len(), found, "{task_type}: {page}");
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_each_protocol_is_found_by_what_its_books_have_on_sqlite() {
    a_task_of_each_protocol_is_found_by_what_its_books_have(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_each_protocol_is_found_by_what_its_books_have_on_postgres() {
    a_task_of_each_protocol_is_found_by_what_its_books_have(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_found_by_their_amounts_on_sqlite() {
    payments_are_found_by_their_amounts(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_found_by_their_amounts_on_postgres() {
    payments_are_found_by_their_amounts(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_ends_between_two_payments_of_one_task_on_sqlite() {
    no_page_ends_between_two_payments_of_one_task(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_ends_between_two_payments_of_one_task_on_postgres() {
    no_page_ends_between_two_payments_of_one_task(Stores::Postgres).await;
}
