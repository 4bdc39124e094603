//! Publishing, gathering, announcing.

use std::collections::HashSet;
use std::time::Duration;

use wsa::domain::outbox::{Announcement, SubscriptionId};
use wsa::domain::task::{TaskGuid, TaskKey};
use wsa::domain::trace::TraceParent;
use wsa::queue::{Gather, Lane};

use crate::support::queues::{TestQueue, at_most};
use crate::support::reference::{V1, V2};
use crate::support::{eventually, soon};

on_each_queue![
    what_is_published_arrives,
    a_batch_is_at_most_as_large_as_asked_for,
    each_task_goes_to_one_lane,
    a_lane_that_is_interrupted_while_it_gathers_loses_nothing,
    a_lane_that_is_interrupted_while_it_subscribes_loses_nothing,
    what_waits_is_counted,
    what_is_announced_is_heard,
    a_message_in_hand_can_be_read,
];

/// Takes batches and acknowledges them until there are so many tasks.
async fn take(lane: &mut Lane, count: usize) -> Vec<TaskKey> {
    let mut keys = Vec::new();
    while keys.len() < count {
        let batch = soon("a batch", lane.next()).await;
        keys.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    keys
}

async fn what_is_published_arrives(queue: &TestQueue) {
    let mut lane = queue.queue.lane(at_most(100));
    let mut published = queue.publish(V1, 1).await;
    published.extend(queue.publish_together(V2, 250).await);
    let taken = take(&mut lane, published.len()).await;
    assert_eq!(taken, published, "in this order, as there is one lane");
    queue.queue.publish(Vec::new()).await.unwrap();
    eventually("nothing is left", async || queue.queue.depth().await.unwrap() == 0).await;
}

async fn a_batch_is_at_most_as_large_as_asked_for(queue: &TestQueue) {
    queue.publish(V1, 25).await;
    let gather = Gather { most: 10, linger: Duration::from_millis(500) };
    let mut lane = queue.queue.lane(gather);
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 25 {
        let batch = soon("a batch", lane.next()).await;
        sizes.push(batch.len());
        lane.ack(batch).await;
    }
    assert_eq!(sizes, [10, 10, 5]);
}

async fn each_task_goes_to_one_lane(queue: &TestQueue) {
    let (mut one, mut two) = (queue.queue.lane(at_most(5)), queue.queue.lane(at_most(5)));
    let published: HashSet<TaskKey> = queue.publish(V1, 60).await.into_iter().collect();
    let mut taken = Vec::new();
    while taken.len() < published.len() {
        let (lane, batch) = tokio::select! {
            batch = one.next() => (&mut one, batch),
            batch = two.next() => (&mut two, batch),
            () = tokio::time::sleep(crate::support::BOUND) => panic!("only {} came", taken.len()),
        };
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert_eq!(taken.len(), published.len());
    assert_eq!(taken.into_iter().collect::<HashSet<_>>(), published);
}

async fn a_lane_that_is_interrupted_while_it_gathers_loses_nothing(queue: &TestQueue) {
    let gather = Gather { most: 10, linger: Duration::from_millis(500) };
    let mut lane = queue.queue.lane(gather);
    let published = queue.publish(V1, 3).await;
    let mut interruptions = 0;
    // The worker does this twice a second to show that it is alive. A lane that began to wait anew each
    // time would never be done.
    let batch = soon("a batch", async {
        loop {
            match tokio::time::timeout(Duration::from_millis(100), lane.next()).await {
                Ok(batch) => break batch,
                Err(_) => interruptions += 1,
            }
        }
    })
    .await;
    assert!(interruptions > 1, "it was not interrupted");
    let keys: Vec<_> = batch.iter().map(|delivery| delivery.key).collect();
    assert_eq!(keys, published);
    lane.ack(batch).await;
}

async fn a_lane_that_is_interrupted_while_it_subscribes_loses_nothing(queue: &TestQueue) {
    let published = queue.publish(V1, 60).await;
    let mut lane = queue.queue.lane(at_most(20));
    let mut taken = Vec::new();
    eventually("all of them came", async || {
        let next = tokio::time::timeout(Duration::from_millis(1), lane.next());
        if let Ok(batch) = next.await {
            taken.extend(batch.iter().map(|delivery| delivery.key));
            lane.ack(batch).await;
        }
        taken.len() == published.len()
    })
    .await;
    assert_eq!(taken, published);
}

async fn what_waits_is_counted(queue: &TestQueue) {
    queue.publish(V1, 7).await;
    eventually("seven wait", async || queue.queue.depth().await.unwrap() == 7).await;
    let mut lane = queue.queue.lane(at_most(100));
    let batch = soon("a batch", lane.next()).await;
    eventually("what is in hand does not wait", async || queue.queue.depth().await.unwrap() == 0)
        .await;
    lane.ack(batch).await;
}

async fn what_is_announced_is_heard(queue: &TestQueue) {
    let (mut here, mut there) = (queue.queue.announcements(), queue.queue.announcements());
    let key = |_| TaskKey { object: V1, guid: TaskGuid::new() };
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let context = TraceParent::read(parent).unwrap().context;
    let announcement = Announcement {
        answered: (0..300).map(key).collect(),
        mail: (1..40).map(SubscriptionId).collect(),
        traces: vec![(0, context), (299, context)],
    };
    queue.queue.announce(announcement.clone()).await;
    for heard in [&mut here, &mut there] {
        assert_eq!(*soon("the announcement", heard.recv()).await.unwrap(), announcement);
    }
    queue.queue.announce(Announcement::default()).await;
    let more = Announcement { mail: vec![SubscriptionId(7)], ..Announcement::default() };
    queue.queue.announce(more.clone()).await;
    assert_eq!(*soon("the next", here.recv()).await.unwrap(), more, "no news is no announcement");
}

async fn a_message_in_hand_can_be_read(queue: &TestQueue) {
    let mut lane = queue.queue.lane(at_most(1));
    queue.publish(V1, 1).await;
    let batch = soon("a batch", lane.next()).await;
    let kept = queue.prefix.as_ref().map(|_| b"{}".to_vec());
    assert_eq!(lane.message(&batch[0]), kept, "in process there is none");
    lane.ack(batch).await;
}
