//! RabbitMQ: what cannot be a task goes to the dead letters and holds up nobody.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use wsa::boot::Role;
use wsa::domain::task::TaskGuid;

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::queues::{Queues, TestQueue, at_most};
use crate::support::reference::{CASH, V1, V2};
use crate::support::soon;

fn with_object(id: Option<&str>, object: Option<AMQPValue>) -> BasicProperties {
    let mut headers = FieldTable::default();
    if let Some(object) = object {
        headers.insert("x-wsa-object-id".into(), object);
    }
    let properties = BasicProperties::default().with_headers(headers);
    match id {
        Some(id) => properties.with_message_id(id.into()),
        None => properties,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_task_goes_to_the_dead_letters_with_its_reason() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let prefix = queue.prefix.as_ref().unwrap();
    let mut lane = queue.queue.lane(at_most(10));
    let guid = TaskGuid::new().to_string();
    let v1 = || Some(AMQPValue::LongLongInt(V1.0));
    let malformed: [(BasicProperties, &[u8], &str); 6] = [
        (with_object(None, v1()), b"{}", "message_id is missing"),
        (with_object(Some("42"), v1()), b"{}", "message_id \"42\" is not a task guid"),
        (with_object(Some(&guid), v1()), b"{\"card\": 4111", "the body is not JSON"),
        (with_object(Some(&guid), v1()), b"\"\xff\"", "the body is not text after byte 1"),
        (with_object(Some(&guid), None), b"{}", "header x-wsa-object-id is missing"),
        (
            with_object(Some(&guid), Some(AMQPValue::LongString("x".into()))),
            b"{}",
            "header x-wsa-object-id \"x\"",
        ),
    ];
    let mut good = Vec::new();
    for (properties, body, _) in &malformed {
        prefix.publish_raw(properties.clone(), body).await;
        good.extend(queue.publish(V1, 1).await);
    }
    let mut taken = Vec::new();
    while taken.len() < good.len() {
        let batch = soon("the good ones", lane.next()).await;
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert_eq!(taken, good, "neighbours are not held up");
    // The last of them may be buried only by the next look at the queue.
    let looking = async {
        loop {
            let batch = lane.next().await;
            assert!(batch.is_empty(), "{batch:?}");
        }
    };
    let mut dead = tokio::select! {
        dead = prefix.dead_letters(malformed.len()) => dead,
        () = looking => unreachable!(),
    };
    for (properties, body, reason) in &malformed {
        let id = properties.message_id().as_ref().map(ToString::to_string);
        let found = dead.iter().position(|letter| {
            letter.id == id && letter.body == *body && letter.reason.starts_with(reason)
        });
        let found = found.unwrap_or_else(|| panic!("{reason:?} is not among {dead:?}"));
        let letter = dead.swap_remove(found);
        assert!(!letter.reason.contains("4111"), "the body is not quoted: {}", letter.reason);
    }
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_not_registered_is_a_dead_letter() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Up).start().await;
    let prefix = app.prefix.clone().unwrap();
    let order = app.order(V2, "10.00").await;
    let guid = TaskGuid::new();
    let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
    let properties = with_object(Some(&guid.to_string()), Some(AMQPValue::LongLongInt(V2.0)));
    prefix.publish_raw(properties, ask.asynchronous().to_string().as_bytes()).await;
    let dead = app.dead_letters(1).await;
    let told = format!("no task {guid} of object {V2} is registered in the store");
    assert_eq!(dead[0].reason, told);
    assert_eq!(dead[0].body, ask.asynchronous().to_string().as_bytes());
    let metrics = app.get("/metrics").await.unwrap().text;
    assert!(metrics.contains("wsa_dead_letters_total 1\n"), "{metrics}");
    app.finish().await.assert_untouched(order);
}
