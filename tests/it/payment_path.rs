//! A payment from the request to the answer, on every store with every queue.

use futures_util::stream::{self, StreamExt};
use wsa::domain::task::{ObjectId, OrderGuid, TaskGuid};

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

/// Orders of each agent version.
const ORDERS: usize = 120;
/// Requests under way at once.
const AT_ONCE: usize = 48;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_paid_exactly_once_on_sqlite_in_process() {
    orders_are_paid_exactly_once(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_paid_exactly_once_on_sqlite_and_rabbitmq() {
    orders_are_paid_exactly_once(Stores::Sqlite, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_paid_exactly_once_on_postgres_in_process() {
    orders_are_paid_exactly_once(Stores::Postgres, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_paid_exactly_once_on_postgres_and_rabbitmq() {
    orders_are_paid_exactly_once(Stores::Postgres, Queues::Amqp).await;
}

/// Two tasks for each order, of which one can be done.
async fn orders_are_paid_exactly_once(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    let mut orders: Vec<(ObjectId, OrderGuid)> = Vec::new();
    for object in [V1, V2] {
        let opened = app.orders(object, "449.35", ORDERS).await;
        orders.extend(opened.into_iter().map(|order| (object, order)));
    }
    let twice = orders.iter().chain(&orders).enumerate();
    let outcomes: Vec<(OrderGuid, TaskGuid, String)> = stream::iter(twice)
        .map(|(n, (object, order))| {
            let app = &app;
            async move {
                let currency = [CASH, CARD, ONLINE][n % 3];
                let ask = Ask::pay(*object, *order, &[("449.35", currency)]);
                let guid = app.submit(&ask).await;
                (*order, guid, code(&app.answer(guid).await).to_owned())
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;

    let books = app.finish().await;
    assert_eq!(books.tasks.len(), 4 * ORDERS);
    let all: Vec<OrderGuid> = orders.iter().map(|(_, order)| *order).collect();
    books.assert_paid_once(&all);
    for (order, guid, code) in outcomes {
        let paid_by = books.payments_of(order)[0].task;
        let right = match code.as_str() {
            "done" => paid_by == guid.0,
            "WsaOrderClosed" | "WsaPaymentExceedsDue" => paid_by != guid.0,
            _ => false,
        };
        assert!(right, "{guid} was answered {code}, {order} was paid by {paid_by}");
    }
    assert_eq!((books.count(Some("done")), books.count(Some("refused"))), (2 * ORDERS, 2 * ORDERS));
}
