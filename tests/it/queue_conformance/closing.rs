//! RabbitMQ: a queue that is closed while a flood comes in ends, and so does its runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use wsa::domain::task::{TaskGuid, TaskKey};
use wsa::queue::Gather;

use crate::support::queues::{Prefix, TestQueue, message};
use crate::support::reference::V1;
use crate::support::{BOUND, eventually};

/// The moments at which it is closed, once its lanes have something: while others still subscribe, and while all read.
const MOMENTS: u64 = 12;
const WAITING: usize = 3_000;

/// A lane that reads in large batches what it never acknowledges, until it is aborted; `read` counts its batches.
fn lane(queue: &TestQueue, read: &Arc<AtomicUsize>) -> JoinHandle<()> {
    let mut lane = queue.queue.lane(Gather { most: 4096, linger: Duration::from_millis(1) });
    let read = Arc::clone(read);
    tokio::spawn(async move {
        loop {
            drop(lane.next().await);
            read.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// Closes a process's queue at each moment, just after half of its lanes have gone; tells when it is closed.
async fn flood_and_close(closed: &Sender<()>) {
    let mut queue = TestQueue::on(Prefix::fresh(), |_| ()).await;
    let keys: Vec<_> =
        (0..WAITING).map(|_| TaskKey { object: V1, guid: TaskGuid::new() }).collect();
    for part in keys.chunks(100) {
        join_all(part.iter().map(|key| queue.queue.publish(vec![message(*key)]))).await;
    }
    for moment in 0..MOMENTS {
        let read = Arc::default();
        let lanes: Vec<_> = (0..4).map(|_| lane(&queue, &read)).collect();
        eventually("something is read", async || read.load(Ordering::Relaxed) > 0).await;
        sleep(Duration::from_millis(moment)).await;
        lanes[..2].iter().for_each(JoinHandle::abort);
        queue.close().await;
        lanes[2..].iter().for_each(JoinHandle::abort);
        closed.send(()).unwrap();
        let prefix = queue.prefix.take().expect("it is on the broker");
        queue = TestQueue::on(prefix, |_| ()).await;
    }
    queue.close().await;
}

#[test]
fn a_queue_that_is_closed_in_a_flood_ends_with_its_runtime() {
    let (ended, end) = mpsc::channel();
    // What waits for ever could not be told from inside its runtime.
    let runs = thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(flood_and_close(&ended));
        drop(runtime);
        ended.send(()).unwrap();
    });
    for step in 0..=MOMENTS {
        match end.recv_timeout(2 * BOUND) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("step {step} of {MOMENTS} does not end"),
        }
    }
    runs.join().unwrap();
}
