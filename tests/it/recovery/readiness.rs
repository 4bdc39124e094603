//! A store that takes no writes: told within two seconds, by the part's name, and over by itself.

use std::time::{Duration, Instant};

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;
use crate::support::reference::V2;

use super::{payment, until_paid};

/// What the documents promise, and the time that a look takes in a test.
const TOLD_WITHIN: Duration = Duration::from_millis(2300);

/// Waits until the store is told of in this word, or any but `ok`.
async fn until_told(app: &TestApp, what: &str, words: &[&str]) {
    let since = Instant::now();
    loop {
        let ready = app.get("/readyz").await.unwrap();
        if ready.status == 503 {
            let word = ready.json()["store"].as_str().unwrap().to_owned();
            println!("{what}: {word} after {:?}", since.elapsed());
            assert!(words.contains(&&*word), "{what}: {word}");
            return;
        }
        assert!(since.elapsed() < TOLD_WITHIN, "{what}: not told within {TOLD_WITHIN:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn until_ready(app: &TestApp) {
    eventually("it is ready again", async || app.get("/readyz").await.unwrap().status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_can_only_be_read_is_told_within_two_seconds() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let orders = app.orders(V2, "10.00", 10).await;
    let Place::Postgres(database) = &*app.place else { unreachable!() };
    let admin = database.connect().await;
    let set = |value: &str| {
        // For new sessions: those that there are end.
        format!(
            "ALTER DATABASE \"{0}\" SET default_transaction_read_only = {value};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '{0}' AND pid <> pg_backend_pid()",
            database.url().rsplit('/').next().unwrap().split('?').next().unwrap()
        )
    };
    for statement in set("on").split(';') {
        admin.batch_execute(statement).await.unwrap();
    }
    // Between the old sessions and the new ones it cannot be reached.
    until_told(&app, "read-only", &["not accepting", "not reachable"]).await;
    eventually("it refuses writes", async || {
        app.get("/readyz").await.unwrap().json()["store"] == "not accepting"
    })
    .await;
    let refused = app.try_create(&payment(orders[0]).synchronous().to_string()).await.unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    admin.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    for statement in set("off").split(';') {
        admin.batch_execute(statement).await.unwrap();
    }
    until_ready(&app).await;
    until_paid("the database could only be read", &app, &orders).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_somebody_holds_is_told_within_two_seconds() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let Place::Postgres(database) = &*app.place else { unreachable!() };
    let holder = database.connect().await;
    holder.batch_execute("BEGIN; LOCK TABLE probes IN ACCESS EXCLUSIVE MODE").await.unwrap();
    until_told(&app, "a held table", &["not answering"]).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    until_ready(&app).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_stuck_is_told_within_two_seconds_and_a_short_one_is_not() {
    let app = TestApp::embedded().await;
    let orders = app.orders(V2, "10.00", 10).await;
    let other = rusqlite::Connection::open(app.place.file()).unwrap();
    // `wsa admin` beside it, several times.
    for _ in 0..3 {
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let until = Instant::now() + Duration::from_millis(700);
        while Instant::now() < until {
            let ready = app.get("/readyz").await.unwrap();
            assert_eq!(ready.status, 200, "{}", ready.text);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        other.execute_batch("ROLLBACK").unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    until_told(&app, "a stuck writer", &["not answering"]).await;
    other.execute_batch("ROLLBACK").unwrap();
    until_ready(&app).await;
    assert_eq!(code(&app.ask(&payment(orders[0])).await), "done");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_into_a_database_file_that_was_deleted_or_replaced() {
    let app = TestApp::embedded().await;
    let orders = app.orders(V2, "10.00", 10).await;
    let file = app.place.file();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    until_told(&app, "a deleted file", &["not accepting"]).await;
    let refused = app.try_create(&payment(orders[0]).synchronous().to_string()).await.unwrap();
    assert!(refused.status == 503 && refused.accepted().is_none(), "{refused:?}");
    std::fs::copy(&aside, &file).unwrap();
    let refused = app.try_create(&payment(orders[0]).synchronous().to_string()).await.unwrap();
    assert!(refused.status == 503 && refused.accepted().is_none(), "{refused:?}");
    assert_eq!(app.get("/readyz").await.unwrap().json()["store"], "not accepting");
    std::fs::rename(&aside, &file).unwrap();
    until_ready(&app).await;
    assert_eq!(code(&app.ask(&payment(orders[0])).await), "done");
    app.finish().await;
}
