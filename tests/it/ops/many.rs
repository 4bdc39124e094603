//! Many tasks: a page never leaves one out or has one twice, and each search is quick.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::support::app::TestApp;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};

/// `count` refused tasks; `moment` says when number `i` was accepted.
fn tasks(count: u64, moment: &str) -> String {
    format!(
        "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at,
                            deadline, publish_at, outcome, answer, answered_at)
         SELECT CASE WHEN i % 2 = 0 THEN {V2} ELSE 1 + i % 1000 END, md5('many' || i)::uuid,
                (SELECT min(aggregator_id) FROM aggregators),
                CASE WHEN i % 1000 = 0 THEN 'CancelOrder' ELSE 'PayOrder' END,
                '{{\"originalOrderId\": \"A-' || i || '\"}}', sha256(i::text::bytea), at,
                at + interval '1 min', at, CASE WHEN i % 50 = 0 THEN 'refused' ELSE 'done' END, '{{}}', at
         FROM (SELECT i, {moment} AS at FROM generate_series(1, {count}) AS i) AS t"
    )
}

async fn pages(ops: &Ops, filter: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ops.get(&format!("/ops/v1/tasks?{filter}&limit=5{cursor}")).await.ok();
        let guid = |task: &Value| task["taskGuid"].as_str().unwrap().to_owned();
        seen.extend(page["items"].as_array().unwrap().iter().map(guid));
        let Some(next) = page["next"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_leaves_none_out_and_has_none_twice() {
    let app = on(Stores::Postgres).await;
    let ops = Ops::with(&app, Role::Viewer).await;
    // 6,000 of one moment, which is more than a window, and others around them.
    let moment = "now() - CASE WHEN i BETWEEN 3000 AND 8999 THEN 3000 ELSE i END * interval '1 ms'";
    app.place.execute(&tasks(12_000, moment)).await.unwrap();
    for (filter, expected) in [
        ("type=CancelOrder", 12),
        ("type=CancelOrder&state=refused", 12),
        ("state=refused", 240),
        (&format!("object={V2}&type=CancelOrder"), 12),
    ] {
        let seen = pages(&ops, filter).await;
        let unique: HashSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (expected, expected), "{filter}");
    }
    app.place.execute("DELETE FROM tasks").await.unwrap();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_open_tasks_goes_on_to_its_end_by_their_deadlines() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let app = app.set("ops.listen", "127.0.0.1:0").role(wsa::boot::Role::Api).start().await;
    let ops = Ops::with(&app, Role::Viewer).await;
    // More than any window, 6,000 of them with one deadline.
    let late = "CASE WHEN i BETWEEN 3000 AND 8999 THEN 3000 ELSE i END * interval '1 ms'";
    app.place
        .execute(&format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at,
                                deadline, publish_at)
             SELECT 1 + i % 3, md5('open' || i)::uuid, (SELECT min(aggregator_id) FROM aggregators),
                    CASE WHEN i % 4000 = 0 THEN 'CancelOrder' ELSE 'PayOrder' END, '{{}}', sha256('x'),
                    now() - i * interval '1 ms', now() + interval '1 hour' + {late}, now() + interval '1 hour'
             FROM generate_series(1, 21000) AS i"
        ))
        .await
        .unwrap();
    for (filter, limit, expected) in
        [("state=open", 500, 21_000), ("state=open&type=CancelOrder", 5, 5)]
    {
        let (mut seen, mut cursor, mut last) = (HashSet::new(), String::new(), String::new());
        loop {
            let path = format!("/ops/v1/tasks?{filter}&limit={limit}{cursor}");
            let page = ops.get(&path).await.ok();
            for task in page["items"].as_array().unwrap() {
                let deadline = task["deadline"].as_str().unwrap().to_owned();
                assert!(
                    deadline.parse::<jiff::Timestamp>().unwrap()
                        >= last.parse().unwrap_or_default()
                );
                last = deadline;
                assert!(seen.insert(task["taskGuid"].to_string()), "{task} twice");
            }
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), expected, "{filter}");
    }
    app.place.execute("DELETE FROM tasks").await.unwrap();
    app.stop().await;
}

/// What is filled without its indexes, which are made again when all is in: with them, ten million random places in each
/// are written one by one.
async fn filled(app: &TestApp, rows: u64) {
    let kept = "CREATE TEMP TABLE kept AS SELECT indexname, indexdef FROM pg_indexes
                WHERE tablename IN ('tasks', 'orders', 'payments') AND indexname NOT LIKE '%_pkey'";
    let each = |act: &str| {
        format!(
            "DO $$ DECLARE k record; BEGIN FOR k IN SELECT * FROM kept LOOP EXECUTE {act}; END LOOP; END $$"
        )
    };
    let at = "now() - i * interval '250 ms'";
    // Guids as this program makes them: by time.
    let guid = |salt: &str| {
        format!(
            "(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
              || substr(md5('{salt}' || i), 1, 3) || 'b' || substr(md5('{salt}' || i), 5, 15))::uuid"
        )
    };
    let (task, order) = (guid("t"), guid("o"));
    let object = format!("CASE WHEN i % 2 = 0 THEN {V2} ELSE 1 + i % 1000 END");
    let amount = "(100 + i % 90000)::numeric / 10";
    let all = format!("FROM (SELECT i, {at} AS at FROM generate_series(1, {rows}) AS i) AS t");
    let refused = r#"{"error":{"wsError":{"code":"WsaPaymentNotEqualDue","desc":"it is another amount"},"agentError":null}}"#;
    let statements = [
        kept.to_owned(),
        each("'DROP INDEX ' || k.indexname"),
        format!(
            "INSERT INTO orders (object_id, order_guid, original_order_id, status, total, paid, created_at, content, version)
             SELECT {object}, {order}, 'A-' || i, CASE WHEN i % 50 = 0 THEN 'Created' ELSE 'Complited' END, {amount},
                    CASE WHEN i % 50 = 0 THEN 0 ELSE {amount} END, at, '{{}}', 1 {all}"
        ),
        format!(
            "INSERT INTO payments (object_id, task_guid, line, order_guid, currency_guid, amount, written_off, taken_at)
             SELECT {object}, {task}, 1, {order}, '{CASH}', {amount}, 0, at {all} WHERE i % 50 <> 0 AND i % 10 <> 7"
        ),
        format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at,
                                deadline, publish_at, outcome, answer, answered_at)
             SELECT {object}, {task}, (SELECT min(aggregator_id) FROM aggregators) + i % 2,
                    CASE WHEN i % 1000 = 0 THEN 'CancelOrder' ELSE 'PayOrder' END,
                    '{{\"originalOrderId\": \"A-' || i || '\", \"payments\": [{{\"amount\": ' || {amount} || '}}]}}',
                    sha256(i::text::bytea), at, at + interval '100 days', now() + interval '90 days',
                    CASE WHEN i % 10 = 7 THEN NULL WHEN i % 50 = 0 THEN 'refused' ELSE 'done' END,
                    CASE WHEN i % 10 = 7 THEN NULL WHEN i % 50 = 0 THEN '{refused}' ELSE '{{}}' END,
                    CASE WHEN i % 10 = 7 THEN NULL ELSE at END {all}"
        ),
        each("k.indexdef"),
        "ANALYZE".to_owned(),
    ];
    let Place::Postgres(database) = &*app.place else { panic!("it is another store") };
    database.connect().await.batch_execute(&statements.join(";\n")).await.unwrap();
}

/// `WSA_OPS_ROWS` says how many tasks, orders and payments there are, a tenth of the tasks open; prints how long each list
/// and each search takes, the second time.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "fills tables with millions of rows"]
async fn searches_are_quick_on_many_tasks() {
    let rows = std::env::var("WSA_OPS_ROWS").map_or(10_000_000, |rows| rows.parse().unwrap());
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let app = app.set("ops.listen", "127.0.0.1:0").role(wsa::boot::Role::Api).start().await;
    let ops = Ops::with(&app, Role::Viewer).await;
    let began = Instant::now();
    filled(&app, rows).await;
    println!("{rows} tasks, orders and payments after {:.0?}", began.elapsed());
    let first = ops.get("/ops/v1/tasks?limit=1").await.ok();
    let guid = first["items"][0]["taskGuid"].as_str().unwrap().to_owned();
    let order = ops.get("/ops/v1/orders?limit=1").await.ok()["items"][0]["id"].clone();
    let order = order.as_str().unwrap();
    for path in [
        "tasks".to_owned(),
        format!("tasks?object={V2}"),
        "tasks?object=17".to_owned(),
        "tasks?state=refused".to_owned(),
        "tasks?state=open".to_owned(),
        "tasks?state=open&type=CancelOrder".to_owned(),
        "tasks?state=done&type=CancelOrder".to_owned(),
        "tasks?caller=main&type=CancelOrder".to_owned(),
        "tasks?code=OrderNotFound".to_owned(),
        "tasks?amount=449.30".to_owned(),
        format!("tasks?amountFrom=449&amountTo=450&object={V2}"),
        "tasks?to=2026-01-01T00:00:00Z".to_owned(),
        format!("tasks?taskGuid={guid}"),
        "tasks?idempotencyKey=order-17".to_owned(),
        "tasks?correlationId=17".to_owned(),
        format!("tasks/{guid}"),
        "tasks?originalOrderId=A-17".to_owned(),
        format!("tasks?orderGuid={order}"),
        "tasks?originalOrderId=nobodys".to_owned(),
        "orders".to_owned(),
        format!("orders?object={V2}"),
        "orders?originalOrderId=A-17".to_owned(),
        "orders?amount=449.30".to_owned(),
        format!("orders/{order}"),
        format!("payments?object={V2}"),
        format!("payments?object={V2}&amount=449.30"),
        format!("payments?task={guid}"),
    ] {
        let mut took = Duration::ZERO;
        for _ in 0..2 {
            let began = Instant::now();
            ops.get(&format!("/ops/v1/{path}")).await.ok();
            took = began.elapsed();
        }
        println!("{:>8.1} ms  {path}", took.as_secs_f64() * 1000.0);
    }
    app.place.execute("TRUNCATE tasks, orders, payments").await.unwrap();
    app.stop().await;
}
