//! The least that a payment takes of this machine: what the store, the broker and HTTP use for it by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;

use super::orders::{Ground, Payable};
use super::report::{Limit, Report, StoreLimits};
use super::usage::{Parts, between};
use super::{broker, store};
use crate::config::Settings;
use crate::engine::store::Store;

/// Payments in a batch of the store's own bench.
const BATCH: usize = 256;
/// Connections of the store's own bench: as many lanes as a worker has by default.
const LANES: usize = 2;
/// Tasks in a message of the broker's own bench, as under load.
const BUNDLE: usize = 64;
/// Requests in hand at once.
const CALLERS: usize = 32;

/// Where to measure.
pub struct Bench<'a> {
    /// The settings of the installation.
    pub settings: &'a Settings,
    /// Its store.
    pub store: &'a Arc<Store>,
    /// Its address.
    pub url: &'a str,
    /// Whose processor time counts.
    pub parts: &'a Parts,
}

impl Bench<'_> {
    /// Adds to a report how fast store and broker are by themselves, and what the least for a payment takes: `many`
    /// orders are settled in batches, `few` in a transaction each.
    pub async fn measure(
        &self,
        mut report: Report,
        ground: &Ground,
        many: &[Payable],
        few: &[Payable],
    ) -> anyhow::Result<Report> {
        let count = many.len();
        let mut broker_ms = 0.0;
        if let Some(amqp) = self.settings.amqp() {
            report = report.with_broker(broker::run(&amqp, count, 1).await?);
            broker_ms = self.each(count, async || broker::run(&amqp, count, BUNDLE).await).await?.0;
        }
        let in_batches = async || store::run(self.store, ground, many, BATCH, LANES).await;
        let (store_ms, batched) = self.each(count, in_batches).await?;
        let single = store::run(self.store, ground, few, 1, LANES).await?;
        report.store = Some(StoreLimits::of(BATCH, &batched, &single));
        let requests = if report.mode == "sync" { 1.0 } else { 2.0 };
        let http_ms = requests * self.each(count, async || ask(self.url, count).await).await?.0;
        // Where nothing is found in /proc, nothing is said.
        if store_ms > 0.0 {
            let cores = std::thread::available_parallelism()?.get();
            let completed = report.completed_per_s;
            report.limit = Some(Limit::of(store_ms, broker_ms, http_ms, cores, completed));
        }
        Ok(report)
    }

    /// Processor time in milliseconds for each of `count`, and what the work gave.
    async fn each<T>(
        &self,
        count: usize,
        work: impl AsyncFnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<(f64, T)> {
        let before = self.parts.used();
        let done = work().await?;
        let used: Duration = between(&before, &self.parts.used()).values().sum();
        Ok((used.as_secs_f64() * 1000.0 / count.max(1) as f64, done))
    }
}

/// Asks so often whether the process is alive, which it answers without asking anybody.
async fn ask(url: &str, count: usize) -> anyhow::Result<()> {
    let client = crate::runtime::tls::http_client().tcp_nodelay(true).build()?;
    let next = Arc::new(AtomicUsize::new(0));
    let mut asking = JoinSet::new();
    for _ in 0..CALLERS {
        let (client, next, url) = (client.clone(), Arc::clone(&next), format!("{url}/healthz"));
        asking.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let response = client.get(&url).send().await?;
                ensure!(response.status().is_success(), "{url} answered {}", response.status());
                response.bytes().await?;
            }
            Ok(())
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked??;
    }
    Ok(())
}
