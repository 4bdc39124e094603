//! Many open tasks are counted by one process, and known to all.

use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::V1;

const MANY: i64 = 10_050;

#[tokio::test(flavor = "multi_thread")]
async fn one_process_counts_for_the_others() {
    let place = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let first = place.role(Role::Api).start().await;
    let second = first.beside(Role::Api).start().await;
    let open = || [&first, &second].map(|process| process.app().metrics.open.get());
    let insert = format!(
        "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, digest, registered_at,
                            deadline, publish_at)
         SELECT {V1}, md5('counted' || i)::uuid, (SELECT min(aggregator_id) FROM aggregators), 'GetOrder', '{{}}',
                sha256(i::text::bytea), now(), now() + interval '1 hour', now() + interval '1 hour'
         FROM generate_series(1, {MANY}) AS i"
    );
    first.place.execute(&insert).await.unwrap();
    eventually("both know of them", async || open() == [MANY, MANY]).await;
    eventually("the count is kept", async || {
        first.place.number("SELECT count(*) FROM backlog_counts WHERE report LIKE '%10050%'").await
            == 1
    })
    .await;

    // As long as it is good, nobody counts: both believe what is kept.
    let keep = "UPDATE backlog_counts SET counted_at = now(), next_at = now() + interval '1 hour',
                       report = '{\"oldest_ms\": 0, \"objects\": {\"1\": [77777, 5]}}'";
    first.place.execute(keep).await.unwrap();
    eventually("both believe it", async || open() == [77_777, 77_777]).await;
    first.place.execute("UPDATE backlog_counts SET next_at = now()").await.unwrap();
    eventually("one counts again", async || open() == [MANY, MANY]).await;

    // A count of an hour ago says nothing of now.
    first.place.execute("DELETE FROM tasks").await.unwrap();
    eventually("both see that they are gone", async || open() == [0, 0]).await;
    second.stop().await;
    first.finish().await;
}
