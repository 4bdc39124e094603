//! What waited while an object was paused goes on at once, whoever resumes it, and keeps nobody else waiting.

use std::time::{Duration, Instant};

use serde_json::json;
use wsa::boot::Role as Part;
use wsa::database::{Statement, Type, row};
use wsa::domain::task::TaskGuid;
use wsa::engine::store::journal::Act;
use wsa::ops::access::Role;

use super::{Ops, setup};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1, V2};

/// A round of the sweeper, and what a busy machine takes for it; without what is tested it takes a hundred seconds.
const SOON: Duration = Duration::from_secs(15);

/// The trigger enters each.
static RESUME_MANY: Statement = Statement::write(
    &[("most", Type::Int)],
    "DELETE FROM paused_objects WHERE object_id <= (SELECT most FROM batch)",
);

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

/// Has as many more tasks as that one, held by workers as it is: `object` says of which object the one of number `i` is.
async fn copy(app: &TestApp, task: TaskGuid, count: usize, object: &str) {
    let guid = app.place.guid(task.0);
    let another = match *app.place {
        Place::Sqlite(_) => "unhex(printf('%032x', i))",
        Place::Postgres(_) => "lpad(to_hex(i), 32, '0')::uuid",
    };
    let copies = format!(
        "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at, deadline,
                            publish_at, held)
         SELECT {object}, {another}, t.aggregator_id, t.task_type, t.request, t.digest, t.registered_at,
                t.deadline, t.publish_at, t.held
         FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n) n,
              tasks t WHERE t.task_guid = {guid}"
    );
    app.place.execute(&copies).await.unwrap();
}

/// A task that a worker has received of a restaurant that is paused.
async fn one_held(app: &TestApp, ops: &Ops) -> TaskGuid {
    ops.post(&format!("/ops/v1/objects/{V1}/pause"), json!({"reason": "a test"})).await.ok();
    let order = app.order(V1, "10.00").await;
    let task = app.submit(&Ask::get_order(V1, order).within(600)).await;
    eventually("a worker has received it", async || held(app).await == 1).await;
    task
}

async fn entries(app: &TestApp) -> i64 {
    app.place.number("SELECT count(*) FROM resumed_objects").await
}

/// More objects than are looked at in a statement are resumed at once.
async fn each_of_many_objects_goes_on(store: Stores, queue: Queues) {
    const MANY: usize = 300;
    let app = app(store, queue, None).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let first = one_held(&app, &ops).await;
    let at = app.place.moment(0);
    let pause = format!(
        "INSERT INTO paused_objects (object_id, paused_at, paused_by, reason)
         SELECT i, {at}, 'anna', 'a test'
         FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n) n"
    );
    app.place.execute(&pause).await.unwrap();
    copy(&app, first, MANY, "i").await;
    app.place.db().run(&RESUME_MANY, vec![row![MANY as i64]]).await.unwrap();
    eventually("all go on", async || held(&app).await == 1).await;
    let late = "SELECT count(*) FROM tasks WHERE outcome = 'timeout'";
    assert_eq!(app.place.number(late).await, 0);
    eventually("nothing is entered any more", async || entries(&app).await == 0).await;
    ops.post(&format!("/ops/v1/objects/{V1}/resume"), json!({"reason": "a test"})).await.ok();
    assert_eq!(code(&app.answer(first).await), "done");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_objects_goes_on_in_process_on_sqlite() {
    each_of_many_objects_goes_on(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_objects_goes_on_over_rabbitmq_on_postgres() {
    each_of_many_objects_goes_on(Stores::Postgres, Queues::Amqp).await;
}

/// All processes were down for an hour after a resume, and there is more than a round takes.
async fn what_nobody_looked_at_for_long_goes_on(store: Stores, queue: Queues) {
    const MANY: usize = 500;
    let before = app(store, queue, None).await;
    let ops = Ops::with(&before, Role::Operator).await;
    let first = one_held(&before, &ops).await;
    copy(&before, first, MANY, "t.object_id").await;
    let after = before.beside(Part::Up).set("sweeper.batch", 10);
    before.stop().await;
    let place = after.place();
    assert!(place.open().resume(V1, &setup(), Act::default()).await.unwrap());
    let old = format!("UPDATE resumed_objects SET resumed_at = {}", place.moment(-3_600_000));
    assert_eq!(place.execute(&old).await.unwrap(), 1);

    let after = after.start().await;
    eventually("all go on", async || held(&after).await == 0).await;
    eventually("nothing is entered any more", async || entries(&after).await == 0).await;
    assert_eq!(code(&after.answer(first).await), "done");
    after.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looked_at_for_long_goes_on_in_process_on_sqlite() {
    what_nobody_looked_at_for_long_goes_on(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looked_at_for_long_goes_on_over_rabbitmq_on_postgres() {
    what_nobody_looked_at_for_long_goes_on(Stores::Postgres, Queues::Amqp).await;
}

/// Thousands of tasks of one object go on: those of others overtake them.
async fn many_that_go_on_keep_nobody_waiting(store: Stores, queue: Queues) {
    const MANY: usize = 20_000;
    let app = app(store, queue, None).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let path = |what: &str| format!("/ops/v1/objects/{V1}/{what}");
    let first = one_held(&app, &ops).await;
    copy(&app, first, MANY, "t.object_id").await;
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
