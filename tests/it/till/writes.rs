//! What an aggregator changes of an order that is open: as it comes back, as the till hears of it, and what it may not.

use serde_json::{Value, json};
use wsa::domain::task::OrderGuid;

use super::client::{Till, add, happened};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::catalogue::{held, put};
use crate::support::contract::assert_answer;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};

async fn shown(app: &TestApp, order: OrderGuid) -> Value {
    let read = app.ask(&Ask::get_order(V2, order)).await;
    assert_answer("GetOrderAnswer", &read);
    read["taskResponse"]["order"].clone()
}

async fn an_aggregator_changes_its_order(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    add(app.store(), V2).await;
    put(app.store(), V2, &held()).await;
    let till = Till::of(&app, V2);
    let dish = |id: &str, quantity: u32| json!({"id": id, "quantity": quantity});
    let create = json!({"price": {"total": 820}, "products": [dish("2", 2)], "tableCode": 12, "delivery": {
        "expectedTime": "2026-11-22T12:30:00", "address": {"fullAddress": "Nevsky 1", "flat": 5}}});
    let created = app.ask(&Ask::create_order(V2, create)).await;
    let guid = &created["taskResponse"]["order"]["orderGuid"];
    let order: OrderGuid = guid.as_str().unwrap_or_else(|| panic!("{created}")).parse().unwrap();
    // One of its lines is voided at the till; that is seen, and costs nothing.
    let voided = till.act(order, 1, "void", Some(&json!({"lines": [0], "reason": "cold"}))).await;
    assert_eq!(voided.order()["total"], json!(0.0));
    let listed = app.ask(&Ask::order_list(V2).with("tableCode", 12)).await;
    assert_eq!(listed["taskResponse"]["orders"][0]["sum"], json!(0.0), "{listed}");

    let update = |params: Value| Ask::update_order(V2, order, params);
    let updated = app.ask(&update(json!({"products": [dish("2", 3)]}))).await;
    assert_answer("UpdateOrderAnswer", &updated);
    let expected =
        json!({"order": {"orderGuid": order, "price": {"total": 1230.0, "summToPay": 1230.0}}});
    assert_eq!(updated["taskResponse"], expected, "{updated}");
    for (products, expected) in [
        (json!([dish("99", 1)]), "WsaOrderCreationDishNotFound"),
        (json!([dish("4", 1)]), "WsaOrderCreationDishNotFound"),
        (json!([{"id": "2", "quantity": 1, "price": 400}]), "WsaOrderCreationPriceMismatch"),
        (json!([{"id": "2", "quantity": 1, "discountIds": [7]}]), "BadRequest"),
    ] {
        let refused = app.ask(&update(json!({ "products": products }))).await;
        assert_eq!(code(&refused), expected, "{refused}");
        assert_answer("UpdateOrderAnswer", &refused);
    }
    let discounted = json!({"discountIds": [{"id": 5, "value": 10}], "price": {"total": 1000}});
    assert_eq!(code(&app.ask(&update(discounted)).await), "done");

    let fields = json!([
        {"name": "Comment", "value": "ring twice"}, {"name": "Delivery.Courier.Name", "value": "C"},
        {"name": "Delivery.Address", "value": "Nevsky 2"}, {"name": "Nobody", "value": "a"},
        {"name": "ChangeBackFrom", "value": "much"}, {"name": "PayMethod", "value": null},
    ]);
    let patched = app.ask(&Ask::patch_order(V2, order, &fields)).await;
    assert_answer("PatchOrderAnswer", &patched);
    let fields = patched["taskResponse"]["fields"].as_array().unwrap();
    let done: Vec<bool> = fields.iter().map(|f| f["isSuccess"].as_bool().unwrap()).collect();
    assert_eq!(done, [true, true, true, false, false, true], "{patched}");
    assert!(fields.iter().all(|f| f["isSuccess"] == f["error"].is_null()), "{patched}");

    let bill = |task_type| Ask::bill(V2, task_type, order);
    assert_eq!(app.ask(&bill("PrintBill")).await["taskResponse"], json!({}));
    assert_eq!(code(&app.ask(&update(json!({}))).await), "WsaOrderBillPrinted");
    let now = shown(&app, order).await;
    assert_eq!(now["status"], json!({"value": "Created", "isBillPrinted": true}), "{now}");
    assert_eq!(now["price"], json!({"total": 1000.0, "summToPay": 1000.0}));
    assert_eq!(
        (&now["comment"], &now["discountIds"]),
        (&json!("ring twice"), &json!([{"id": 5, "value": 10}]))
    );
    let lines: Vec<_> = now["products"].as_array().unwrap().iter().collect();
    assert_eq!((lines.len(), &lines[0]["name"]), (2, &json!("Pelmeni")), "{now}");
    assert_eq!(
        (&lines[0]["voidingReason"], &lines[1]["voidingReason"]),
        (&Value::Null, &json!("cold"))
    );
    assert_eq!(
        now["delivery"],
        json!({"expectedTime": "2026-11-22T12:30:00",
        "address": {"fullAddress": "Nevsky 2"}, "courier": {"name": "C"}})
    );

    assert_eq!(code(&app.ask(&bill("UndoBill")).await), "done");
    assert_eq!(shown(&app, order).await["status"]["isBillPrinted"], false);
    let prepaid =
        app.ask(&Ask::add_prepay(V2, order, "900").with("currencyGuid", json!(CASH))).await;
    assert_eq!(code(&prepaid), "done", "{prepaid}");
    let cheap = update(json!({"products": [dish("2", 1)]}));
    assert_eq!(code(&app.ask(&cheap).await), "WsaOrderTotalBelowPaid");
    assert_eq!(code(&app.ask(&Ask::pay(V2, order, &[("100", CASH)])).await), "done");
    for late in
        [cheap, bill("PrintBill"), bill("UndoBill"), Ask::patch_order(V2, order, &json!([]))]
    {
        assert_eq!(code(&app.ask(&late).await), "WsaOrderClosed", "{late:?}");
    }

    let events = till.events(0, 0).await;
    let expected = [
        "OrderCreated",
        "OrderChanged",
        "OrderChanged",
        "OrderChanged",
        "OrderChanged",
        "BillPrinted",
        "BillUndone",
        "OrderPaid",
        "OrderPaid",
    ];
    assert_eq!(happened(&events), expected, "what was refused or changed nothing is not heard of");
    let by: Vec<_> = events.iter().map(|(_, event)| event["by"].as_str().unwrap()).collect();
    assert_eq!(by.iter().filter(|by| **by == "aggregator").count(), 8, "{by:?}");
    assert_eq!(events[4].1["order"]["comment"], "ring twice");
    assert_eq!(events[2].1["order"]["total"], json!(1230.0));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregator_changes_its_order_on_sqlite() {
    an_aggregator_changes_its_order(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregator_changes_its_order_on_postgres() {
    an_aggregator_changes_its_order(Stores::Postgres, Queues::InProcess).await;
}
