//! RabbitMQ: what is not acknowledged comes again.

use std::collections::HashSet;

use wsa::domain::outbox::Announcement;
use wsa::domain::task::TaskKey;
use wsa::queue::Lane;

use crate::support::queues::{Prefix, Queues, TestQueue, at_most};
use crate::support::reference::{V1, V2};
use crate::support::{eventually, soon};

async fn next_keys(lane: &mut Lane) -> HashSet<TaskKey> {
    soon("a batch", lane.next()).await.iter().map(|delivery| delivery.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dropped_lane_had_in_hand_comes_to_another() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let published: HashSet<TaskKey> = queue.publish(V1, 5).await.into_iter().collect();
    let mut lane = queue.queue.lane(at_most(5));
    assert_eq!(next_keys(&mut lane).await, published);
    drop(lane);
    let mut other = queue.queue.lane(at_most(5));
    assert_eq!(next_keys(&mut other).await, published);
    drop(other);
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_not_acknowledged_comes_again_to_the_same_lane() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let published: HashSet<TaskKey> = queue.publish(V1, 5).await.into_iter().collect();
    let mut lane = queue.queue.lane(at_most(5));
    for _ in 0..3 {
        assert_eq!(next_keys(&mut lane).await, published);
    }
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_closed_process_had_in_hand_comes_to_another_process() {
    let first = TestQueue::fresh(Queues::Amqp).await;
    let published: HashSet<TaskKey> = first.publish(V1, 5).await.into_iter().collect();
    let mut lane = first.queue.lane(at_most(5));
    assert_eq!(next_keys(&mut lane).await, published);
    first.close().await;
    let prefix = Prefix(first.prefix.as_ref().unwrap().0.clone());
    let second = TestQueue::on(prefix, |_| ()).await;
    let mut other = second.queue.lane(at_most(5));
    assert_eq!(next_keys(&mut other).await, published);
    second.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_never_comes_again() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    queue.publish(V1, 5).await;
    let mut lane = queue.queue.lane(at_most(2));
    for _ in 0..2 {
        let batch = soon("a batch", lane.next()).await;
        assert_eq!(batch.len(), 2);
        lane.ack(batch).await;
    }
    drop(lane);
    let mut other = queue.queue.lane(at_most(10));
    assert_eq!(next_keys(&mut other).await.len(), 1, "only the fifth");
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_spread_over_the_shards_and_every_lane_reads_all() {
    let queue = TestQueue::on(Prefix::fresh(), |settings| settings.shards = 3).await;
    let mut published = HashSet::new();
    for object in 1..=30 {
        published.extend(queue.publish(wsa::domain::task::ObjectId(object), 1).await);
    }
    published.extend(queue.publish(V2, 3).await);
    let mut lane = queue.queue.lane(at_most(10));
    let mut taken = HashSet::new();
    while taken.len() < published.len() {
        let batch = soon("a batch", lane.next()).await;
        assert!(batch.len() <= 10);
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert_eq!(taken, published);
    eventually("nothing is left", async || queue.queue.depth().await.unwrap() == 0).await;
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_hears_what_another_announces() {
    let first = TestQueue::fresh(Queues::Amqp).await;
    let prefix = Prefix(first.prefix.as_ref().unwrap().0.clone());
    let second = TestQueue::on(prefix, |_| ()).await;
    let mut heard = second.queue.announcements();
    let key = TaskKey { object: V1, guid: wsa::domain::task::TaskGuid::new() };
    let announcement = Announcement { answered: vec![key], ..Announcement::default() };
    first.queue.announce(announcement.clone()).await;
    assert_eq!(*soon("the announcement", heard.recv()).await.unwrap(), announcement);
    second.queue.close().await;
    assert!(!second.queue.is_connected());
    assert!(second.queue.publish(vec![]).await.is_ok());
    first.close().await;
}
