//! What a till does to orders, on both stores: each change as it comes back, and as the books have it.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::boot::Role;

use super::client::{Till, Told, add, happened};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1, V2, VOUCHER};

async fn a_waiter_works(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V1).await;
    let till = Till::of(&app, V1);
    let order = till.opens("5", "100").await;
    let version = |told: &Told| told.order()["version"].as_i64().unwrap();

    let dishes = json!({"total": 250.5, "tableCode": "6", "comment": "no nuts", "waiterId": null, "products": [
        {"id": 1, "name": "Fish", "price": 100, "quantity": 2},
        {"id": "2", "name": "Wine", "price": "33.67", "quantity": 1.5, "ingredients": [
            {"id": "9", "name": "Ice", "quantity": 2}]},
    ]});
    let edited = till.edit(order, 1, &dishes).await;
    // 200 and 50.505.
    assert_eq!(edited.refused(400), "BadRequest", "the total is compared");
    let dishes = {
        let mut dishes = dishes;
        dishes["total"] = json!(250.51);
        dishes
    };
    let edited = till.edit(order, 1, &dishes).await;
    let seen = edited.order();
    assert_eq!(
        (&seen["total"], &seen["tableCode"], &seen["waiterId"]),
        (&json!(250.51), &json!("6"), &Value::Null)
    );
    assert_eq!(seen["products"][1]["ingredients"][0]["name"], "Ice");
    let listed = app.ask(&Ask::order_list(V1).with("tableCode", "6")).await;
    assert_eq!(listed["taskResponse"]["orders"][0]["sum"], json!(250.51), "{listed}");
    let listed = app.ask(&Ask::order_list(V1).with("tableCode", "5")).await;
    assert_eq!(listed["taskResponse"]["orders"], json!([]), "it left that table");

    let voided = till
        .act(order, version(&edited), "void", Some(&json!({"lines": [1], "reason": "corked"})))
        .await;
    assert_eq!(voided.order()["total"], json!(200.0));
    let read = app.ask(&Ask::get_order(V1, order)).await;
    assert_eq!(read["taskResponse"]["order"]["products"][1]["voidingReason"], "corked", "{read}");
    let billed = till.act(order, version(&voided), "bill", None).await;
    assert_eq!(billed.order()["isBillPrinted"], true);
    let state = app.ask(&Ask::order_state(V1, order)).await;
    assert_eq!(state["taskResponse"]["order"]["status"]["isBillPrinted"], true, "{state}");
    let changed = till.edit(order, version(&billed), &json!({"products": []})).await;
    assert_eq!(changed.refused(409), "BillPrinted");
    let tag = format!("\"{}\"", version(&billed));
    let undone = till
        .ask(Method::DELETE, &format!("/orders/{order}/bill"), &[("If-Match", &tag)], None)
        .await;
    assert_eq!(undone.order()["isBillPrinted"], false);

    // A part by an aggregator, the rest at the till.
    assert_eq!(code(&app.ask(&Ask::pay(V1, order, &[("150", CASH)])).await), "done");
    let late = till
        .act(order, version(&undone), "payments", Some(&json!({"amount": 200, "currency": CASH})))
        .await;
    assert_eq!(late.refused(412), "VersionMismatch");
    let there = late.json()["error"]["version"].as_i64().unwrap();
    assert_eq!(
        (there, late.tag.as_deref()),
        (version(&undone) + 1, Some(&*format!("\"{there}\"")))
    );
    let below = till.edit(order, there, &json!({"products": []})).await;
    assert_eq!(below.refused(409), "TotalBelowPaid");
    let open = till.act(order, there, "close", None).await;
    assert_eq!(open.refused(409), "WsaOrderNotPaid");
    let unclear =
        till.act(order, there, "payments", Some(&json!({"amount": 50, "kind": "card"}))).await;
    assert_eq!(
        unclear.refused(422),
        "CurrencyNotSpecified",
        "there are two of that kind: {VOUCHER}"
    );
    let paid =
        till.act(order, there, "payments", Some(&json!({"amount": 50, "kind": "cash"}))).await;
    assert_eq!(paid.order()["due"], json!(0.0));
    let closed = till.act(order, version(&paid), "close", Some(&json!({}))).await;
    assert_eq!(closed.order()["status"], "Complited");
    assert_eq!(
        till.act(order, version(&closed), "cancel", None).await.refused(409),
        "WsaOrderClosed"
    );

    // Another one is cancelled with what was paid of it.
    let other = till.opens("5", "10").await;
    let paid = till.act(other, 1, "payments", Some(&json!({"amount": 4, "currency": CASH}))).await;
    let cancelled = till.act(other, version(&paid), "cancel", None).await.order();
    assert_eq!((&cancelled["status"], &cancelled["paid"]), (&json!("Canceled"), &json!(0.0)));
    let read = till.order(other).await;
    assert_eq!(read["payments"][0]["removed"], true, "{read}");

    let events = till.events(0, 0).await;
    assert_eq!(
        happened(&events),
        [
            "OrderCreated",
            "OrderChanged",
            "OrderChanged",
            "BillPrinted",
            "BillUndone",
            "OrderPaid",
            "OrderPaid",
            "OrderCompleted",
            "OrderCreated",
            "OrderPaid",
            "OrderCanceled",
        ]
    );
    let books = app.finish().await;
    books.assert_order(order, 20_000, "Complited");
    books.assert_order(other, 0, "Canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_works_on_sqlite() {
    a_waiter_works(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_works_on_postgres() {
    a_waiter_works(Stores::Postgres).await;
}

async fn what_is_repeated_is_done_once(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V1).await;
    let till = Till::of(&app, V1);
    let order = json!({"products": [{"id": "1", "name": "Tea", "price": 3, "quantity": 1}]});
    let key = [("Idempotency-Key", "order 1")];
    let post = async |headers: &[(&str, &str)], body: &Value| {
        till.ask(Method::POST, "/orders", headers, Some(body)).await
    };
    let first = post(&key, &order).await;
    let again = post(&key, &order).await;
    assert_eq!((first.status.as_u16(), &first.text, &first.task), (201, &again.text, &again.task));
    let other = post(&key, &json!({"products": []})).await;
    assert_eq!(other.refused(422), "IdempotencyMismatch");

    let guid = uuid::Uuid::new_v4();
    let named = json!({"orderGuid": guid, "products": []});
    let first = till.open(&named).await;
    assert_eq!(first.order()["orderGuid"], guid.to_string());
    assert_eq!(till.open(&named).await.text, first.text);
    let taken = till.open(&json!({"orderGuid": guid, "products": [], "comment": "another"})).await;
    assert_eq!(taken.refused(409), "OrderExists");
    assert_eq!(post(&key, &named).await.refused(400), "BadRequest", "two names");
    let loaded = app.order(V1, "5").await;
    let taken = till.open(&json!({"orderGuid": loaded, "products": []})).await;
    assert_eq!(taken.refused(409), "OrderExists", "of an order that no task made");

    let order = till.opens("1", "10").await;
    let path = format!("/orders/{order}/payments");
    let pay = json!({"amount": 10, "currency": CASH});
    let headers = [("If-Match", "\"1\""), ("Idempotency-Key", "payment 1")];
    let paid = till.ask(Method::POST, &path, &headers, Some(&pay)).await;
    let again = till.ask(Method::POST, &path, &headers, Some(&pay)).await;
    assert_eq!((&paid.text, paid.order()["version"].clone()), (&again.text, json!(2)));
    let without = till.ask(Method::POST, &path, &headers[..1], Some(&pay)).await;
    assert_eq!(without.refused(412), "VersionMismatch", "without a name it is another one");
    app.finish().await.assert_order(order, 1_000, "Created");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repeated_is_done_once_on_sqlite() {
    what_is_repeated_is_done_once(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repeated_is_done_once_on_postgres() {
    what_is_repeated_is_done_once(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_it_ended() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    add(app.store(), V2).await;
    let till = Till::of(&app, V2);
    let mut all: Vec<String> =
        app.orders(V2, "5", 230).await.iter().map(ToString::to_string).collect();
    let at_table = till.opens("9", "1").await.to_string();
    all.push(at_table.clone());
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let path = match cursor.as_str() {
            "" => "/orders".to_owned(),
            cursor => format!("/orders?cursor={cursor}"),
        };
        let json = till.get(&path).await.json();
        listed.extend(
            json["orders"]
                .as_array()
                .unwrap()
                .iter()
                .map(|o| o["orderGuid"].as_str().unwrap().to_owned()),
        );
        cursor = json["nextCursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(cursor, "", "it ends");
    assert_eq!(listed[0], at_table, "the newest first");
    listed.sort();
    all.sort();
    assert_eq!(listed, all, "each once");
    let of_table = till.get("/orders?table=9&status=Created").await.json();
    assert_eq!(of_table["orders"].as_array().unwrap().len(), 1);
    assert_eq!(till.get("/orders?status=Complited").await.json()["orders"], json!([]));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_told_so_and_is_not_done() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    add(app.store(), V2).await;
    let (till, order) = (Till::of(&app, V2), app.order(V2, "10").await);
    let headers = [("If-Match", "\"1\""), ("Prefer", "wait=1"), ("Idempotency-Key", "bill 1")];
    let path = format!("/orders/{order}/bill");
    let told = till.ask(Method::POST, &path, &headers, None).await;
    assert_eq!(told.refused(504), "Timeout");
    let worker = app.beside(Role::Worker).start().await;
    let again = till.ask(Method::POST, &path, &headers, None).await;
    assert_eq!(again.text, told.text, "for ever");
    assert_eq!(
        till.act(order, 1, "bill", None).await.order()["version"],
        2,
        "the first one that counts"
    );
    worker.stop().await;
    app.finish().await;
}
