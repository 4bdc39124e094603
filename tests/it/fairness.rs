//! A restaurant with very many tasks at once lets the tasks of others go first.

use futures_util::stream::{self, StreamExt};
use wsa::boot::Role;
use wsa::domain::task::{ObjectId, OrderGuid};

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{V1, V2};

const FLOOD: usize = 1500;
const FEW: usize = 5;

/// Accepts tasks before there is a worker, the few last, and lets one lane settle them all: how many
/// tasks of the flood were answered later than the last of the few.
async fn answered_after_the_few(fair_share: u64) -> i64 {
    let place = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let api = place.role(Role::Api).set("limits.fair_share", fair_share).start().await;
    let submit = async |object: ObjectId, count: usize| {
        let ask = || Ask::get_order(object, OrderGuid::new());
        let submitted = stream::iter((0..count).map(|_| ask()))
            .map(async |ask| api.submit(&ask).await)
            .buffer_unordered(100);
        assert_eq!(submitted.count().await, count);
    };
    submit(V1, FLOOD).await;
    submit(V2, FEW).await;
    let worker = api.beside(Role::Worker).set("worker.batch", 50).set("worker.lanes", 1);
    let worker = worker.start().await;
    let place = std::sync::Arc::clone(&api.place);
    let books = api.finish().await;
    assert_eq!(books.tasks.len(), FLOOD + FEW, "nothing is lost");
    worker.stop().await;
    place
        .number(&format!(
            "SELECT count(*) FROM tasks WHERE object_id = {V1} AND answered_at >
                 (SELECT max(answered_at) FROM tasks WHERE object_id = {V2})"
        ))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_others_overtake_a_flood() {
    let later = answered_after_the_few(50).await;
    assert!(later > 1000, "only {later} tasks of the flood were answered later");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_fairness_tasks_are_taken_as_they_came() {
    let later = answered_after_the_few(0).await;
    assert!(later < 100, "{later} tasks of the flood were answered later");
}
