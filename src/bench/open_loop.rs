//! An open loop: payments are due at a fixed rate, whether those before are answered or not, as callers who do not know
//! of each other send them. What a payment took counts from the moment at which it was due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Rate;
use super::client::{Client, Target};
use super::orders::Payable;

/// How many payments are due, and when.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Payments a second.
    pub per_s: u32,
    /// Between two polls of an answer; `None`: the poll waits until the answer is there.
    pub poll: Option<Duration>,
}

/// What was seen.
#[derive(Debug)]
pub struct Seen {
    /// Answers that were read.
    pub completed: Rate,
    /// Of them, how many paid.
    pub paid: u64,
    /// From the moment a payment was due to its guid in hand, in microseconds; with synchronous calls to its answer.
    pub submitted_us: Histogram<u64>,
    /// From that moment to its answer in hand.
    pub answered_us: Histogram<u64>,
    /// How often the installation answered 429.
    pub limited: u64,
}

/// Pays each order at its moment.
pub async fn run(
    target: &Target,
    orders: Vec<Payable>,
    plan: Plan,
    progress: &ProgressBar,
) -> anyhow::Result<Seen> {
    ensure!(plan.per_s > 0, "the rate is 0: it must be at least 1");
    let client = Arc::new(Client::new(target)?);
    let started = Instant::now();
    let mut due = clock(orders, plan.per_s, started)?;
    let mut paying = JoinSet::new();
    while let Some((at, order)) = due.recv().await {
        let (client, progress) = (Arc::clone(&client), progress.clone());
        paying.spawn(async move {
            let paid = pay(&client, &order, at, plan.poll).await;
            progress.inc(1);
            paid
        });
    }
    let mut seen = Seen {
        completed: Rate::since(started, 0),
        paid: 0,
        submitted_us: histogram()?,
        answered_us: histogram()?,
        limited: 0,
    };
    while let Some(paid) = paying.join_next().await {
        let Paid { submitted, answered, done } = paid??;
        seen.submitted_us.saturating_record(micros(submitted));
        seen.answered_us.saturating_record(micros(answered));
        seen.paid += u64::from(done);
    }
    seen.completed = Rate::since(started, seen.answered_us.len());
    seen.limited = client.limited();
    Ok(seen)
}

struct Paid {
    submitted: Duration,
    answered: Duration,
    done: bool,
}

async fn pay(
    client: &Client,
    order: &Payable,
    due: Instant,
    poll: Option<Duration>,
) -> anyhow::Result<Paid> {
    let (_, first) = client.submit(order).await?;
    let submitted = due.elapsed();
    if client.target.sync {
        return Ok(Paid { submitted, answered: submitted, done: first.is_done() });
    }
    let guid =
        first.guid().with_context(|| format!("order {} was not accepted", order.key.guid))?;
    let answer = client.answer_every(&guid, poll).await?;
    Ok(Paid { submitted, answered: due.elapsed(), done: answer.is_done() })
}

/// Hands each order over when it is due. A thread of its own: the runtime's timers are a millisecond coarse.
fn clock(
    orders: Vec<Payable>,
    per_s: u32,
    started: Instant,
) -> anyhow::Result<mpsc::UnboundedReceiver<(Instant, Payable)>> {
    let (sender, due) = mpsc::unbounded_channel();
    let every = Duration::from_secs(1) / per_s;
    let tell = move || {
        for (number, order) in (0_u32..).zip(orders) {
            let at = started + every * number;
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if sender.send((at, order)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("bench clock".into()).spawn(tell)?;
    Ok(due)
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 3_600_000_000, 3)?)
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1)
}
