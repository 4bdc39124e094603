//! What an aggregator is told without asking.

use serde_json::{Value, json};

use crate::support::ask::Ask;
use crate::support::callbacks;
use crate::support::client::read;
use crate::support::contract::assert_answer;
use crate::support::receiver::Receiver;
use crate::support::reference::V1;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listened_for_and_what_is_posted_is_as_documented() {
    let app = callbacks::app().await.start().await;
    let receiver = Receiver::start().await;
    callbacks::add(app.store(), &receiver.url()).await;
    let order = json!({
        "price": {"total": 449.35},
        "products": [{"id": 7, "quantity": 1.5, "ingredients": [{"id": "9", "quantity": "2"}]}],
        "delivery": {"expectedTime": "2026-11-22T12:30:00.5", "address": {"a": [1]}},
        "pickup": {},
        "customer": {"name": null},
        "tableCode": "12",
    });
    app.submit(&Ask::create_order(V1, order)).await;

    let mut answers = 0;
    for _ in 0..2 {
        let body = json!({"queueType": "AllQueues"}).to_string();
        let reply = read(app.post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE).body(body))
            .await
            .unwrap()
            .json();
        assert_answer("ListenQueueResponse", &reply);
        let answer = reply.get("taskResponse").is_some();
        assert_answer(if answer { "CreateOrderAnswer" } else { "Event" }, &reply);
        answers += usize::from(answer);
    }
    assert_eq!(answers, 1, "an answer and an event");

    for post in receiver.until(2).await {
        let body: Value = serde_json::from_str(&post.body).unwrap();
        let event = body.get("response").is_some();
        assert_answer(if event { "EventCallback" } else { "CreateOrderAnswer" }, &body);
        let documented = wsa::contracts::openapi::document(&wsa::protocols::ALL);
        let webhook = if event { "event" } else { "taskAnswer" };
        let parameters = documented["webhooks"][webhook]["post"]["parameters"].clone();
        for parameter in parameters.as_array().unwrap() {
            let header = post.header(parameter["name"].as_str().unwrap());
            let schema = jsonschema::validator_for(&parameter["schema"]).unwrap();
            match header {
                Some(header) => assert!(schema.is_valid(&header.into()), "{parameter}: {header}"),
                None => assert_eq!(parameter["required"], false, "{parameter}"),
            }
        }
    }
    app.finish().await;
}

#[test]
fn nothing_is_as_documented() {
    let nothing = wsa::protocols::whiteserver::wire::listen::NO_OPERATIONS;
    assert_answer("ListenQueueResponse", &serde_json::from_str(nothing).unwrap());
}
