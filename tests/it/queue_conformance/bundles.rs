//! RabbitMQ: tasks that are published together travel together.

use wsa::domain::task::TaskKey;
use wsa::queue::Lane;

use crate::support::queues::{Queues, TestQueue, at_most};
use crate::support::reference::V1;
use crate::support::soon;

/// The most tasks of a bundle.
const MOST: usize = 64;

async fn next_keys(lane: &mut Lane) -> Vec<TaskKey> {
    soon("a batch", lane.next()).await.iter().map(|delivery| delivery.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_takes_a_batch_only_a_little_further() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let published = queue.publish_together(V1, 3 * MOST + 5).await;
    let mut lane = queue.queue.lane(at_most(10));
    let mut taken = Vec::new();
    while taken.len() < published.len() {
        let batch = soon("a batch", lane.next()).await;
        assert!(batch.len() < 10 + MOST, "{}", batch.len());
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert_eq!(taken, published);
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_not_acknowledged_comes_again_whole() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let published = queue.publish_together(V1, 20).await;
    let mut lane = queue.queue.lane(at_most(20));
    for _ in 0..2 {
        assert_eq!(next_keys(&mut lane).await, published);
    }
    drop(lane);
    let mut other = queue.queue.lane(at_most(20));
    let batch = soon("a batch", other.next()).await;
    assert_eq!(batch.iter().map(|delivery| delivery.key).collect::<Vec<_>>(), published);
    other.ack(batch).await;
    let next = queue.publish(V1, 1).await;
    assert_eq!(next_keys(&mut other).await, next, "acknowledged, it does not come again");
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_says_of_its_tasks_only_which_they_are() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    queue.publish_together(V1, 3).await;
    let mut lane = queue.queue.lane(at_most(3));
    let batch = soon("a batch", lane.next()).await;
    assert!(batch.iter().all(|delivery| lane.message(delivery).is_none()));
    lane.ack(batch).await;
    queue.close().await;
}
