//! An aggregator pays while the till changes the same order.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::sleep;
use wsa::domain::task::OrderGuid;

use super::client::{Till, add};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1};

const RACES: usize = 1000;

/// One race: a prepayment of 80 of 100 against a content that costs 50. Either the payment was first, and the till is told
/// that the order has changed; or the till was, and 80 are more than is due. The till has a head start, which may be none.
async fn race(app: &TestApp, till: &Till, order: OrderGuid, head_start: Duration) -> bool {
    let fewer = json!({"products": [{"id": "1", "name": "Fish", "price": 50, "quantity": 1}]});
    let ask = Ask::pay(V1, order, &[("80", CASH)]);
    let paying = async {
        sleep(head_start).await;
        app.ask(&ask).await
    };
    let (paid, edited) = tokio::join!(paying, till.edit(order, 1, &fewer));
    match code(&paid) {
        "done" => {
            assert_eq!(edited.refused(412), "VersionMismatch", "{paid}");
            assert_eq!(paid["taskResponse"]["order"]["price"]["total"], json!(100.0), "{paid}");
            true
        }
        "WsaPaymentExceedsDue" => {
            assert_eq!(edited.order()["total"], json!(50.0), "{paid}");
            false
        }
        other => panic!("{other}: {paid} {edited:?}"),
    }
}

async fn a_payment_races_a_change(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V1).await;
    let till = Till::of(&app, V1);
    let orders = app.orders(V1, "100", RACES).await;
    // On whatever machine: neither is always first.
    let head_starts = (0..20).cycle().map(Duration::from_millis);
    let races = orders.iter().zip(head_starts).map(|(order, by)| race(&app, &till, *order, by));
    let paid: Vec<bool> = stream::iter(races).buffered(32).collect().await;
    let (mut after, mut heard) = (0, Vec::new());
    loop {
        let events = till.events(after, 0).await;
        let Some((last, _)) = events.last() else { break };
        after = *last;
        heard.extend(events);
    }
    assert_eq!(
        heard.len(),
        RACES,
        "one side of each race changed the order, and the till heard of it"
    );
    let mut by_order = std::collections::HashMap::new();
    for (_, event) in &heard {
        by_order.insert(
            event["order"]["orderGuid"].as_str().unwrap().to_owned(),
            event["type"].clone(),
        );
    }
    let books = app.finish().await;
    for (order, paid) in orders.iter().zip(&paid) {
        let row = books.order(*order);
        let expected =
            if *paid { (10_000, 8_000, "OrderPaid") } else { (5_000, 0, "OrderChanged") };
        assert_eq!((row.total, row.paid), (expected.0, expected.1), "{row:?}");
        assert_eq!(by_order[&order.to_string()], expected.2);
        assert_eq!(books.payments_of(*order).len(), usize::from(*paid));
    }
    let won = paid.iter().filter(|paid| **paid).count();
    println!("{won} of {RACES} payments were first");
    assert!(won > 0 && won < RACES, "{won} of {RACES}: it was no race");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_races_a_change_on_sqlite() {
    a_payment_races_a_change(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_races_a_change_on_postgres() {
    a_payment_races_a_change(Stores::Postgres).await;
}
