//! `Idempotency-Key`.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use wsa::engine::protocol::Protocol;
use wsa::protocols::activeplatform::ActivePlatform;
use wsa::protocols::billmanager::BillManager;
use wsa::protocols::ticketscloud::TicketsCloud;
use wsa::protocols::whiteserver::WhiteServer;

use super::{forget, tasks};
use crate::activeplatform::bridge;
use crate::billmanager::shop;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::read;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;
use crate::ticketscloud::seller;

/// What is told of a name that is used up, in every protocol.
const USED: &str = "was used before, and the answer of its task is kept no longer";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_once_in_each_protocol_on_sqlite() {
    a_key_is_used_once_in_each_protocol(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_once_in_each_protocol_on_servers() {
    a_key_is_used_once_in_each_protocol(Stores::Postgres, Queues::Amqp).await;
}

/// A request of each protocol that changes something, each under a key of its own.
fn requests(app: &TestApp, body: &str, created: &str) -> Vec<(&'static str, RequestBuilder)> {
    let key = |request: RequestBuilder, key: &str| request.header("Idempotency-Key", key);
    let complete = bridge::request(app, Method::PATCH, &bridge::path(bridge::TOP, "6475"));
    let reserve = seller::request(app, seller::ORG, Method::POST, seller::ORDERS)
        .body(json!({"event": seller::EVENT, "random": {seller::SET: 1}}).to_string());
    let add = [("sok", "ok"), ("pricelist", "2"), ("order_period", "1"), ("addon_2", "10")];
    let add = shop::body_of(shop::ANNA, "v2.vds.order.param", &add);
    vec![
        (WhiteServer::NAME, key(app.post(), "pay").body(body.to_owned())),
        (WhiteServer::NAME, key(app.post(), "create").body(created.to_owned())),
        (ActivePlatform::NAME, key(complete, "complete").body(bridge::EXAMPLE)),
        (TicketsCloud::NAME, key(reserve, "reserve")),
        (BillManager::NAME, key(shop::post(app, add), "add")),
    ]
}

async fn a_key_is_used_once_in_each_protocol(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    bridge::seed(app.store()).await;
    bridge::put(app.store(), &bridge::waiting(bridge::TOP, 6475, "2005258")).await;
    seller::seed(app.store()).await;
    shop::seed(app.store()).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).synchronous().to_string();
    let create = Ask::create_order(
        V2,
        json!({"originalOrderId": "o-1", "price": {"total": 1}, "products": [
            {"id": "1", "name": "Pie", "price": 1, "quantity": 1}]}),
    );
    let create = create.synchronous().to_string();

    let mut first = Vec::new();
    for (protocol, request) in requests(&app, &pay, &create) {
        let reply = read(request).await.unwrap();
        assert!(reply.status.is_success() && !reply.text.contains("rror"), "{protocol} {reply:?}");
        first.push(reply.text);
    }
    for ((protocol, request), first) in requests(&app, &pay, &create).into_iter().zip(&first) {
        assert_eq!(read(request).await.unwrap().text, *first, "{protocol}: kept, it is repeated");
    }
    forget(&app).await;
    assert_eq!(tasks(&app).await, 0);

    for (protocol, request) in requests(&app, &pay, &create) {
        let reply = read(request).await.unwrap();
        assert!(reply.text.contains(USED), "{protocol}: {reply:?}");
        assert!(reply.text.contains("outcome: done"), "{protocol}: {reply:?}");
        let status = match protocol {
            ActivePlatform::NAME => 422,
            TicketsCloud::NAME => 400,
            WhiteServer::NAME | BillManager::NAME => 200,
            other => unreachable!("{other}"),
        };
        assert_eq!(reply.status, status, "{protocol}: {reply:?}");
    }
    assert_eq!(tasks(&app).await, 0, "nothing was registered");
    app.finish_forgotten().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_task_is_not_one_that_never_was_and_only_its_caller_is_told() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let body = Ask::pay(V1, order, &[("1.00", CASH)]).asynchronous().to_string();
    let named = read(app.post().header("Idempotency-Key", "k").body(body.clone())).await.unwrap();
    let named = named.accepted().unwrap();
    let drawn = app.create_text(&body).await.accepted().unwrap();
    for guid in [named, drawn] {
        app.answer(guid).await;
    }
    forget(&app).await;

    let told = app.poll(named, 0).await;
    assert_eq!(code(&told.json()), "TaskExpired");
    assert!(told.text.contains("outcome: done"), "{told:?}");
    let told = app.poll(drawn, 0).await;
    assert_eq!(code(&told.json()), "TaskNotFound");
    assert!(told.text.contains("this guid is older than that"), "{told:?}");

    let stranger = app.with_token(OTHER_TOKEN);
    let foreign = stranger.poll(named, 0).await;
    let nobodys = stranger.poll(wsa::domain::task::TaskGuid(uuid::Uuid::new_v4()), 0).await;
    assert_eq!(foreign.shown(), nobodys.shown(), "somebody else's is as good as none");
    app.finish_forgotten().await;
}
