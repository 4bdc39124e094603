//! `message_id`.

use serde_json::Value;
use uuid::Uuid;
use wsa::domain::task::OrderGuid;

use super::{forget, tasks};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

async fn app() -> (TestApp, Kiosk) {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let kiosk = Kiosk::connect(&app).await;
    (app, kiosk)
}

async fn publish(kiosk: &mut Kiosk, id: Option<&str>, ask: &Ask) -> Value {
    let properties = match id {
        Some(id) => kiosk.properties("c").with_message_id(id.into()),
        None => kiosk.nameless("c"),
    };
    kiosk.publish(properties, ask.asynchronous().to_string()).await;
    kiosk.reply().await.json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_id_is_used_once() {
    let (app, mut kiosk) = app().await;
    let orders = app.orders(V2, "10.00", 2).await;
    let guid = Uuid::new_v4().to_string();
    let asks: Vec<_> = [(guid.as_str(), orders[0]), ("receipt 7", orders[1])]
        .map(|(id, order)| (id, Ask::pay(V2, order, &[("10.00", CASH)])))
        .into();
    for (id, ask) in &asks {
        assert_eq!(code(&publish(&mut kiosk, Some(id), ask).await), "done");
    }
    forget(&app).await;
    for (id, ask) in &asks {
        let told = publish(&mut kiosk, Some(id), ask).await;
        assert_eq!(code(&told), "TaskExpired", "{told}");
    }
    // Over HTTP it is the same name.
    let body = asks[1].1.asynchronous().to_string();
    let over_http = app.post().header("Idempotency-Key", "receipt 7").body(body);
    let told = crate::support::client::read(over_http).await.unwrap();
    assert_eq!(code(&told.json()), "TaskExpired");
    assert_eq!(tasks(&app).await, 0);
    app.finish_forgotten().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_id_is_never_the_guid_of_an_order_that_is_there() {
    let (app, mut kiosk) = app().await;
    let order = app.order(V2, "10.00").await;
    let create = serde_json::json!({"originalOrderId": "o-9", "price": {"total": 1}, "products": [
        {"id": "1", "name": "Pie", "price": 1, "quantity": 1}]});
    let id = order.to_string();
    for ask in [Ask::create_order(V2, create), Ask::pay(V2, order, &[("10.00", CASH)])] {
        let told = publish(&mut kiosk, Some(&id), &ask).await;
        assert_eq!(code(&told), "TaskExpired", "{told}");
    }
    assert_eq!(tasks(&app).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_an_id_may_read_and_nothing_else() {
    let (app, mut kiosk) = app().await;
    let order: OrderGuid = app.order(V1, "10.00").await;
    let prepay = Ask::add_prepay(V1, order, "5.00").with("currencyGuid", CASH.to_string());
    for _ in 0..2 {
        let told = publish(&mut kiosk, None, &prepay).await;
        assert_eq!(code(&told), "BadRequest");
        let desc = told["error"]["wsError"]["desc"].as_str().unwrap();
        assert!(desc.starts_with("message_id is missing"), "{desc}");
    }
    for _ in 0..2 {
        assert_eq!(code(&publish(&mut kiosk, None, &Ask::get_order(V1, order)).await), "done");
    }
    let dead = app.dead_letters(1).await;
    assert!(dead[0].reason.starts_with("message_id is missing"), "people see it: {dead:?}");
    let books = app.finish().await;
    assert_eq!((books.tasks.len(), books.order(order).paid), (2, 0));
}
