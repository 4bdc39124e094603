//! The load: as many clients as connections, each pays one order after another over HTTP and waits for
//! the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::bail;
use hdrhistogram::Histogram;
use indicatif::ProgressBar;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::Rate;
use super::client::{Client, Container, Target};
use super::orders::Payable;

/// What a load saw.
#[derive(Debug)]
pub struct Seen {
    /// Tasks for which a guid was given.
    pub accepted: Rate,
    /// Tasks whose answer was read.
    pub completed: Rate,
    /// Of them, how many paid.
    pub paid: u64,
    /// From the submission to the answer in hand, in microseconds.
    pub latency_us: Histogram<u64>,
    /// How often the installation answered 429: what was measured then is a limit of this caller.
    pub limited: u64,
}

struct Submitted {
    guid: String,
    at: Instant,
}

/// Pays every order once and reads every answer.
pub async fn run(
    target: &Target,
    orders: Vec<Payable>,
    progress: &ProgressBar,
) -> anyhow::Result<Seen> {
    let client = Arc::new(Client::new(target)?);
    let (orders, next) = (Arc::new(orders), Arc::new(AtomicUsize::new(0)));
    let (submitted, waiting) = mpsc::unbounded_channel::<Submitted>();
    let waiting = Arc::new(Mutex::new(waiting));
    let started = Instant::now();

    let mut submitters = JoinSet::new();
    let mut pollers = JoinSet::new();
    for _ in 0..target.connections {
        let (client, orders, next) = (Arc::clone(&client), Arc::clone(&orders), Arc::clone(&next));
        let (submitted, progress) = (submitted.clone(), progress.clone());
        submitters.spawn(async move {
            let mut done = Tally::new()?;
            while let Some(order) = orders.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (at, answer) = client.submit(order).await?;
                if client.target.sync {
                    done.count(at, &answer);
                    progress.inc(1);
                } else if let Some(guid) = answer.guid() {
                    submitted.send(Submitted { guid, at })?;
                } else {
                    bail!("order {} was not accepted", order.key.guid);
                }
            }
            anyhow::Ok(done)
        });
    }
    drop(submitted);
    if !target.sync {
        for _ in 0..target.connections {
            let (client, waiting) = (Arc::clone(&client), Arc::clone(&waiting));
            let progress = progress.clone();
            pollers.spawn(async move {
                let mut done = Tally::new()?;
                loop {
                    let next = waiting.lock().await.recv().await;
                    let Some(Submitted { guid, at }) = next else { return anyhow::Ok(done) };
                    let answer = client.answer(&guid).await?;
                    done.count(at, &answer);
                    progress.inc(1);
                }
            });
        }
    }
    let mut total = Tally::new()?;
    while let Some(done) = submitters.join_next().await {
        total.add(done??)?;
    }
    let accepted = Rate::since(started, orders.len() as u64);
    while let Some(done) = pollers.join_next().await {
        total.add(done??)?;
    }
    let completed = Rate::since(started, total.latency_us.len());
    let Tally { paid, latency_us } = total;
    Ok(Seen { accepted, completed, paid, latency_us, limited: client.limited() })
}

struct Tally {
    paid: u64,
    latency_us: Histogram<u64>,
}

impl Tally {
    fn new() -> anyhow::Result<Tally> {
        Ok(Tally { paid: 0, latency_us: Histogram::new_with_bounds(1, 3_600_000_000, 3)? })
    }

    fn count(&mut self, submitted: Instant, answer: &Container) {
        let us = u64::try_from(submitted.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.latency_us.saturating_record(us.max(1));
        self.paid += u64::from(answer.is_done());
    }

    fn add(&mut self, other: Tally) -> anyhow::Result<()> {
        self.paid += other.paid;
        self.latency_us.add(other.latency_us)?;
        Ok(())
    }
}
