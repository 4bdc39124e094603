//! A guest pays at the table: the till opens the order, an aggregator finds and pays it, the till hears of it.

use serde_json::json;

use super::client::{Till, add, happened};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};

async fn a_guest_pays_at_the_table(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    add(app.store(), V2).await;
    let till = Till::of(&app, V2);
    let order = till.opens("12", "449.35").await;

    let list = app.ask(&Ask::order_list(V2).with("tableCode", 12)).await;
    let listed = &list["taskResponse"]["orders"][0];
    assert_eq!(listed["orderGuid"], order.to_string(), "{list}");
    assert_eq!((&listed["unpaid"], &listed["waiterId"]), (&json!(449.35), &json!(7)), "{list}");
    let read = app.ask(&Ask::get_order(V2, order)).await;
    assert_eq!(read["taskResponse"]["order"]["products"][0]["name"], "Fish", "{read}");
    assert_eq!(read["taskResponse"]["order"]["waiterId"], 7, "{read}");
    assert_eq!(read["taskResponse"]["order"]["appliedPayments"], json!([]), "{read}");

    let heard = {
        let till = till.clone();
        tokio::spawn(async move { till.events(1, 20).await })
    };
    let paid = app.ask(&Ask::pay(V2, order, &[("449.35", CASH)])).await;
    assert_eq!(code(&paid), "done", "{paid}");
    let events = heard.await.unwrap();
    assert_eq!(happened(&events), ["OrderPaid"]);
    let (cursor, event) = &events[0];
    assert_eq!(*cursor, 2, "the first one was that it was opened");
    assert_eq!(
        (&event["by"], &event["order"]["status"]),
        (&json!("aggregator"), &json!("Complited"))
    );
    assert_eq!(event["taskGuid"], paid["responseCommon"]["taskGuid"]);
    assert_eq!(event["payments"][0]["amount"], json!(449.35));
    assert_eq!(event["order"]["orderGuid"], order.to_string());

    let now = till.order(order).await;
    assert_eq!((&now["due"], &now["paid"]), (&json!(0.0), &json!(449.35)), "{now}");
    assert_eq!(now["payments"][0]["currency"], CASH.to_string());
    let read = app.ask(&Ask::get_order(V2, order)).await;
    let applied = &read["taskResponse"]["order"]["appliedPayments"];
    assert_eq!((&applied[0]["amount"], &applied[0]["kind"]), (&json!(449.35), &json!("cash")));
    assert_eq!(applied[0]["currency"], now["payments"][0]["currency"]);
    let books = app.finish().await;
    books.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_pays_at_the_table_on_sqlite() {
    a_guest_pays_at_the_table(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_pays_at_the_table_on_postgres() {
    a_guest_pays_at_the_table(Stores::Postgres, Queues::Amqp).await;
}
