//! The balance, when many want it.

use std::collections::HashMap;

use futures_util::future::join_all;

use super::shop::*;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const FROM_BALANCE: [(&str, &str); 1] = [("paymethod_id", "0")];

/// How often each outcome came.
fn outcomes(answers: &[Answer]) -> HashMap<String, usize> {
    let mut outcomes = HashMap::new();
    for answer in answers {
        let outcome = match answer.doc().get("error") {
            Some(_) => answer.error(),
            None => "paid".into(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    outcomes
}

macro_rules! on_all {
    ($($name:ident => $test:ident($store:ident, $queue:ident);)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            $test(Stores::$store, Queues::$queue).await;
        }
    )*};
}

on_all! {
    a_line_item_is_paid_once_on_sqlite_in_process => a_line_item_is_paid_once(Sqlite, InProcess);
    a_line_item_is_paid_once_on_postgres_and_rabbitmq => a_line_item_is_paid_once(Postgres, Amqp);
    a_balance_pays_what_it_covers_on_sqlite_in_process =>
        a_balance_pays_what_it_covers(Sqlite, InProcess);
    a_balance_pays_what_it_covers_on_sqlite_and_rabbitmq =>
        a_balance_pays_what_it_covers(Sqlite, Amqp);
    a_balance_pays_what_it_covers_on_postgres_in_process =>
        a_balance_pays_what_it_covers(Postgres, InProcess);
    a_balance_pays_what_it_covers_on_postgres_and_rabbitmq =>
        a_balance_pays_what_it_covers(Postgres, Amqp);
}

async fn a_line_item_is_paid_once(store: Stores, queue: Queues) {
    let (app, shop) = shop_on(store, queue).await;
    deposit(&app, shop.anna, "1000").await;
    let item = add(&app, ANNA).await;
    let answers = join_all((0..50).map(|_| confirm(&app, ANNA, item, &FROM_BALANCE))).await;
    let expected = [("paid".to_owned(), 1), ("value elid".to_owned(), 49)];
    assert_eq!(outcomes(&answers), HashMap::from(expected));
    assert_eq!(balance(&app.place, shop.anna).await, 98_000);
    assert_eq!(app.place.number("SELECT count(*) FROM bm_orders").await, 1);
    app.finish().await;
}

async fn a_balance_pays_what_it_covers(store: Stores, queue: Queues) {
    let (app, shop) = shop_on(store, queue).await;
    // Ten at 20.00, and five roubles that are too little.
    deposit(&app, shop.anna, "205").await;
    let items = join_all((0..50).map(|_| add(&app, ANNA))).await;
    let paying = items.iter().map(|item| confirm(&app, ANNA, *item, &FROM_BALANCE));
    let answers = join_all(paying).await;
    let expected = [("paid".to_owned(), 10), ("limit balance".to_owned(), 40)];
    assert_eq!(outcomes(&answers), HashMap::from(expected));
    assert_eq!(balance(&app.place, shop.anna).await, 500);
    assert_eq!(cart(&app, ANNA).await.0.len(), 40, "what was refused is still in the cart");
    assert_eq!(app.place.number("SELECT count(*) FROM bm_entries WHERE kind = 'order'").await, 10);
    assert_eq!(balance(&app.place, shop.boris).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_put_in_while_orders_are_paid_is_not_lost_on_sqlite() {
    money_put_in_while_orders_are_paid_is_not_lost(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_put_in_while_orders_are_paid_is_not_lost_on_postgres() {
    money_put_in_while_orders_are_paid_is_not_lost(Stores::Postgres).await;
}

async fn money_put_in_while_orders_are_paid_is_not_lost(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "400").await;
    let items = join_all((0..20).map(|_| add(&app, ANNA))).await;
    let paying = join_all(items.iter().map(|item| confirm(&app, ANNA, *item, &FROM_BALANCE)));
    let putting = join_all((0..20).map(|_| deposit(&app, shop.anna, "0.01")));
    let (answers, _) = tokio::join!(paying, putting);
    assert_eq!(outcomes(&answers), HashMap::from([("paid".to_owned(), 20)]));
    assert_eq!(balance(&app.place, shop.anna).await, 20);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_at_once_do_not_get_in_each_others_way() {
    let (app, shop) = shop_on(Stores::Postgres, Queues::InProcess).await;
    let worker = app.beside(wsa::boot::Role::Up).start().await;
    deposit(&app, shop.anna, "400").await;
    deposit(&app, shop.boris, "400").await;
    let buy = |login| {
        let app = &app;
        async move { confirm(app, login, add(app, login).await, &FROM_BALANCE).await }
    };
    let buying = (0..40).map(|n| buy(if n % 2 == 0 { ANNA } else { BORIS }));
    assert_eq!(outcomes(&join_all(buying).await), HashMap::from([("paid".to_owned(), 40)]));
    assert_eq!(balance(&app.place, shop.anna).await, 0);
    assert_eq!(balance(&app.place, shop.boris).await, 0);
    worker.stop().await;
    app.finish().await;
}
