//! A noisy neighbour: what clients of quiet restaurants notice of one that has very many payments at
//! once.

mod flood;
pub mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;

pub use self::flood::Flooded;
use self::flood::Way;
use super::client::Client;
use super::client::Target;
use super::orders::{self, Ground, Payable};
use crate::engine::app::App;
use crate::engine::intake::Intake;
use crate::engine::store::Store;
use crate::runtime::supervise::Tasks;
use crate::runtime::trace::Tracer;

/// Orders that a quiet restaurant opens at a time.
const ORDERS: usize = 200;

/// Who pays how much.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Quiet restaurants, each with a client that pays one order after another.
    pub quiet: usize,
    /// How often each of them pays, a second.
    pub pace: u32,
    /// How long they are alone before the neighbour begins.
    pub alone: Duration,
    /// How many payments the neighbour hands in.
    pub flood: usize,
    /// How many of them at a time.
    pub at_once: usize,
    /// Whether they come as through other API processes, rather than over HTTP through the one that is
    /// measured.
    pub beside: bool,
}

/// What clients of the quiet restaurants saw.
#[derive(Debug)]
pub struct Quiet {
    /// From the submission to the answer in hand, in microseconds.
    pub latency_us: Histogram<u64>,
    /// Payments that were not taken.
    pub unpaid: u64,
}

/// What was seen before the neighbour began, and then until the last of its payments was answered.
#[derive(Debug)]
pub struct Seen {
    /// The quiet alone.
    pub alone: Quiet,
    /// The quiet beside the noisy one.
    pub beside: Quiet,
    /// The noisy one.
    pub flood: Flooded,
}

/// A client of a quiet restaurant.
struct Payer {
    store: Arc<Store>,
    client: Client,
    ground: Ground,
    payable: Vec<Payable>,
    every: Duration,
}

/// Measures both at this process, whose API has this URL.
pub async fn run(app: &App, url: &str, plan: Plan) -> anyhow::Result<Seen> {
    let store = &app.store;
    let every = Duration::from_secs(1) / plan.pace.max(1);
    let mut payers = Vec::new();
    for _ in 0..plan.quiet {
        let ground = orders::prepare(store).await?;
        let client = Client::new(&target(url, &ground, 1, true))?;
        let (store, payable) = (Arc::clone(store), Vec::new());
        payers.push(Payer { store, client, ground, payable, every });
    }
    let neighbour = orders::prepare(store).await?;
    let payable = orders::open(store, neighbour.object, plan.flood).await?;
    let way = match plan.beside {
        true => {
            let App { settings, queue, metrics, load, .. } = app;
            let (tasks, tracer) = (Tasks::new(metrics), Tracer::default());
            let intake = Intake::start(settings, &tasks, store, queue, load, &tracer);
            Way::Beside(intake, neighbour.aggregator.id, neighbour.currency)
        }
        false => Way::Http(Client::new(&target(url, &neighbour, plan.at_once, false))?),
    };

    let stop = CancellationToken::new();
    let paying = tokio::spawn(pay(payers, stop.clone()));
    sleep(plan.alone).await;
    stop.cancel();
    let (alone, payers) = paying.await??;

    let stop = CancellationToken::new();
    let paying = tokio::spawn(pay(payers, stop.clone()));
    let flood = flood::run(way, plan.at_once, payable, store).await?;
    stop.cancel();
    let (beside, _) = paying.await??;
    Ok(Seen { alone, beside, flood })
}

fn target(url: &str, ground: &Ground, connections: usize, sync: bool) -> Target {
    let (token, currency) = (ground.token.clone(), ground.currency);
    Target { url: url.to_owned(), token, currency, connections, sync }
}

/// All of them pay until they are stopped.
async fn pay(payers: Vec<Payer>, stop: CancellationToken) -> anyhow::Result<(Quiet, Vec<Payer>)> {
    let count = u32::try_from(payers.len().max(1)).unwrap_or(u32::MAX);
    let begin = tokio::time::Instant::now();
    let mut paying = JoinSet::new();
    for (number, payer) in (0..).zip(payers) {
        // One after the other, not all at the same moment.
        let first = begin + payer.every * number / count;
        paying.spawn(payer.pay(first, stop.clone()));
    }
    let mut all = Quiet { latency_us: histogram()?, unpaid: 0 };
    let mut payers = Vec::new();
    while let Some(paid) = paying.join_next().await {
        let (quiet, payer) = paid??;
        all.latency_us.add(quiet.latency_us)?;
        all.unpaid += quiet.unpaid;
        payers.push(payer);
    }
    Ok((all, payers))
}

impl Payer {
    async fn pay(
        mut self,
        first: tokio::time::Instant,
        stop: CancellationToken,
    ) -> anyhow::Result<(Quiet, Payer)> {
        let mut quiet = Quiet { latency_us: histogram()?, unpaid: 0 };
        let mut ticks = interval_at(first, self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let order = match self.payable.pop() {
                Some(order) => order,
                None => {
                    let object = self.ground.object;
                    self.payable = orders::open(&self.store, object, ORDERS).await?;
                    continue;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Ok((quiet, self)),
                _ = ticks.tick() => {}
            }
            let (at, answer) = self.client.submit(&order).await?;
            quiet.latency_us.saturating_record(micros(at));
            quiet.unpaid += u64::from(!answer.is_done());
        }
    }
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 3_600_000_000, 3)?)
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX).max(1)
}
