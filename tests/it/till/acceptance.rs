//! An aggregator's order waits for the restaurant's word.

use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::ObjectChange;

use super::client::{Till, add, happened};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};

async fn accepting(app: &TestApp, object: ObjectId, within_s: i64) {
    let change = ObjectChange { accept_within_s: Some(Some(within_s)), ..ObjectChange::default() };
    Tables::of(app.store()).change_object(object, &change).await.unwrap();
}

async fn created(app: &TestApp) -> OrderGuid {
    let order = json!({"price": {"total": 10}, "products": [
        {"id": "1", "name": "Fish", "price": 10, "quantity": 1}]});
    let created = app.ask(&Ask::create_order(V2, order)).await;
    created["taskResponse"]["order"]["orderGuid"].as_str().unwrap().parse().unwrap()
}

async fn state(app: &TestApp, order: OrderGuid) -> Value {
    app.ask(&Ask::order_state(V2, order)).await["taskResponse"]["order"].clone()
}

async fn the_restaurant_takes_an_order_or_not(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V2).await;
    accepting(&app, V2, 3600).await;
    let till = Till::of(&app, V2);

    let order = created(&app).await;
    assert_eq!(state(&app, order).await["status"]["value"], "Confirmed");
    let pay = Ask::pay(V2, order, &[("10", CASH)]);
    assert_eq!(code(&app.ask(&pay).await), "WsaOrderNotAccepted");
    let waiting = till.get("/orders?status=Confirmed").await.json();
    assert_eq!(waiting["orders"][0]["orderGuid"], order.to_string(), "{waiting}");
    assert_eq!(till.get("/orders").await.json()["orders"], json!([]));
    assert_eq!(till.act(order, 1, "bill", None).await.refused(409), "WsaOrderNotAccepted");
    let accepted = till.act(order, 1, "accept", None).await.order();
    assert_eq!((&accepted["status"], &accepted["acceptBy"]), (&json!("Created"), &Value::Null));
    let cooking = till.edit(order, 2, &json!({"substate": "Cooking"})).await.order();
    assert_eq!(cooking["substate"], "Cooking");
    let now = state(&app, order).await;
    assert_eq!((&now["status"]["value"], &now["substate"]), (&json!("Created"), &json!("Cooking")));
    assert_eq!(code(&app.ask(&pay).await), "done");

    let order = created(&app).await;
    let no = json!({"message": "no fish today"});
    let rejected = till.act(order, 1, "reject", Some(&no)).await.order();
    assert_eq!(rejected["status"], "RestaurantCancelled");
    let now = state(&app, order).await;
    assert_eq!(now["rejectingReason"], json!({"code": "0", "message": "no fish today"}), "{now}");
    assert_eq!(
        code(&app.ask(&Ask::pay(V2, order, &[("10", CASH)])).await),
        "WsaOrderCanceledOnKass"
    );
    assert_eq!(till.act(order, 2, "accept", None).await.refused(409), "WsaOrderCanceledOnKass");

    accepting(&app, V2, 1).await;
    let order = created(&app).await;
    eventually("nobody took it", async || {
        state(&app, order).await["status"]["value"] == "RestaurantCancelled"
    })
    .await;
    let now = state(&app, order).await;
    assert_eq!(now["rejectingReason"]["code"], "WsaOrderIgnoredOnPos", "{now}");
    let events = till.events(0, 0).await;
    assert_eq!(
        happened(&events),
        [
            "OrderCreated",
            "OrderAccepted",
            "OrderChanged",
            "OrderPaid",
            "OrderCreated",
            "OrderRejected",
            "OrderCreated",
            "OrderRejected",
        ]
    );
    let by: Vec<_> = events.iter().map(|(_, event)| event["by"].as_str().unwrap()).collect();
    assert_eq!(
        by,
        ["aggregator", "till", "till", "aggregator", "aggregator", "till", "aggregator", "service"]
    );

    // And one that its aggregator takes back before anybody looked at it.
    accepting(&app, V2, 3600).await;
    let order = created(&app).await;
    assert_eq!(code(&app.ask(&Ask::cancel_order(V2, order)).await), "done");
    assert_eq!(state(&app, order).await["status"]["value"], "Canceled");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_restaurant_takes_an_order_or_not_on_sqlite() {
    the_restaurant_takes_an_order_or_not(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_restaurant_takes_an_order_or_not_on_postgres() {
    the_restaurant_takes_an_order_or_not(Stores::Postgres).await;
}
