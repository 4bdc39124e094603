//! RabbitMQ: a queue that is closed while a flood comes in ends, and so does its runtime.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Runtime;
use wsa::domain::task::{TaskGuid, TaskKey};
use wsa::queue::Gather;

use crate::support::BOUND;
use crate::support::queues::{Prefix, TestQueue, message};
use crate::support::reference::V1;

const LANES: usize = 4;
const WAITING: usize = 3_000;
/// The moments at which it is closed: while the lanes subscribe, and while they read.
const MOMENTS: u64 = 12;

/// Closes a process's queue at each moment, while lanes read in large batches what nobody acknowledges.
async fn flood_and_close() {
    let mut queue = TestQueue::on(Prefix::fresh(), |_| ()).await;
    let keys: Vec<_> =
        (0..WAITING).map(|_| TaskKey { object: V1, guid: TaskGuid::new() }).collect();
    for part in keys.chunks(100) {
        join_all(part.iter().map(|key| queue.queue.publish(vec![message(*key)]))).await;
    }
    for moment in 0..MOMENTS {
        let gather = Gather { most: 4096, linger: Duration::from_millis(1) };
        let reading = (0..LANES).map(|_| {
            let mut lane = queue.queue.lane(gather);
            tokio::spawn(async move {
                loop {
                    drop(lane.next().await);
                }
            })
        });
        let reading: Vec<_> = reading.collect();
        tokio::time::sleep(Duration::from_millis(5 + moment)).await;
        queue.close().await;
        reading.iter().for_each(|lane| lane.abort());
        let prefix = queue.prefix.take().expect("it is on the broker");
        queue = TestQueue::on(prefix, |_| ()).await;
    }
    queue.close().await;
}

#[test]
fn a_queue_that_is_closed_in_a_flood_ends_with_its_runtime() {
    let (ended, end) = mpsc::channel();
    // What waits for ever could not be told from inside its runtime.
    thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(flood_and_close());
        drop(runtime);
        ended.send(()).unwrap();
    });
    end.recv_timeout(2 * BOUND).expect("the queue and its runtime end");
}
