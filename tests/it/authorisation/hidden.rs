//! What is somebody else's and what does not exist are answered alike, byte for byte.

use serde_json::{Value, json};
use uuid::Uuid;
use wsa::domain::task::{ObjectId, OrderGuid, TaskGuid};

use super::callers::{Caller, seed};
use super::whiteserver::create;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1, V2};
use crate::support::shown::shown;

fn find<'a>(callers: &'a [Caller], name: &str) -> &'a Caller {
    callers.iter().find(|caller| caller.name == name).unwrap()
}

async fn ask(app: &TestApp, caller: &Caller, ask: &Ask) -> Value {
    create(app, caller, &ask.synchronous()).await.json()
}

/// An answer without the guid that was asked about.
fn without(answer: &Value, guid: impl std::fmt::Display) -> String {
    shown(&answer.to_string().replace(&guid.to_string(), "GUID"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_another_restaurant_is_none() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let theirs = app.order(V2, "10.00").await;
    let asks = |object: ObjectId, order: OrderGuid| {
        [
            Ask::pay(object, order, &[("10.00", CASH)]),
            Ask::add_prepay(object, order, "1.00"),
            Ask::remove_prepay(object, order),
            Ask::complete_order(object, order),
            Ask::cancel_order(object, order),
            Ask::get_order(object, order),
            Ask::order_state(object, order),
        ]
    };
    let none = OrderGuid(Uuid::new_v4());
    // Who may use both restaurants, and who may use one, alike.
    for caller in ["first", "both"].map(|name| find(&callers, name)) {
        for (theirs_at_v1, never) in asks(V1, theirs).iter().zip(asks(V1, none)) {
            let told = ask(&app, caller, theirs_at_v1).await;
            assert_eq!(code(&told), "WsaOrderNotFound", "{told}");
            assert_eq!(without(&told, theirs), without(&ask(&app, caller, &never).await, none));
        }
    }
    assert!(app.finish().await.payments.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_another_caller_is_none_where_a_task_stands_for_its_order() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let (first, both) = (find(&callers, "first"), find(&callers, "both"));
    let order = json!({"price": {"total": 10}, "originalOrderId": "77"});
    let create_order = Ask::create_order(V1, order);
    assert_eq!(code(&ask(&app, both, &create_order).await), "done");
    // The second one makes no order, of which its sender alone is told.
    let failed = ask(&app, both, &create_order).await;
    assert_eq!(code(&failed), "WsaDuplicateOrder");
    let theirs: TaskGuid = failed["responseCommon"]["taskGuid"].as_str().unwrap().parse().unwrap();
    let own = ask(&app, both, &Ask::created_state(V1, theirs)).await;
    assert_eq!(own["taskResponse"]["order"]["status"]["value"], "CreationError", "{own}");

    let never = TaskGuid::new();
    let asks = |task| [Ask::created_state(V1, task), Ask::cancel_created(V1, task)];
    for (of_theirs, of_none) in asks(theirs).iter().zip(asks(never)) {
        let (told, none) = (ask(&app, first, of_theirs).await, ask(&app, first, &of_none).await);
        assert_eq!(without(&told, theirs), without(&none, never));
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_callers_idempotency_key_is_nothing_to_another() {
    let app = TestApp::embedded().await;
    let callers = seed(app.store()).await;
    let mut guids = Vec::new();
    for caller in ["first", "both"].map(|name| find(&callers, name)) {
        let post = app.with_token(&caller.token).post().header("Idempotency-Key", "the same");
        let body = Ask::get_order(V1, OrderGuid(Uuid::from_u128(guids.len() as u128 + 1)));
        let post = post.body(body.asynchronous().to_string());
        let reply = crate::support::client::read(post).await.unwrap();
        guids.push(reply.accepted().expect("accepted as its own"));
    }
    assert_ne!(guids[0], guids[1]);
    app.finish().await;
}
