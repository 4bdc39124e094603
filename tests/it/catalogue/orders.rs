//! New orders: every field comes back, what is paid already is a payment, and the menu is held against.

use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::books::Books;
use crate::support::catalogue::{document, held, put};
use crate::support::client::Client;
use crate::support::contract::{assert_answer, requests};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, ONLINE, V1, V2};
use crate::till::client::{Till, add, happened};

/// Every field that the vendor documents, but what says that it is paid already.
fn everything() -> Value {
    json!({
        "originalOrderId": "A-1", "sourceOrderId": "S-1", "payMethod": "onDelivery",
        "customer": {"name": "Anna", "phone": "+7", "email": "a@example.com",
                     "loyalty": {"clientId": 5, "cardCode": "2000001", "interfaceCode": "3"}},
        "booking": {"time": "2026-11-22T18:00:00+03:00", "duration": {"hours": 2, "minutes": 30},
                    "remindTime": "2026-11-22T17:00:00"},
        "expectedStartTime": "2026-11-22T12:00:00Z",
        "payment": {"type": "card", "nettingPayment": true, "deliveryFee": 99.5},
        "changeBackFrom": 1000, "discountIds": [5, {"id": 6, "value": 10.5}],
        "products": [{
            "id": "2", "name": "Pelmeni", "price": "410.00", "quantity": 1, "comment": "hot",
            "discountIds": [7], "yandexPromos": [{"type": "gift", "discount": 5}],
            "ingredients": [{"id": "3", "name": "Kvass", "quantity": 1, "price": "108.85",
                "ingredients": [{"id": "9", "name": "Sour cream", "quantity": 2, "ingredients": [
                    {"id": "8", "name": "Dill", "quantity": 1}]}]}],
        }],
        "price": {"total": 518.85}, "comment": "no onions", "personsQuantity": 2,
        "expeditionType": "delivery",
        "delivery": {"expectedTime": "2026-11-22T12:30:00", "address": {"fullAddress": "Nevsky 1"},
                     "courier": {"name": "C", "phone": "+70"}},
        "pickup": {"expectedTime": "2026-11-22T12:20:00", "taker": "customer",
                   "courier": {"name": "D"}},
        "tableCode": 12,
    })
}

/// What of it `GetOrder` has to give back in another spelling: numbers as the published form has them, and times with
/// the restaurant's offset.
fn as_shown() -> Value {
    let mut order = everything();
    order["booking"]["time"] = json!("2026-11-22T15:00:00+00:00");
    order["expectedStartTime"] = json!("2026-11-22T12:00:00+00:00");
    order["changeBackFrom"] = json!(1000.0);
    let product = &mut order["products"][0];
    product["quantity"] = json!(1);
    product["voidingReason"] = Value::Null;
    let mut part = &mut product["ingredients"][0];
    part["quantity"] = json!("1");
    part = &mut part["ingredients"][0];
    part["quantity"] = json!("2");
    part["ingredients"][0]["quantity"] = json!("1");
    order.as_object_mut().unwrap().remove("price");
    order["cashStationId"] = json!(17);
    order["systemName"] = json!("till 1");
    order
}

/// What the till hears of it: amounts are numbers there.
fn as_heard() -> Value {
    let mut order = as_shown();
    order["products"] = everything()["products"].clone();
    let product = &mut order["products"][0];
    product["price"] = json!(410.0);
    product["ingredients"][0]["price"] = json!(108.85);
    order
}

async fn created(client: &Client, ask: Ask) -> OrderGuid {
    let answer = client.ask(&ask).await;
    let guid = &answer["taskResponse"]["order"]["orderGuid"];
    guid.as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

async fn every_field_comes_back(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    add(app.store(), V2).await;
    let mut body = Ask::create_order(V2, everything()).with("cashStationId", 17).synchronous();
    body["params"]["sync"]["systemName"] = json!("till 1");
    assert!(requests("CreateOrderRequest").is_valid(&body));
    let answer = app.create(&body).await.json();
    assert_eq!(code(&answer), "done", "{answer}");
    let guid: OrderGuid =
        answer["taskResponse"]["order"]["orderGuid"].as_str().unwrap().parse().unwrap();
    let read = app.ask(&Ask::get_order(V2, guid)).await;
    assert_answer("GetOrderAnswer", &read);
    let order = &read["taskResponse"]["order"];
    let events = Till::of(&app, V2).events(0, 0).await;
    assert_eq!(happened(&events), ["OrderCreated"]);
    let (_, event) = &events[0];
    for (name, expected) in as_shown().as_object().unwrap() {
        assert_eq!(&order[name], expected, "{name}");
    }
    for (name, expected) in as_heard().as_object().unwrap() {
        assert_eq!(&event["order"][name], expected, "what the till hears of {name}");
    }
    assert_eq!(order["price"], json!({"total": 518.85, "summToPay": 518.85}));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_comes_back_on_sqlite() {
    every_field_comes_back(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_comes_back_on_postgres() {
    every_field_comes_back(Stores::Postgres, Queues::InProcess).await;
}

fn online() -> Value {
    let mut order = everything();
    order["payment"]["type"] = json!("online");
    order
}

async fn what_is_paid_already_is_a_payment(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let refused = app.ask(&Ask::create_order(V2, online())).await;
    assert_eq!(code(&refused), "WsaCurrencyNotSpecified");
    let desc = refused["error"]["agentError"]["desc"].as_str().unwrap();
    assert!(desc.starts_with("params.order.payment.type is online"), "{desc}");

    for object in [V1, V2] {
        put(app.store(), object, &json!({"onlineCurrency": ONLINE})).await;
        let guid = created(&app, Ask::create_order(object, online())).await;
        let read = app.ask(&Ask::get_order(object, guid)).await["taskResponse"]["order"].clone();
        assert_eq!(read["price"], json!({"total": 518.85, "summToPay": 0.0}));
        assert_eq!(read["payment"]["type"], "online");
        let again = app.ask(&Ask::pay(object, guid, &[("518.85", CASH)])).await;
        assert_ne!(code(&again), "done", "the guest is not charged twice");
        let closed = app.ask(&Ask::complete_order(object, guid)).await;
        assert_eq!(code(&closed), "done", "{closed}");
    }
    let later = created(&app, Ask::create_order(V2, json!({"price": {"total": 5}}))).await;
    let cancelled = {
        let mut order = online();
        order["originalOrderId"] = json!("A-2");
        created(&app, Ask::create_order(V1, order)).await
    };
    assert_eq!(code(&app.ask(&Ask::cancel_order(V1, cancelled)).await), "done");
    let books: Books = app.finish().await;
    let paid: Vec<_> = books.payments.iter().filter(|paid| paid.removed_by.is_none()).collect();
    assert_eq!(paid.len(), 2, "{paid:?}");
    assert!(paid.iter().all(|paid| {
        paid.task == paid.order && paid.amount == 51_885 && paid.currency == ONLINE
    }));
    assert_eq!(books.orders[&later.0].paid, 0);
    assert_eq!(books.orders[&cancelled.0].paid, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_already_is_a_payment_on_sqlite() {
    what_is_paid_already_is_a_payment(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_already_is_a_payment_on_postgres() {
    what_is_paid_already_is_a_payment(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_to_pay_that_nobody_knows_is_refused_with_the_ways_there_are() {
    let app = TestApp::embedded().await;
    let mut order = everything();
    order["payment"]["type"] = json!("barter");
    let refused = app.ask(&Ask::create_order(V2, order)).await;
    assert_eq!(code(&refused), "BadRequest");
    let desc = refused["error"]["wsError"]["desc"].as_str().unwrap();
    assert!(desc.starts_with("params.order.payment.type: \"barter\" is none of: cash"), "{desc}");
    app.finish().await;
}

async fn an_order_is_held_against_the_menu(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    put(app.store(), V2, &held()).await;
    let order = |products: Value| json!({"price": {"total": 518.85}, "products": products});
    let ask = async |object: ObjectId, order: Value| {
        let answer = app.ask(&Ask::create_order(object, order)).await;
        (code(&answer).to_owned(), answer)
    };
    let dish = |id: &str| json!([{"id": id, "quantity": 1}]);
    for (id, expected) in [
        ("2", "done"),
        ("99", "WsaOrderCreationDishNotFound"),
        ("4", "WsaOrderCreationDishNotFound"),
    ] {
        let (code, answer) = ask(V2, order(dish(id))).await;
        assert_eq!(code, expected, "{answer}");
    }
    let (_, stopped) = ask(V2, order(dish("4"))).await;
    assert!(stopped["error"]["agentError"]["desc"].as_str().unwrap().contains("stop list"));
    let (_, dear) = ask(V2, order(json!([{"id": "2", "price": 400, "quantity": 1}]))).await;
    let desc = dear["error"]["agentError"]["desc"].as_str().unwrap();
    assert_eq!(code(&dear), "WsaOrderCreationPriceMismatch");
    assert!(desc.contains("400.00") && desc.contains("410.00"), "{desc}");
    let mut elsewhere = order(dish("2"));
    elsewhere["tableCode"] = json!(99);
    assert_eq!(ask(V2, elsewhere).await.0, "WsaOrderCreationTableNotFound");

    let guid = created(&app, Ask::create_order(V2, order(dish("2")))).await;
    let read = app.ask(&Ask::get_order(V2, guid)).await;
    let product = &read["taskResponse"]["order"]["products"][0];
    assert_eq!((&product["name"], &product["price"]), (&json!("Pelmeni"), &json!("410.00")));

    let validate =
        async |order: Value| code(&app.ask(&Ask::validate_order(V2, order)).await).to_owned();
    assert_eq!(validate(order(dish("2"))).await, "done");
    assert_eq!(validate(order(dish("99"))).await, "WsaOrderCreationDishNotFound");
    let mut taken = order(dish("2"));
    taken["originalOrderId"] = json!("V-1");
    assert_eq!(validate(taken.clone()).await, "done");
    created(&app, Ask::create_order(V2, taken.clone())).await;
    assert_eq!(validate(taken).await, "WsaDuplicateOrder");
    let mut elsewhere = order(dish("2"));
    elsewhere["payment"] = json!({"type": "online"});
    put(app.store(), V2, &json!({"onlineCurrency": null})).await;
    assert_eq!(validate(elsewhere).await, "WsaCurrencyNotSpecified");

    put(app.store(), V2, &json!({"checks": "off"})).await;
    assert_eq!(ask(V2, order(dish("99"))).await.0, "done", "as the restaurant decides");
    put(app.store(), V1, &document()).await;
    assert_eq!(ask(V1, order(dish("99"))).await.0, "done", "off unless it says so");
    assert_eq!(app.finish().await.orders.len(), 5, "what was only validated was not opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_held_against_the_menu_on_sqlite() {
    an_order_is_held_against_the_menu(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_held_against_the_menu_on_postgres() {
    an_order_is_held_against_the_menu(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_the_guid_that_it_is_to_have() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let wanted = OrderGuid::new();
    let order = |total: i64| json!({"price": {"total": total}, "withRkId": wanted});
    let ask = Ask::create_order(V2, order(10));
    assert_eq!(created(&app, ask.clone()).await, wanted);
    assert_eq!(created(&app, ask.clone()).await, wanted, "the same request is the same task");
    let other = app.ask(&Ask::create_order(V2, order(20))).await;
    assert_eq!(code(&other), "IdempotencyMismatch", "{other}");
    let keyed = app.post().header("Idempotency-Key", "k").body(
        Ask::create_order(V2, json!({"price": {"total": 1}, "withRkId": OrderGuid::new()}))
            .synchronous()
            .to_string(),
    );
    let keyed = crate::support::client::read(keyed).await.unwrap().json();
    assert_eq!(code(&keyed), "BadRequest", "{keyed}");
    let there = app.order(V2, "5.00").await;
    let taken = json!({"price": {"total": 1}, "withRkId": there});
    let taken = app.ask(&Ask::create_order(V2, taken)).await;
    assert_eq!(code(&taken), "TaskExpired", "{taken}");
    let desc = taken["error"]["wsError"]["desc"].as_str().unwrap();
    assert!(desc.starts_with("this params.order.withRkId belongs to an order"), "{desc}");
    app.finish().await;
}
