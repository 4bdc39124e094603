//! A day of a restaurant over HTTP alone: every order task, and everybody who is told of it.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wsa::callback::signature::Secret;
use wsa::domain::task::{ObjectId, OrderGuid, TaskGuid};

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::Client;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::receiver::{Post, Receiver, hmac};
use crate::support::reference::*;
use crate::support::{callbacks, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_sqlite_in_process() {
    a_day(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_postgres_and_rabbitmq() {
    a_day(Stores::Postgres, Queues::Amqp).await;
}

/// Who submits, remembers what was submitted, and reads every answer.
struct Aggregator {
    client: Client,
    tasks: Vec<TaskGuid>,
}

impl Aggregator {
    async fn done(&mut self, ask: Ask) -> Value {
        let guid = self.client.submit(&ask).await;
        self.tasks.push(guid);
        let answer = self.client.answer(guid).await;
        assert_eq!(code(&answer), "done", "{answer}");
        answer["taskResponse"].clone()
    }

    async fn refused(&mut self, ask: Ask) -> String {
        let guid = self.client.submit(&ask).await;
        self.tasks.push(guid);
        code(&self.client.answer(guid).await).to_owned()
    }

    async fn creates(&mut self, object: ObjectId, number: &str, total: &str) -> OrderGuid {
        let order = json!({
            "originalOrderId": number, "price": {"total": total}, "tableCode": 12,
            "comment": "no nuts", "personsQuantity": 2, "expeditionType": "delivery",
            "customer": {"name": "N", "phone": "+70000000000"},
            "delivery": {"expectedTime": "2026-11-22T12:30:00"},
            "products": [{"id": "7", "name": "Pie", "price": total, "quantity": 1,
                          "ingredients": [{"id": "9", "name": "Salt", "quantity": 2}]}],
        });
        let created = self.done(Ask::create_order(object, order)).await;
        created["order"]["orderGuid"].as_str().unwrap().parse().unwrap()
    }

    async fn reads(&mut self, object: ObjectId, order: OrderGuid) -> String {
        let read = self.done(Ask::get_order(object, order)).await["order"].clone();
        assert_eq!(read["products"][0]["ingredients"][0]["id"], "9", "{read}");
        assert_eq!((&read["tableCode"], &read["customer"]["name"]), (&json!(12), &json!("N")));
        let (status, price) = (&read["status"]["value"], &read["price"]);
        format!("{} {} {}", status.as_str().unwrap(), price["total"], price["summToPay"])
    }
}

async fn a_day(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.set("callbacks.allow_private_addresses", true);
    let app = app.start().await;
    let receiver = Receiver::start().await;
    let (_, secret) = callbacks::add(app.store(), &receiver.url()).await;
    let mut us = Aggregator { client: (*app).clone(), tasks: Vec::new() };

    // Prepaid, taken back, prepaid again, completed.
    let first = us.creates(V1, "A-1", "449.35").await;
    let listed = us.done(Ask::order_list(V1)).await;
    assert_eq!(listed["orders"][0]["orderGuid"], first.to_string());
    let prepay = |amount| Ask::add_prepay(V1, first, amount).with("currencyGuid", CASH.to_string());
    us.done(prepay("400.00")).await;
    assert_eq!(us.refused(prepay("49.36")).await, "WsaPaymentExceedsDue");
    assert_eq!(us.reads(V1, first).await, "Created 449.35 49.35");
    assert_eq!(us.done(Ask::remove_prepay(V1, first)).await, json!({}));
    assert_eq!(us.reads(V1, first).await, "Created 449.35 449.35");
    assert_eq!(us.refused(Ask::complete_order(V1, first)).await, "WsaOrderNotPaid");
    us.done(prepay("449.35")).await;
    us.done(Ask::complete_order(V1, first)).await;
    assert_eq!(us.reads(V1, first).await, "Complited 449.35 0.0");

    // Paid exactly.
    let second = us.creates(V2, "A-2", "100.10").await;
    assert_eq!(
        us.refused(Ask::pay(V2, second, &[("100.00", CARD)])).await,
        "WsaPaymentNotEqualDue"
    );
    us.done(Ask::pay(V2, second, &[("60.05", CARD), ("40.05", CASH)])).await;
    assert_eq!(us.reads(V2, second).await, "Complited 100.1 0.0");

    // Cancelled.
    let third = us.creates(V2, "A-3", "5.00").await;
    assert_eq!(us.done(Ask::cancel_order(V2, third)).await, json!({"status": "Ok"}));
    assert_eq!(us.reads(V2, third).await, "Canceled 5.0 5.0");
    let state = us.done(Ask::created_state(V2, TaskGuid(third.0))).await;
    assert_eq!(state["order"]["status"]["value"], "Canceled");

    let expected = [
        (first, "Created 449.35"),
        (first, "Created 49.35"),
        (first, "Created 449.35"),
        (first, "Created 0.0"),
        (first, "Complited 0.0"),
        (second, "Created 100.1"),
        (second, "Complited 0.0"),
        (third, "Created 5.0"),
        (third, "Canceled 5.0"),
    ];
    let mut expected: Vec<String> = expected.map(|(order, told)| format!("{order} {told}")).into();
    expected.sort();
    let listened = listen(&us, us.tasks.len() + expected.len()).await;
    assert_told("ListenQueue", &listened, &us.tasks, &expected);

    let posts = receiver.until(us.tasks.len() + expected.len()).await;
    posts.iter().for_each(|post| assert_signed(post, &secret));
    let posted: Vec<Value> =
        posts.iter().map(|post| serde_json::from_str(&post.body).unwrap()).collect();
    assert_told("callbacks", &posted, &us.tasks, &expected);

    eventually("nothing is left of ours", async || {
        let ours = "SELECT count(*) FROM deliveries d JOIN mailboxes m USING (mailbox_id)
                    JOIN aggregators a USING (aggregator_id) WHERE a.name = 'main'";
        app.place.number(ours).await == 0
    })
    .await;
    app.finish().await;
}

/// Reads so many notifications of both queues.
async fn listen(us: &Aggregator, count: usize) -> Vec<Value> {
    let mut heard = Vec::new();
    while heard.len() < count {
        let body = json!({"queueType": "AllQueues"}).to_string();
        let request = us.client.post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE).body(body);
        let reply = crate::support::client::read(request).await.unwrap().json();
        assert!(reply["responseCommon"].get("asyncCode").is_none(), "{heard:?}");
        heard.push(reply);
    }
    heard
}

/// Each answer once, each change of an order once.
fn assert_told(by: &str, notifications: &[Value], tasks: &[TaskGuid], expected: &[String]) {
    let mut answers: HashMap<&str, usize> = HashMap::new();
    let mut events = Vec::new();
    for notification in notifications {
        let order =
            notification.get("response").or_else(|| notification["eventResponse"].get("order"));
        match order {
            Some(order) => events.push(format!(
                "{} {} {}",
                order["orderGuid"].as_str().unwrap(),
                order["status"]["value"].as_str().unwrap(),
                order["price"]["summToPay"]
            )),
            None => {
                let guid = notification["responseCommon"]["taskGuid"].as_str().unwrap_or("nothing");
                *answers.entry(guid).or_default() += 1;
            }
        }
    }
    events.sort();
    assert_eq!(events, expected, "{by}");
    let each_once = tasks.iter().all(|task| answers.get(&*task.to_string()) == Some(&1));
    assert!(each_once && answers.len() == tasks.len(), "{by}: {answers:?}");
}

fn assert_signed(post: &Post, secret: &Secret) {
    let expected = STANDARD.encode(hmac(secret.as_bytes(), post.body.as_bytes()));
    assert_eq!(post.header("signature"), Some(&*expected));
}
