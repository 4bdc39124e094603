//! A message that ends every connection it is delivered on.

use futures_util::future::join_all;

use wsa::engine::store::dead_letters::LetterFilter;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk, USER};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, frames};

const GOOD: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_parsed_is_the_only_one_that_dies_of_it() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let exchange = format!("{}.tasks", app.prefix.as_ref().unwrap().0);
    let orders = app.orders(V2, "10.00", GOOD).await;
    let pay = |order| Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    for (n, order) in orders.iter().enumerate() {
        if n == GOOD / 2 {
            frames::publish_with_id(&exchange, "in", b"\xff\xfe", USER, b"{}").await;
        }
        kiosk.publish(kiosk.properties(&n.to_string()), pay(*order)).await;
    }
    // Meanwhile nobody else notices.
    let mut while_it_lasts = 0;
    eventually("the poison is among the dead letters", async || {
        let others = app.orders(V2, "1.00", 4).await;
        let paid = join_all(others.iter().map(|order| async {
            let ask = Ask::pay(V2, *order, &[("1.00", CASH)]);
            let started = std::time::Instant::now();
            assert_eq!(code(&app.ask(&ask).await), "done");
            assert!(started.elapsed() < std::time::Duration::from_secs(2), "HTTP is held up");
        }));
        while_it_lasts += paid.await.len();
        !app.store()
            .dead_letters(&LetterFilter { most: 1, ..Default::default() })
            .await
            .unwrap()
            .is_empty()
    })
    .await;
    assert!(while_it_lasts > 4, "it took a while");
    let answers = kiosk.replies(GOOD).await;
    assert!(answers.values().all(|answer| code(&answer.json) == "done"), "{answers:?}");
    let dead = app.dead_letters(1).await;
    assert!(dead[0].reason.contains("nothing of it could be read"), "the poison alone: {dead:?}");
    assert_eq!(kiosk.waiting("tasks.dead").await, Some(0));
    assert_eq!(kiosk.waiting("tasks.in").await, Some(0));
    app.finish().await.assert_paid_once(&orders);
}
