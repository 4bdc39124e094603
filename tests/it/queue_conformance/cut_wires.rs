//! RabbitMQ: a connection that is cut in the middle of anything is replaced, and the work goes on.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::join;
use wsa::domain::task::TaskKey;
use wsa::queue::{Gather, Lane};

use crate::support::proxy::Proxy;
use crate::support::queues::{Prefix, TestQueue, at_most, message};
use crate::support::reference::V1;
use crate::support::{eventually, soon};

const ROUNDS: u64 = 24;

/// The moments of a round: from at once to well after.
fn moment(round: u64) -> Duration {
    Duration::from_micros(round * round * 20)
}

async fn through(proxy: &Proxy) -> TestQueue {
    TestQueue::on(Prefix::fresh(), |settings| settings.url = proxy.url().into()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_on_a_wire_that_is_cut_does_not_hold_up_its_lane() {
    let proxy = Proxy::start().await;
    let queue = through(&proxy).await;
    let mut lane = queue.queue.lane(at_most(5));
    for round in 0..ROUNDS {
        eventually("connected", async || queue.queue.is_connected()).await;
        let key = TaskKey { object: V1, guid: wsa::domain::task::TaskGuid::new() };
        eventually("published", async || queue.queue.publish(vec![message(key)]).await.is_ok())
            .await;
        loop {
            let batch = soon("a delivery", lane.next()).await;
            let there = batch.iter().any(|delivery| delivery.key == key);
            if there {
                join!(proxy.cut(moment(round)), soon("the acknowledgement", lane.ack(batch)));
                break;
            }
            // From an earlier round, whose acknowledgement was lost.
            soon("the acknowledgement", lane.ack(batch)).await;
        }
    }
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_over_a_wire_that_is_cut_arrives_or_fails() {
    let proxy = Proxy::start().await;
    let queue = through(&proxy).await;
    let mut taken: HashSet<TaskKey> = HashSet::new();
    let mut confirmed = HashSet::new();
    for round in 0..ROUNDS {
        eventually("connected", async || queue.queue.is_connected()).await;
        let keys: Vec<TaskKey> = (0..20)
            .map(|_| TaskKey { object: V1, guid: wsa::domain::task::TaskGuid::new() })
            .collect();
        let messages = keys.iter().copied().map(message).collect();
        let publishing = soon("the publish has ended", queue.queue.publish(messages));
        let ((), published) = join!(proxy.cut(moment(round)), publishing);
        if published.is_ok() {
            confirmed.extend(keys);
        }
    }
    let mut lane = queue.queue.lane(at_most(100));
    while !confirmed.is_subset(&taken) {
        let batch = soon("everything that was confirmed", lane.next()).await;
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert!(!confirmed.is_empty(), "some were confirmed");
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lane_works_again_after_a_cut_although_much_is_waiting() {
    let proxy = Proxy::start().await;
    let queue = through(&proxy).await;
    let keys: Vec<TaskKey> = (0..3_000)
        .map(|_| TaskKey { object: V1, guid: wsa::domain::task::TaskGuid::new() })
        .collect();
    join_all(keys.iter().map(|key| queue.queue.publish(vec![message(*key)]))).await;
    let gather = || Gather { most: 256, linger: Duration::from_millis(2) };
    let (mut one, mut two) = (queue.queue.lane(gather()), queue.queue.lane(gather()));
    for round in 0..8 {
        // As the worker does, which looks about twice a second while it waits.
        let working = async |lane: &mut Lane| loop {
            let beat = tokio::time::timeout(Duration::from_millis(50), lane.next());
            if let Ok(batch) = beat.await {
                break batch;
            }
        };
        let (first, second) = join!(
            soon("one lane works", working(&mut one)),
            soon("so does the other", working(&mut two))
        );
        assert!(!first.is_empty() && !second.is_empty());
        join!(
            proxy.cut(moment(round * 3)),
            soon("an acknowledgement", one.ack(first)),
            soon("the other", two.ack(second))
        );
        eventually("it is connected", async || queue.queue.is_connected()).await;
        // What was acknowledged must not run out.
        join_all(keys[..512].iter().map(|key| queue.queue.publish(vec![message(*key)]))).await;
    }
    queue.close().await;
}
