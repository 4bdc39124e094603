//! Every kind of `PayOrder`, asynchronous and synchronous, with its whole answer.

use serde_json::json;
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::reference::*;

/// The answer of a task, the same by either way.
async fn answers(app: &TestApp, one: &Ask, two: &Ask) -> String {
    let guid = app.submit(one).await;
    app.answer(guid).await;
    let polled = app.poll(guid, 0).await;
    let waited = app.create(&two.synchronous()).await;
    assert_eq!(polled.shown(), waited.shown());
    polled.shown()
}

/// The answer to paying an order, on an order for each way.
async fn paid(
    app: &TestApp,
    object: wsa::domain::task::ObjectId,
    lines: &[(&str, uuid::Uuid)],
) -> String {
    let (one, two) = (app.order(object, "449.35").await, app.order(object, "449.35").await);
    answers(app, &Ask::pay(object, one, lines), &Ask::pay(object, two, lines)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_answered_by_what_remains_to_be_paid() {
    let app = TestApp::embedded().await;
    insta::assert_snapshot!(paid(&app, V1, &[("49.30", CASH)]).await, @r#"200 {"taskResponse":{"order":{"price":{"total":449.35,"summToPay":400.05}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990245,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("49.30", CASH), ("400.05", CARD)]).await, @r#"200 {"taskResponse":{"order":{"price":{"total":449.35,"summToPay":0.00}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("449.34", DISCOUNT)]).await, @r#"200 {"taskResponse":{"order":{"price":{"total":449.35,"summToPay":0.00}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_payment_is_answered_by_the_agent_with_the_numbers() {
    let app = TestApp::embedded().await;
    insta::assert_snapshot!(paid(&app, V1, &[("449.36", CASH)]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990245,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaPaymentExceedsDue","desc":"449.36 was offered, but only 449.35 of 449.35 is due: nothing was taken"}}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("449.34", CASH)]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaPaymentNotEqualDue","desc":"449.34 was offered, but exactly 449.35 of 449.35 is due: nothing was taken"}}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("449.35", DISCOUNT)]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaFullDiscountKopeck","desc":"449.35 was offered by a 100% discount, but 449.35 is due: the amount must be one kopeck less, 449.34"}}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("449.33", DISCOUNT), ("0.01", CASH)]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaFullDiscountMixed","desc":"1 of 2 payments are a 100% discount: it must be the only payment of its task"}}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[("449.35", VOUCHER)]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaCurrencyUnknown","desc":"object 199990246 does not accept currency <guid 2>"}}}"#);
    insta::assert_snapshot!(paid(&app, V2, &[]).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaPaymentsEmpty","desc":"payments is empty: it must name at least one amount and currency"}}}"#);
    let pay = || Ask::pay(V2, OrderGuid::new(), &[("449.35", CASH)]);
    insta::assert_snapshot!(answers(&app, &pay(), &pay()).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaOrderNotFound","desc":"object 199990246 has no order <guid 2>"}}}"#);
    let books = app.finish().await;
    assert!(books.payments.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_order_is_not_paid_again() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "449.35").await;
    let pay = Ask::pay(V2, order, &[("449.35", CASH)]);
    app.ask(&pay).await;
    insta::assert_snapshot!(answers(&app, &pay, &pay).await, @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"agentError":{"code":"WsaOrderClosed","desc":"order <guid 2> is closed: 449.35 of 449.35 is paid"}}}"#);
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_can_be_answered_by_the_whole_order() {
    let app = TestApp::embedded().await;
    let content = json!({
        "originalOrderId": "A-1",
        "products": [{"id": "7", "name": "Pie", "price": "449.35", "quantity": 1,
            "ingredients": [{"id": "9", "name": "Salt", "quantity": 0.5}]}],
        "price": {"total": 449.35},
        "comment": "no nuts",
        "personsQuantity": 2,
        "delivery": {"expectedTime": "2026-11-22T12:30:00"},
    });
    let created = app.create(&Ask::create_order(V2, content).synchronous()).await;
    insta::assert_snapshot!(created.shown(), @r#"200 {"taskResponse":{"order":{"orderGuid":"<guid 1>"}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"CreateOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    let order = created.json()["taskResponse"]["order"]["orderGuid"].as_str().unwrap().to_owned();
    let pay = Ask::pay(V2, order.parse().unwrap(), &[("449.35", CASH)]);
    let paid = app.create(&pay.with("isFullOrderRequired", true).synchronous()).await;
    insta::assert_snapshot!(paid.shown(), @r#"200 {"taskResponse":{"order":{"orderGuid":"<guid 1>","originalOrderId":"A-1","createdAt":"<time>","status":{"value":"Complited","isBillPrinted":false},"delivery":{"expectedTime":"<time>"},"products":[{"ingredients":[{"id":"9","name":"Salt","quantity":"0.5"}],"voidingReason":null,"id":"7","name":"Pie","price":"449.35","quantity":1}],"comment":"no nuts","personsQuantity":2,"price":{"total":449.35,"summToPay":0.00}},"price":{"total":449.35,"summToPay":0.00}},"responseCommon":{"taskGuid":"<guid 2>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    app.finish().await;
}
