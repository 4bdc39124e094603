//! The noisy one: payments handed in as fast as they are accepted, and nobody waits for an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::bench::Rate;
use crate::bench::client::Client;
use crate::bench::orders::{Payable, payment};
use crate::domain::task::{AggregatorId, CurrencyGuid};
use crate::engine::intake::{Intake, IntakeError};
use crate::engine::store::{Registration, Store};

/// How often the backlog is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// So few open tasks are those of the quiet ones.
const FEW: u64 = 32;

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

/// How the payments get in.
pub(super) enum Way {
    /// Over HTTP.
    Http(Client),
    /// As by API processes beside the one that is measured: accepted in batches, as many as the store
    /// takes. That is more than one client can send, and more than the workers can settle.
    Beside(Intake, AggregatorId, CurrencyGuid),
}

impl Way {
    /// Hands one in; tells how often it was refused before it was accepted.
    async fn hand_in(&self, order: &Payable) -> anyhow::Result<u64> {
        let (intake, aggregator, currency) = match self {
            Way::Http(client) => {
                let (_, answer) = client.submit(order).await?;
                ensure!(answer.guid().is_some(), "order {} was not accepted", order.key.guid);
                return Ok(0);
            }
            Way::Beside(intake, aggregator, currency) => (intake, *aggregator, *currency),
        };
        let mut limited = 0;
        loop {
            match intake.accept(payment(order, aggregator, currency)).await {
                Ok(Registration::Accepted(_)) => return Ok(limited),
                Ok(other) => bail!("order {} was not accepted: {other:?}", order.key.guid),
                Err(IntakeError::Full(exceeded)) => {
                    limited += 1;
                    sleep(exceeded.retry_after()).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Hands them all in, so many at a time, and returns when they are all answered.
pub(super) async fn run(
    way: Way,
    at_once: usize,
    payable: Vec<Payable>,
    store: &Store,
) -> anyhow::Result<Flooded> {
    let count = payable.len() as u64;
    let (way, payable) = (Arc::new(way), Arc::new(payable));
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut submitting = JoinSet::new();
    for _ in 0..at_once {
        let (way, payable, next) = (Arc::clone(&way), Arc::clone(&payable), Arc::clone(&next));
        submitting.spawn(async move {
            let mut limited = 0;
            while let Some(order) = payable.get(next.fetch_add(1, Ordering::Relaxed)) {
                limited += way.hand_in(order).await?;
            }
            anyhow::Ok(limited)
        });
    }
    let (mut limited, mut most_open, mut accepted) = (0, 0, None);
    loop {
        sleep(LOOK).await;
        while let Some(done) = submitting.try_join_next() {
            limited += done??;
        }
        if submitting.is_empty() && accepted.is_none() {
            accepted = Some(Rate::since(started, count));
        }
        let open = store.backlog().await?.open;
        most_open = most_open.max(open);
        // The quiet ones have an open task now and then, the noisy one has many or none.
        if let Some(accepted) = accepted.filter(|_| open < FEW) {
            let answered = Rate::since(started, count);
            if let Way::Http(client) = &*way {
                limited += client.limited();
            }
            return Ok(Flooded { accepted, answered, limited, most_open });
        }
    }
}
