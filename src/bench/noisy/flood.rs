//! The noisy one: payments handed in as fast as they are accepted, and nobody waits for an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::bench::Rate;
use crate::bench::client::Client;
use crate::bench::orders::Payable;
use crate::store::Store;

/// How often the backlog is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// What became of a flood.
#[derive(Debug)]
pub struct Flooded {
    /// Payments accepted.
    pub accepted: Rate,
    /// Payments answered: until the last of them was.
    pub answered: Rate,
    /// How often it was told to wait.
    pub limited: u64,
    /// The most open tasks that were seen at once.
    pub most_open: u64,
}

/// Hands them all in, and returns when they are all answered.
pub(super) async fn run(
    client: Client,
    payable: Vec<Payable>,
    store: &Store,
) -> anyhow::Result<Flooded> {
    let count = payable.len() as u64;
    let (client, payable) = (Arc::new(client), Arc::new(payable));
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut submitting = JoinSet::new();
    for _ in 0..client.target.connections {
        let (client, payable, next) =
            (Arc::clone(&client), Arc::clone(&payable), Arc::clone(&next));
        submitting.spawn(async move {
            while let Some(order) = payable.get(next.fetch_add(1, Ordering::Relaxed)) {
                if client.submit(order).await?.1.guid().is_none() {
                    bail!("order {} was not accepted", order.key.guid);
                }
            }
            anyhow::Ok(())
        });
    }
    let (mut most_open, mut accepted) = (0, None);
    loop {
        sleep(LOOK).await;
        while let Some(done) = submitting.try_join_next() {
            done??;
        }
        if submitting.is_empty() && accepted.is_none() {
            accepted = Some(Rate::since(started, count));
        }
        let open = store.backlog().await?.open;
        most_open = most_open.max(open);
        // The quiet ones have an open task now and then, the noisy one has many or none.
        if let Some(accepted) = accepted
            && open < client.target.connections as u64
        {
            let answered = Rate::since(started, count);
            return Ok(Flooded { accepted, answered, limited: client.limited(), most_open });
        }
    }
}
