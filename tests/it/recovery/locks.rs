//! A table that somebody else holds, and with it every connection of the pool.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{payment, until_paid};
use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::books::Books;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::Queues;
use crate::support::reference::{V2, seed};
use crate::support::stores::open_orders;

/// Nobody waits longer: for the lock, for a connection, and for the store to be there again.
const TOLD_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_served_is_told_so_in_time_while_the_pool_is_used_up() {
    let place = Place::migrated(Stores::Postgres).await;
    let store = place.open();
    seed(&store).await;
    let orders = open_orders(&store, V2, "10.00", 30).await;
    let Place::Postgres(database) = &place else { unreachable!() };
    let bounds = [
        ("WSA__STORE__POOL_SIZE", "2"),
        ("WSA__STORE__CONNECT_TIMEOUT_MS", "500"),
        ("WSA__STORE__LOCK_TIMEOUT_MS", "1000"),
        ("WSA__STORE__STATEMENT_TIMEOUT_MS", "2000"),
    ];
    let process = Process::start(&["up", "--database-url", &database.url()], &bounds).await;
    process.until_ready_says(200).await;

    let holder = database.connect().await;
    holder.batch_execute("BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (client, since) = (&process.client, Instant::now());
    let bodies: Vec<String> =
        orders[..20].iter().map(|order| payment(*order).asynchronous().to_string()).collect();
    for refused in join_all(bodies.iter().map(|body| client.try_create(body))).await {
        let refused = refused.unwrap();
        assert_eq!(refused.status, 503, "{refused:?}");
        assert!(refused.accepted().is_none(), "{refused:?}");
    }
    assert!(since.elapsed() < TOLD_WITHIN, "{:?}", since.elapsed());
    holder.batch_execute("ROLLBACK").await.unwrap();
    until_paid("the pool was used up", client, &orders[20..]).await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
    Books::read(&place).await.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_keeps_the_others_of_its_batch_for_seconds_only() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await;
    let app = app.set("store.lock_timeout_ms", 1000).start().await;
    let orders = open_orders(app.store(), V2, "10.00", 30).await;
    let Place::Postgres(database) = &*app.place else { unreachable!() };
    let holder = database.connect().await;
    let held =
        format!("BEGIN; SELECT 1 FROM orders WHERE order_guid = '{}' FOR UPDATE", orders[15].0);
    holder.batch_execute(&held).await.unwrap();
    let since = Instant::now();
    let answers = join_all(orders.iter().map(async |order| {
        let answer = app.ask(&payment(*order).within(60)).await;
        (code(&answer).to_owned(), since.elapsed())
    }));
    for (n, (code, after)) in answers.await.into_iter().enumerate() {
        match n {
            15 => assert_eq!(code, "InternalError"),
            // The first attempts, 2 s of them, and the one of the held task alone.
            _ => assert!(code == "done" && after < Duration::from_secs(8), "{code} {after:?}"),
        }
    }
    holder.batch_execute("ROLLBACK").await.unwrap();
    app.dead_letters(1).await;
    app.finish().await;
}
