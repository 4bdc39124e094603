//! Orders that nobody pays in time.

use serde_json::json;
use wsa::boot::Role;
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;

async fn let_pass(place: &Place, order: &str) {
    let past = place.moment(-1000);
    let sql = format!("UPDATE tc_orders SET reserved_till = {past} WHERE order_id = '{order}'");
    assert_eq!(place.execute(&sql).await, Ok(1));
}

async fn what_is_not_paid_in_time_is_given_back(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.set("sweeper.batch", 2).start().await;
    seed(app.store()).await;
    let mut orders = Vec::new();
    for n in 0..7 {
        orders.push(ordered(&app, 1).await);
        match n {
            0 => drop(step(&app, &orders[n], "in_progress").await.ok(200)),
            1 => drop(step(&app, &orders[n], "done").await.ok(200)),
            2 => drop(step(&app, &orders[n], "canceled").await.ok(200)),
            _ => {}
        }
    }
    let (waiting, rest) = orders.split_last().unwrap();
    for order in rest {
        let_pass(&app.place, order).await;
    }
    eventually("they have expired", async || free(&app.place).await == 8).await;
    let expected = ["expired", "done", "canceled", "expired", "expired", "expired", "executed"];
    for (order, status) in orders.iter().zip(expected) {
        assert_eq!(look(&app, order).await.json()["status"], status, "{order}");
    }
    assert_eq!(Tables::of(app.store()).expire_orders(10).await.unwrap(), 0, "and that is all");
    assert!(step(&app, &orders[3], "done").await.error(400).contains("from expired to done"));
    change(&app, waiting, json!({"random": {SET: 9}})).await.ok(200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_in_time_is_given_back_on_sqlite() {
    what_is_not_paid_in_time_is_given_back(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_paid_in_time_is_given_back_on_postgres() {
    what_is_not_paid_in_time_is_given_back(Stores::Postgres).await;
}

/// No sweeper comes: the next who wants the tickets finds the order dead, and so does its owner.
async fn a_dead_order_keeps_no_ticket_from_anybody(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await;
    let app = app.set("sweeper.interval_ms", 60_000).start().await;
    seed(app.store()).await;
    let (dead, late) = (ordered(&app, 8).await, ordered(&app, 2).await);
    create(&app, ORG, json!({"random": {SET: 1}})).await.error(400);
    let_pass(&app.place, &dead).await;
    let next = create(&app, ORG, json!({"random": {SET: 8}, "all_or_nothing": true})).await;
    assert_eq!(next.tickets().len(), 8, "{next:?}");
    assert_eq!(look(&app, &dead).await.json()["status"], "expired");
    let_pass(&app.place, &late).await;
    assert!(step(&app, &late, "done").await.error(400).contains("from expired to done"));
    assert_eq!(free(&app.place).await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_order_keeps_no_ticket_from_anybody_on_sqlite() {
    a_dead_order_keeps_no_ticket_from_anybody(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_order_keeps_no_ticket_from_anybody_on_postgres() {
    a_dead_order_keeps_no_ticket_from_anybody(Stores::Postgres).await;
}

/// The sweeper waits for nobody who holds an event.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_somebodys_hands_is_left_to_him() {
    let api = TestApp::on(Stores::Postgres, Queues::InProcess).await.role(Role::Up);
    let api = api.set("sweeper.interval_ms", 60_000).start().await;
    seed(api.store()).await;
    let order = ordered(&api, 1).await;
    let_pass(&api.place, &order).await;
    let Place::Postgres(database) = &*api.place else { unreachable!("it was asked for") };
    let mut client = database.connect().await;
    let held = client.transaction().await.unwrap();
    held.execute("SELECT 1 FROM tc_events FOR UPDATE", &[]).await.unwrap();
    assert_eq!(Tables::of(api.store()).expire_orders(10).await.unwrap(), 0);
    held.rollback().await.unwrap();
    assert_eq!(Tables::of(api.store()).expire_orders(10).await.unwrap(), 1);
    api.finish().await;
}
