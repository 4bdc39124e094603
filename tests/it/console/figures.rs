//! What processes write, and who reads it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;
use uuid::Uuid;
use wsa::boot::Role as Part;
use wsa::domain::task::OrderGuid;
use wsa::engine::store::samples::Sample;
use wsa::ops::access::Role;

use super::*;
use crate::support::eventually;
use crate::support::reference::*;

async fn samples(app: &TestApp) -> Vec<Sample> {
    app.store().samples_after(Timestamp::UNIX_EPOCH, Uuid::nil(), 10_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_writes_what_it_counted_and_one_of_them_of_the_whole_store() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let app = app.set("ops.sample_ms", 500).role(Part::Api).start().await;
    let worker = app.beside(Part::Worker).set("ops.sample_ms", 500).start().await;
    for order in app.orders(V2, "10", 20).await {
        app.pay(V2, order, "10").await;
    }
    app.pay(V2, OrderGuid::new(), "10").await;
    let of = |all: &[Sample], role: &str| -> Vec<Sample> {
        all.iter().filter(|sample| sample.role == role).cloned().collect()
    };
    let mut all = Vec::new();
    eventually("all is in the samples", async || {
        all = samples(&app).await;
        let answered: i64 =
            of(&all, "worker").iter().flat_map(|sample| sample.outcomes.values()).sum();
        let accepted: i64 = of(&all, "api").iter().map(|sample| sample.accepted).sum();
        (accepted, answered) == (21, 21)
    })
    .await;
    let (api, workers) = (of(&all, "api"), of(&all, "worker"));
    let done: i64 = workers.iter().filter_map(|sample| sample.outcomes.get("done")).sum();
    assert_eq!(done, 20);
    assert!(workers.iter().all(|sample| sample.lanes == 1) && api[0].lanes == 0);
    let times = workers.iter().filter_map(|sample| sample.p50_us.zip(sample.p99_us));
    assert!(times.clone().count() > 0);
    times.for_each(|(p50, p99)| assert!(p50 > 0 && p50 <= p99, "{p50} {p99}"));
    // Of each interval a row is of the whole store; of two that are written at the same moment both may be.
    let mut said = std::collections::BTreeMap::<Timestamp, usize>::new();
    all.iter().for_each(|sample| {
        *said.entry(sample.at).or_default() += usize::from(sample.whole.is_some())
    });
    assert!(said.values().all(|count| *count >= 1), "{said:?}");
    // A process that ends says so.
    let ended = workers[0].process;
    worker.stop().await;
    let last = samples(&app).await.into_iter().rfind(|sample| sample.process == ended).unwrap();
    assert!(last.ending && last.trouble.contains("ending"), "{last:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_no_samples_costs_nobody_anything() {
    let app = installation(Stores::Sqlite).await.start().await;
    eventually("the first row is there", async || !samples(&app).await.is_empty()).await;
    app.place.execute("ALTER TABLE samples RENAME TO lost").await.unwrap();
    sleep(Duration::from_millis(1200)).await;
    let order = app.order(V2, "10").await;
    app.pay(V2, order, "10").await;
    // Some rows that have it cannot be written.
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(app.get("/readyz").await.unwrap().status, 200, "figures are no part of readiness");
    app.place.execute("ALTER TABLE lost RENAME TO samples").await.unwrap();
    eventually("what could not be written is in a later row", async || {
        samples(&app).await.iter().map(|sample| sample.accepted).sum::<i64>() == 1
    })
    .await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_samples_nothing_is_written_and_the_console_says_so() {
    let app = installation(Stores::Sqlite).await.set("ops.sample_ms", 0).start().await;
    let cookie = log_in(&app, &operator(&app, "anna", Role::Viewer).await).await;
    let (_, html) = page(&app, "/processes", &cookie).await;
    assert!(html.contains("this process writes no figures (ops.sample_ms is 0)"), "{html}");
    assert!(samples(&app).await.is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looking_reads_nothing_and_many_read_as_much_as_one() {
    let app = installation(Stores::Postgres).await.start().await;
    let cookie = log_in(&app, &operator(&app, "anna", Role::Viewer).await).await;
    let reads = async || {
        // Statistics are a moment late.
        sleep(Duration::from_millis(1500)).await;
        let idx = "SELECT (coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname = 'samples'";
        app.place.number(idx).await
    };
    // What writes looks whether its interval has a row already, which reads none of those before. A connection may tell
    // what it read only when it has been idle for ten seconds.
    let nobody_reads = async || {
        let quiet = async || {
            let before = reads().await;
            sleep(Duration::from_secs(4)).await;
            reads().await - before <= 10
        };
        eventually("nothing is read", quiet).await;
    };
    nobody_reads().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let stream = ask(&app, Method::GET, "/live/overview").header("Cookie", &cookie).send();
        let mut stream = stream.await.unwrap();
        let first = stream.chunk().await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&first).starts_with("event: tiles\ndata: "), "{first:?}");
        streams.push(stream);
    }
    let (before, watched) = (reads().await, reads().await);
    assert!(watched > before, "{before} {watched}");
    // At most a round each half second, of the few rows of a minute; not for each of the twenty.
    assert!(watched - before < 20 * 30, "{before} {watched}");
    drop(streams);
    nobody_reads().await;
    app.finish().await;
}
