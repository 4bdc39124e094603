//! The tasks on orders that are no payments, asynchronous and synchronous, with their whole answers.

use serde_json::{Value, json};
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::reference::*;

/// The answer of a task that changes nothing, the same by either way.
async fn asked(app: &TestApp, ask: &Ask) -> String {
    let guid = app.submit(ask).await;
    app.answer(guid).await;
    let polled = app.poll(guid, 0).await;
    let waited = app.create(&ask.synchronous()).await;
    assert_eq!(polled.shown(), waited.shown());
    polled.shown()
}

async fn done(app: &TestApp, ask: &Ask) -> String {
    app.create(&ask.synchronous()).await.shown()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_prepaid_unpaid_prepaid_again_and_completed() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "449.35").await;
    insta::assert_snapshot!(done(&app, &Ask::add_prepay(V1, order, "49.35")).await, @r#"200 {"taskResponse":{"order":{"price":{"total":449.35,"summToPay":400.00}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"AddPrepayOrder","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(done(&app, &Ask::remove_prepay(V1, order)).await, @r#"200 {"taskResponse":{},"responseCommon":{"taskGuid":"<guid 1>","taskType":"RemovePrepayOrder","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(done(&app, &Ask::add_prepay(V1, order, "449.36")).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"AddPrepayOrder","objectId":199990245,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaPaymentExceedsDue","desc":"449.36 was offered, but only 449.35 of 449.35 is due: nothing was taken"}}}"#);
    let prepaid = app.submit(&Ask::add_prepay(V1, order, "449.35")).await;
    assert_eq!(code(&app.answer(prepaid).await), "done");
    insta::assert_snapshot!(done(&app, &Ask::complete_order(V1, order)).await, @r#"200 {"taskResponse":{"order":{"price":{"total":449.35}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"CompleteOrder","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::remove_prepay(V1, order)).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"RemovePrepayOrder","objectId":199990245,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaOrderClosed","desc":"order <guid 2> is closed: 449.35 of 449.35 is paid"}}}"#);
    app.finish().await.assert_order(order, 44_935, "Complited");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_cancelled_and_tells_so() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "449.35").await;
    insta::assert_snapshot!(asked(&app, &Ask::order_state(V2, order)).await, @r#"200 {"taskResponse":{"order":{"orderGuid":"<guid 1>","status":{"value":"Created","isBillPrinted":false},"substate":null,"rejectingReason":null}},"responseCommon":{"taskGuid":"<guid 2>","taskType":"GetOrderState","objectId":199990246,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(done(&app, &Ask::cancel_order(V2, order)).await, @r#"200 {"taskResponse":{"status":"Ok"},"responseCommon":{"taskGuid":"<guid 1>","taskType":"CancelOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::cancel_order(V2, order)).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"CancelOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaOrderCanceledOnKass","desc":"order <guid 2> was cancelled and cannot be changed"}}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::order_state(V2, order)).await, @r#"200 {"taskResponse":{"order":{"orderGuid":"<guid 1>","status":{"value":"Canceled","isBillPrinted":false},"substate":null,"rejectingReason":null}},"responseCommon":{"taskGuid":"<guid 2>","taskType":"GetOrderState","objectId":199990246,"agentGuid":"<agent>"}}"#);
    app.finish().await.assert_order(order, 0, "Canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_names_is_refused_before_it_is_a_task() {
    let app = TestApp::embedded().await;
    let body = |task_type: &str, guids: Value| {
        let mut params = json!({"async": {"objectId": V2.0}});
        params.as_object_mut().unwrap().extend(guids.as_object().unwrap().clone());
        json!({"taskType": task_type, "params": params})
    };
    insta::assert_snapshot!(app.create(&body("CancelOrder", json!({}))).await.shown(), @r#"200 {"responseCommon":{"taskType":"CancelOrder","objectId":199990246},"error":{"agentError":{"code":"WsaNoOneGuidSpecifiedForOrderSearching","desc":"params must have orderGuid or taskGuid: it has neither"}}}"#);
    insta::assert_snapshot!(app.create(&body("GetOrderState", json!({"orderGuid": null}))).await.shown(), @r#"200 {"responseCommon":{"taskType":"GetOrderState","objectId":199990246},"error":{"agentError":{"code":"WsaNoOneGuidSpecifiedForOrderSearching","desc":"params must have orderGuid or taskGuid: it has neither"}}}"#);
    let both = json!({"orderGuid": OrderGuid::new(), "taskGuid": OrderGuid::new()});
    assert_eq!(code(&app.create(&body("CancelOrder", both)).await.json()), "BadRequest");
    let one = json!({"orderGuid": OrderGuid::new(), "prepayId": OrderGuid::new()});
    assert_eq!(code(&app.create(&body("RemovePrepayOrder", one)).await.json()), "BadRequest");
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed() {
    let app = TestApp::embedded().await;
    let order = json!({"price": {"total": 449.35}, "tableCode": 12});
    app.create(&Ask::create_order(V1, order).synchronous()).await;
    insta::assert_snapshot!(asked(&app, &Ask::order_list(V1)).await, @r#"200 {"taskResponse":{"orders":[{"orderGuid":"<guid 1>","tableCode":12,"waiterId":null,"sum":449.35,"unpaid":449.35,"isFinished":false,"openTime":"<time>","isReserve":false,"duration":0,"appliedPayments":[]}]},"responseCommon":{"taskGuid":"<guid 2>","taskType":"GetOrderList","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::order_list(V1).with("tableCode", "13")).await, @r#"200 {"taskResponse":{"orders":[]},"responseCommon":{"taskGuid":"<guid 1>","taskType":"GetOrderList","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::order_list(V2)).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"GetOrderList","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaAllTablesNotPermitted","desc":"params.tableCode is missing, and object 199990246 does not list the orders of all its tables"}}}"#);
    insta::assert_snapshot!(asked(&app, &Ask::order_list(V2).with("tableCode", 1).with("withClosed", true)).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"GetOrderList","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaClosedOrdersNotPermitted","desc":"params.withClosed is true, but object 199990246 does not list closed orders"}}}"#);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_said_of_an_order_is_given_back() {
    let app = TestApp::embedded().await;
    let content = json!({
        "originalOrderId": "A-1",
        "customer": {"name": "Анна", "phone": "+7 900 000-00-00", "email": "anna@example.org"},
        "products": [{"id": 1000345, "name": "Пирог", "price": "449.35", "quantity": 1,
            "ingredients": [{"id": 9, "name": "Соль", "quantity": "0.5"}]}],
        "price": {"total": "449.35"},
        "comment": "без орехов",
        "personsQuantity": 2,
        "expeditionType": "delivery",
        "delivery": {"expectedTime": "2026-11-22T12:30:00+03:00",
            "address": {"fullAddress": "Невский, 1", "city": {"name": "СПб"}}},
        "pickup": {"expectedTime": "2026-11-22T12:00:00"},
        "tableCode": 12,
        "withRkId": null,
    });
    let created = app.create(&Ask::create_order(V2, content).synchronous()).await;
    let order = created.json()["taskResponse"]["order"]["orderGuid"].as_str().unwrap().to_owned();
    let read = app.create(&Ask::get_order(V2, order.parse().unwrap()).synchronous()).await.json();
    let mut seen = read["taskResponse"]["order"].clone();
    seen.as_object_mut().unwrap().remove("createdAt").unwrap();
    let expected = json!({
        "orderGuid": order,
        "originalOrderId": "A-1",
        "status": {"value": "Created", "isBillPrinted": false},
        "customer": {"name": "Анна", "phone": "+7 900 000-00-00", "email": "anna@example.org"},
        "products": [{"id": "1000345", "name": "Пирог", "price": "449.35", "quantity": 1,
            "voidingReason": null, "ingredients": [{"id": "9", "name": "Соль", "quantity": "0.5"}]}],
        "price": {"total": 449.35, "summToPay": 449.35},
        "appliedPayments": [],
        "comment": "без орехов",
        "personsQuantity": 2,
        "expeditionType": "delivery",
        "delivery": {"expectedTime": "2026-11-22T09:30:00+00:00",
            "address": {"fullAddress": "Невский, 1", "city": {"name": "СПб"}}},
        "pickup": {"expectedTime": "2026-11-22T12:00:00"},
        "tableCode": 12,
    });
    assert_eq!(seen, expected);
    app.finish().await;
}
