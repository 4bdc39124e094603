//! What waited while an object was paused goes on at once, whoever resumes it, and keeps nobody else waiting.

use std::time::{Duration, Instant};

use serde_json::json;
use wsa::boot::Role as Part;
use wsa::engine::store::journal::Act;
use wsa::ops::access::Role;

use super::{Ops, setup};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1, V2};

/// A round of the sweeper, and what a busy machine takes for it; without what is tested it takes a hundred seconds.
const SOON: Duration = Duration::from_secs(15);

/// An application whose sweeper publishes nothing again during a test, but for what was held.
async fn app(store: Stores, queue: Queues, part: Option<Part>) -> TestApp {
    let app = TestApp::on(store, queue).await.set("ops.listen", "127.0.0.1:0");
    let app = app.set("tasks.republish_after_s", 100);
    let app = app.set("tasks.republish_at_least_every_s", 100);
    match part {
        Some(part) => app.role(part).start().await,
        None => app.start().await,
    }
}

async fn held(app: &TestApp) -> i64 {
    app.place.number("SELECT count(*) FROM tasks WHERE held AND outcome IS NULL").await
}

/// `worker`: carries tasks out, where the application itself does not.
async fn what_waited_goes_on(app: TestApp, worker: Option<TestApp>, by_another: bool) {
    let ops = Ops::with(&app, Role::Operator).await;
    let path = |what: &str| format!("/ops/v1/objects/{V1}/{what}");
    ops.post(&path("pause"), json!({"reason": "a test"})).await.ok();
    let mut tasks = Vec::new();
    for order in app.orders(V1, "10.00", 20).await {
        tasks.push(app.pay(V1, order, "10.00").await);
    }
    // Its time comes while its object is paused.
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(300);
    let order = app.order(V1, "10.00").await;
    tasks.push(app.submit(&Ask::pay(V1, order, &[("10.00", CASH)]).not_before(at)).await);
    eventually("a worker has received each", async || held(&app).await == 21).await;
    let backlog = app.store().backlog().await.unwrap();
    assert_eq!((backlog.open, backlog.unpublished, backlog.oldest_ms), (21, 0, 0));

    let resumed = Instant::now();
    match by_another {
        // A process that has no queue, like a command with the database's password.
        true => assert!(app.place.open().resume(V1, &setup(), Act::default()).await.unwrap()),
        false => drop(ops.post(&path("resume"), json!({"reason": "a test"})).await.ok()),
    }
    for task in tasks {
        assert_eq!(code(&app.answer(task).await), "done");
    }
    let took = resumed.elapsed();
    println!("all answered {took:?} after the resume");
    assert!(took < SOON, "{took:?}");
    assert_eq!(held(&app).await, 0);
    if let Some(worker) = worker {
        worker.stop().await;
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_goes_on_in_one_process_on_sqlite() {
    what_waited_goes_on(app(Stores::Sqlite, Queues::InProcess, None).await, None, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_goes_on_when_another_resumes_on_sqlite() {
    what_waited_goes_on(app(Stores::Sqlite, Queues::InProcess, None).await, None, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_goes_on_over_rabbitmq_on_postgres() {
    let api = app(Stores::Postgres, Queues::Amqp, Some(Part::Api)).await;
    let worker = api.beside(Part::Worker).start().await;
    what_waited_goes_on(api, Some(worker), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_goes_on_over_rabbitmq_when_another_resumes_on_postgres() {
    let api = app(Stores::Postgres, Queues::Amqp, Some(Part::Api)).await;
    let worker = api.beside(Part::Worker).start().await;
    what_waited_goes_on(api, Some(worker), true).await;
}

/// Thousands of tasks of one object go on: those of others overtake them.
async fn many_that_go_on_keep_nobody_waiting(store: Stores, queue: Queues) {
    const MANY: usize = 20_000;
    let app = app(store, queue, None).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let path = |what: &str| format!("/ops/v1/objects/{V1}/{what}");
    ops.post(&path("pause"), json!({"reason": "a test"})).await.ok();
    let order = app.order(V1, "10.00").await;
    let first = app.submit(&Ask::get_order(V1, order).within(600)).await;
    eventually("a worker has received it", async || held(&app).await == 1).await;
    // As many more as it, held by workers as it is.
    let guid = app.place.guid(first.0);
    let another = match store {
        Stores::Sqlite => "unhex(printf('%032x', i))",
        Stores::Postgres => "lpad(to_hex(i), 32, '0')::uuid",
    };
    let copies = format!(
        "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at, deadline,
                            publish_at, held)
         SELECT t.object_id, {another}, t.aggregator_id, t.task_type, t.request, t.digest, t.registered_at,
                t.deadline, t.publish_at, t.held
         FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n) n,
              tasks t WHERE t.task_guid = {guid}"
    );
    app.place.execute(&copies).await.unwrap();
    ops.post(&path("resume"), json!({"reason": "a test"})).await.ok();
    let published = "SELECT count(*) FROM tasks WHERE NOT held";
    eventually("they go on", async || app.place.number(published).await > 500).await;
    let mut longest = Duration::ZERO;
    for order in app.orders(V2, "10.00", 4).await {
        let asked = Instant::now();
        assert_eq!(code(&app.ask(&Ask::pay(V2, order, &[("10.00", CASH)])).await), "done");
        longest = longest.max(asked.elapsed());
    }
    let left = app.store().backlog().await.unwrap().objects.get(&V1).copied().unwrap_or(0);
    println!("{left} of {MANY} are left, and nobody waited longer than {longest:?}");
    assert!(left > 0 && longest < SOON, "{left} {longest:?}");
    assert_eq!(code(&app.answer(first).await), "done");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_go_on_keep_nobody_waiting_in_process_on_sqlite() {
    many_that_go_on_keep_nobody_waiting(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_go_on_keep_nobody_waiting_over_rabbitmq_on_postgres() {
    many_that_go_on_keep_nobody_waiting(Stores::Postgres, Queues::Amqp).await;
}
