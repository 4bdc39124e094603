//! Every example of the documents, sent.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wsa::domain::money::Money;
use wsa::domain::task::{CurrencyGuid, NewTask, ObjectId, OrderKey, TaskKey};
use wsa::protocols::whiteserver::command::OrderContent;
use wsa::protocols::whiteserver::contract::examples::{
    self, CASH, Example, ORDER, TASK, TOTAL_KOPECKS,
};
use wsa::protocols::whiteserver::model::{CurrencyKind, Order, OrderStatus, TillSide};
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::objects::Currency;
use wsa::protocols::whiteserver::wire::request::GET_TASK_RESPONSE;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::contract::{assert_answer, requests};
use crate::support::reference::{V1, V2};

/// An application with what the examples name.
async fn prepared(example: &Example) -> TestApp {
    let app = TestApp::embedded().await;
    let order = Order {
        status: OrderStatus::Created,
        total: Money::from_kopecks(TOTAL_KOPECKS).unwrap(),
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide::default(),
        created_at: Timestamp::now(),
        closed_at: None,
        content: Some(OrderContent::default()),
        version: 0,
    };
    let params = &example.request["params"];
    let target = params.get("sync").or_else(|| params.get("async"));
    let object = target.map_or(V1, |target| ObjectId(target["objectId"].as_i64().unwrap()));
    Tables::of(app.store())
        .load_orders(vec![(OrderKey { object, guid: ORDER }, order)])
        .await
        .unwrap();
    let guid = CurrencyGuid(CASH);
    let cash = Currency { object, guid, name: "Cash".into(), kind: CurrencyKind::Cash };
    Tables::of(app.store()).add_currency(&cash).await.unwrap();
    crate::support::catalogue::put(app.store(), object, &crate::support::catalogue::document())
        .await;
    match example.task_type {
        "CompleteOrder" => {
            let prepaid = app.ask(&Ask::add_prepay(V1, ORDER, "518.85")).await;
            assert_eq!(code(&prepaid), "done");
        }
        // One that can be cancelled is open: it begins tomorrow.
        GET_TASK_RESPONSE | "CancelTask" => {
            let caller = app.store().aggregators().await.unwrap();
            let caller = caller.into_iter().find(|caller| caller.name == "main").unwrap();
            let key = TaskKey { object: V1, guid: TASK };
            let later = (example.task_type == "CancelTask")
                .then(|| Timestamp::now() + SignedDuration::from_hours(24));
            let task = Ask::get_order(V1, ORDER).task(caller.id);
            let task = NewTask { key, not_before: later, ..task };
            app.app().intake.accept(task).await.unwrap();
        }
        _ => {}
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_done_and_answered_as_documented() {
    assert_eq!((examples::V1, examples::V2), (V1, V2));
    join_all(examples::requests().into_iter().map(done_as_documented)).await;
}

async fn done_as_documented(example: Example) {
    assert!(requests("CreateRequest").is_valid(&example.request), "{}", example.name);
    let app = prepared(&example).await;
    let mut reply = app.create(&example.request).await;
    assert_eq!(reply.status, 200);
    if example.request["params"].get("async").is_some() {
        assert_answer("Accepted", &reply.json());
        assert_answer("CreateResponse", &reply.json());
        let guid = reply.accepted().unwrap();
        app.answer(guid).await;
        reply = app.poll(guid, 0).await;
    }
    let answer: Value = reply.json();
    assert_eq!(code(&answer), "done", "{}: {answer}", example.name);
    assert_answer(&format!("{}Answer", example.task_type), &answer);
    assert_answer("CreateResponse", &answer);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_as_documented() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "449.35").await;
    let asks = [
        Ask::pay(V2, order, &[("1", CASH)]).synchronous(),
        Ask::pay(V2, order, &[]).synchronous(),
        Ask::complete_order(V2, order).synchronous(),
        Ask::get_order(crate::support::reference::UNKNOWN, order).asynchronous(),
        Ask::order_list(V2).synchronous(),
        serde_json::json!({"taskType": "CancelOrder", "params": {"async": {"objectId": V2}}}),
        serde_json::json!({"taskType": "GetTaskResponse", "params": {"taskGuid": TASK}}),
        serde_json::json!({}),
    ];
    for ask in asks {
        let answer = app.create(&ask).await.json();
        assert_ne!(code(&answer), "done");
        assert_answer("Refusal", &answer);
        assert_answer("CreateResponse", &answer);
    }
    let stranger = app.with_token("nobody's").create(&serde_json::json!({})).await.json();
    assert_answer("CreateResponse", &stranger);
    for (method, path) in [
        ("GET", wsa::protocols::whiteserver::http::CREATE),
        ("GET", "/nothing"),
        ("PUT", "/openapi.json"),
    ] {
        let request = app.request(method.parse().unwrap(), path);
        let reply = crate::support::client::read(request).await.unwrap();
        assert!([404, 405].contains(&reply.status.as_u16()), "{reply:?}");
        assert_answer("Refusal", &reply.json());
    }
    app.finish().await;
}
