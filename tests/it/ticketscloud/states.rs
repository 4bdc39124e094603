//! Every step from every status.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wsa::protocols::ticketscloud::decide::{Move, permitted};
use wsa::protocols::ticketscloud::model::OrderStatus;
use wsa::protocols::ticketscloud::model::OrderStatus::*;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// A new order that stands so.
async fn standing(app: &TestApp, status: OrderStatus, system: bool) -> String {
    let order = ordered(app, 1).await;
    let pay = if system { json!({"system": "api/BASE"}) } else { Value::Null };
    if system {
        change(app, &order, json!({"payment": pay})).await.ok(200);
    }
    let steps: &[&str] = match status {
        Executed | Expired => &[],
        InProgress => &["in_progress"],
        Done => &["in_progress", "done"],
        Refunded => &["in_progress", "done", "refunded"],
        Canceled => &["canceled"],
    };
    for to in steps {
        assert_eq!(step(app, &order, to).await.ok(200)["status"], *to);
    }
    if status == Expired {
        let past = app.place.moment(-1000);
        let sql = format!("UPDATE tc_orders SET reserved_till = {past} WHERE order_id = '{order}'");
        assert_eq!(app.place.execute(&sql).await.unwrap(), 1);
        crate::support::eventually("it expires", async || {
            look(app, &order).await.json()["status"] == "expired"
        })
        .await;
    }
    order
}

/// Tries one step, and with `canceled` also DELETE, which is the same step with another answer.
async fn try_step(app: &TestApp, from: OrderStatus, to: OrderStatus, system: bool) {
    let fine = match permitted(from, to) {
        Move::Yes => true,
        Move::WithoutSystem => !system,
        Move::ByTheClock | Move::No => false,
    };
    let order = standing(app, from, system).await;
    let before = look(app, &order).await;
    let answer = step(app, &order, to.as_str()).await;
    if fine {
        assert_eq!(answer.ok(200)["status"], to.as_str());
    } else {
        let told = answer.error(400);
        assert!(told.contains(&format!("from {from} to {to}")), "{told}");
        assert_eq!(look(app, &order).await.text, before.text, "nothing is changed");
    }
    if to == Canceled {
        let answer = delete(app, &standing(app, from, system).await).await;
        match fine {
            true => assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "")),
            false => assert!(answer.error(400).contains(&format!("from {from} to canceled"))),
        }
    }
}

/// Only an executed order can be changed.
async fn try_changes(app: &TestApp, from: OrderStatus, system: bool) {
    let order = standing(app, from, system).await;
    for body in [
        json!({"random": {SET: 1}}),
        json!({"tickets": [ticket(BALCONY, 2 * from as usize + usize::from(system))]}),
        json!({"customer": {"name": "Anna"}}),
        json!({"promocodes": []}),
        json!({"payment": {"success_url": "https://seller.example/thanks"}}),
    ] {
        let answer = change(app, &order, body).await;
        match from {
            Executed => assert_eq!(answer.status, 200, "{answer:?}"),
            _ => assert!(answer.error(400).contains(from.as_str()), "{answer:?}"),
        }
    }
}

async fn every_pair_of_states_is_permitted_or_refused_by_name(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed_with(app.store(), 200).await;
    for system in [false, true] {
        for from in OrderStatus::ALL {
            let steps = OrderStatus::ALL.iter().map(|to| try_step(&app, *from, *to, system));
            join_all(steps).await;
            try_changes(&app, *from, system).await;
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pair_of_states_is_permitted_or_refused_by_name_on_sqlite() {
    every_pair_of_states_is_permitted_or_refused_by_name(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pair_of_states_is_permitted_or_refused_by_name_on_postgres() {
    every_pair_of_states_is_permitted_or_refused_by_name(Stores::Postgres).await;
}

async fn what_is_given_back_is_on_sale_again(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    seed(app.store()).await;
    for way in ["canceled", "delete", "refunded"] {
        let order = ordered(&app, 10).await;
        assert_eq!(free(&app.place).await, 0);
        create(&app, ORG, json!({"random": {SET: 1}})).await.error(400);
        match way {
            "delete" => {
                let answer = delete(&app, &order).await;
                assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
            }
            "refunded" => {
                step(&app, &order, "done").await.ok(200);
                step(&app, &order, "refunded").await.ok(200);
            }
            _ => drop(step(&app, &order, "canceled").await.ok(200)),
        }
        assert_eq!(free(&app.place).await, 10, "{way}");
        let shown = look(&app, &order).await;
        assert_eq!(shown.tickets().len(), 10, "it still says what it had");
        assert_eq!(shown.json()["value"], "1000.00");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_is_on_sale_again_embedded() {
    what_is_given_back_is_on_sale_again(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_is_on_sale_again_on_servers() {
    what_is_given_back_is_on_sale_again(Stores::Postgres, Queues::Amqp).await;
}
