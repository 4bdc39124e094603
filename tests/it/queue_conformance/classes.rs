//! Ordinary tasks go first, and bulk ones are not forgotten.

use std::collections::HashSet;

use wsa::domain::task::{ObjectId, TaskGuid, TaskKey};
use wsa::queue::{Class, Message};

use crate::support::queues::{TestQueue, at_most, message};
use crate::support::reference::{V1, V2};
use crate::support::{eventually, soon};

on_each_queue![
    ordinary_tasks_overtake_thousands_of_bulk_ones,
    bulk_tasks_are_not_kept_waiting_by_ordinary_ones,
    what_waits_in_either_class_is_counted,
];

/// Publishes tasks of an object together.
async fn publish(queue: &TestQueue, object: ObjectId, class: Class, count: usize) -> Vec<TaskKey> {
    let keys: Vec<TaskKey> =
        (0..count).map(|_| TaskKey { object, guid: TaskGuid::new() }).collect();
    let messages = keys.iter().map(|key| Message { class, ..message(*key) }).collect();
    queue.queue.publish(messages).await.unwrap();
    keys
}

/// The order in which one lane gets so many tasks.
async fn taken(queue: &TestQueue, most: usize, count: usize) -> Vec<TaskKey> {
    let mut lane = queue.queue.lane(at_most(most));
    let mut taken = Vec::new();
    while taken.len() < count {
        let batch = soon("a batch", lane.next()).await;
        if taken.is_empty() {
            // As if the first one took long to settle: meanwhile the broker sends of both classes.
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    taken
}

async fn ordinary_tasks_overtake_thousands_of_bulk_ones(queue: &TestQueue) {
    let mut published = Vec::new();
    for _ in 0..10 {
        published.extend(publish(queue, V1, Class::Bulk, 500).await);
    }
    for _ in 0..5 {
        published.extend(publish(queue, V2, Class::Ordinary, 1).await);
    }
    let taken = taken(queue, 100, published.len()).await;
    let last = taken.iter().rposition(|key| key.object == V2).unwrap();
    assert!(last < 1000, "the last ordinary task came after {last} others");
    assert_eq!(taken.len(), published.len());
    let (taken, published) = (HashSet::<TaskKey>::from_iter(taken), HashSet::from_iter(published));
    assert_eq!(taken, published, "nothing is lost");
}

async fn bulk_tasks_are_not_kept_waiting_by_ordinary_ones(queue: &TestQueue) {
    publish(queue, V1, Class::Ordinary, 2000).await;
    publish(queue, V2, Class::Bulk, 200).await;
    let taken = taken(queue, 100, 2200).await;
    let position = |n: usize| taken.iter().enumerate().filter(|(_, key)| key.object == V2).nth(n);
    let (first, last) = (position(0).unwrap().0, position(199).unwrap().0);
    assert!(first < 500 && last < 1600, "{first}, {last}");
}

async fn what_waits_in_either_class_is_counted(queue: &TestQueue) {
    publish(queue, V1, Class::Ordinary, 1).await;
    publish(queue, V1, Class::Bulk, 1).await;
    eventually("both wait", async || queue.queue.depth().await.unwrap() == 2).await;
}
