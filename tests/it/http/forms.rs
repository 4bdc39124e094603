//! The forms of a request: what may be a number or a string, what must be there, what is ignored.

use serde_json::{Value, json};
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::reference::*;

fn pay(target: Value, order: OrderGuid, amount: Value) -> Value {
    let mut params = json!({
        "orderGuid": order,
        "payments": [{"amount": amount, "currency": CASH}],
    });
    params.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
    json!({"taskType": "PayOrder", "params": params})
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_may_be_strings() {
    let app = TestApp::embedded().await;
    for (object, timeout, amount) in [
        (json!(V2.0), json!(60), json!(10.5)),
        (json!(V2.0.to_string()), json!("60"), json!("10.50")),
        (json!(V2.0.to_string()), Value::Null, json!("10.5")),
    ] {
        let order = app.order(V2, "10.50").await;
        let target = json!({"async": {"objectId": object, "timeout": timeout}});
        let reply = app.create(&pay(target, order, amount)).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(reply.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246}}"#);
        }
        assert_eq!(code(&app.answer(reply.accepted().unwrap()).await), "done");
    }
    let books = app.finish().await;
    assert!(books.orders.values().all(|order| order.paid == 1050));
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_never_pass_through_a_binary_float() {
    let app = TestApp::embedded().await;
    for text in ["999999999999.99", "0.29", "449.35", "1.10", "70368744177.67"] {
        let order = app.order(V2, text).await;
        let body = pay(json!({"sync": {"objectId": V2.0}}), order, json!("AMOUNT"));
        let body = body.to_string().replace("\"AMOUNT\"", text);
        let reply = app.create_text(&body).await;
        assert!(reply.text.contains(&format!(r#""total":{text},"summToPay":0.00"#)), "{reply:?}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_async_and_sync_must_be_there() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let target = json!({"objectId": V2.0});
    let told = async |target: Value| app.create(&pay(target, order, json!(10))).await.shown();
    insta::assert_snapshot!(told(json!({})).await, @r#"200 {"responseCommon":{"taskType":"PayOrder"},"error":{"wsError":{"code":"BadRequest","desc":"params must have one of async and sync, like \"async\": {\"objectId\": 199990246}: it has neither"}}}"#);
    insta::assert_snapshot!(told(json!({"async": target, "sync": target})).await, @r#"200 {"responseCommon":{"taskType":"PayOrder"},"error":{"wsError":{"code":"BadRequest","desc":"params must have one of async and sync: it has both"}}}"#);
    let done = told(json!({"async": null, "sync": target})).await;
    assert!(done.contains("taskResponse"), "null counts as absent: {done}");
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_named_with_its_value() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let told = async |target: Value, amount: Value| {
        let reply = app.create(&pay(json!({"async": target}), order, amount)).await;
        assert_eq!((reply.status.as_u16(), code(&reply.json())), (200, "BadRequest"), "{reply:?}");
        reply.json()["error"]["wsError"]["desc"].as_str().unwrap().to_owned()
    };
    let target = json!({"objectId": V2.0});
    for (amount, rule) in [
        (json!(0), "more than zero"),
        (json!("0.00"), "more than zero"),
        (json!(-1), "must not be negative"),
        (json!("1e3"), "exponent notation"),
        (json!(10.005), "at most two decimals"),
        (json!("1234567890123"), "at most 12 digits"),
        (json!("1,5"), "digits with at most one dot"),
        (json!(null), "null"),
    ] {
        let told = told(target.clone(), amount.clone()).await;
        assert!(told.starts_with("params.payments[0].amount: "), "{told}");
        assert!(told.contains(rule), "{amount}: {told}");
    }
    for target in [
        json!({}),
        json!({"objectId": 0}),
        json!({"objectId": -1}),
        json!({"objectId": "x"}),
        json!({"objectId": 1.5}),
        json!({"objectId": V2.0, "timeout": 0}),
        json!({"objectId": V2.0, "timeout": 3601}),
        json!({"objectId": V2.0, "timeout": "1.5"}),
        json!({"objectId": V2.0, "timeout": -1}),
        json!([]),
        json!(V2.0),
    ] {
        let told = told(target.clone(), json!(10)).await;
        assert!(told.starts_with("params.async"), "{target}: {told}");
    }
    let books = app.finish().await;
    assert!(books.tasks.is_empty(), "nothing of it was accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_task_type_is_told_which_are_known() {
    let app = TestApp::embedded().await;
    let reply = app.create(&json!({"taskType": "Refund", "params": {}})).await;
    assert_eq!(reply.status, 200);
    let desc = reply.json()["error"]["wsError"]["desc"].as_str().unwrap().to_owned();
    assert!(desc.starts_with(r#"taskType "Refund" is not known: it must be one of "#), "{desc}");
    for known in ["PayOrder", "CreateOrder", "GetOrder", "CompleteOrder", "GetTaskResponse"] {
        assert!(desc.contains(known), "{desc}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_nobody_knows_are_ignored() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let mut body = pay(json!({"sync": {"objectId": V2.0, "colour": "red"}}), order, json!(10));
    body["systemName"] = json!("kiosk");
    body["params"]["cashStationId"] = json!(3);
    body["params"]["cashierId"] = json!({"id": 1});
    body["params"]["payments"][0]["note"] = json!([1, 2]);
    let reply = app.create(&body).await;
    insta::assert_snapshot!(reply.shown(), @r#"200 {"taskResponse":{"order":{"price":{"total":10.00,"summToPay":0.00}}},"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"}}"#);
    app.finish().await.assert_paid_once(&[order]);
}
