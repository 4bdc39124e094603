//! `wsa orders`: orders for trying and testing.

use std::io::Write;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::domain::money::Money;
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};
use crate::engine::store::Store;
use crate::protocols::whiteserver::model::{Order, OrderStatus, TillSide};
use crate::protocols::whiteserver::sql::Tables;
use crate::surface::ProtocolList;
use crate::surface::store::{self, Servers};
use crate::terminal::{output, values};

/// Orders of one transaction: enough that its overhead does not count.
const BATCH: u64 = 2_000;
/// Transactions under way; SQLite has one writer, where the others only wait their turn.
const IN_FLIGHT: usize = 4;

/// `wsa orders`
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// Open many test orders; prints objectId, orderGuid and total of each, with tabs between.
    Load(Load),
}

#[derive(Debug, Args)]
pub struct Load {
    /// How many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    count: u64,
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// What each of them costs; from 100.00 to 5000.00, all different, when not given.
    #[arg(long, value_name = "AMOUNT", value_parser = values::amount)]
    total: Option<Money>,
    #[command(flatten)]
    servers: Servers,
}

impl Orders {
    pub(crate) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<ExitCode> {
        let Orders::Load(load) = self;
        let store = store::open(protocols, &load.servers).await?;
        store::check_objects(&store, &[load.object]).await?;
        load.run(&store).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Load {
    async fn run(&self, store: &Store) -> anyhow::Result<()> {
        let started = Instant::now();
        let progress = output::progress(self.count);
        let mut out = std::io::stdout().lock();
        let mut loading = stream::iter(batches(self.count))
            .map(|numbers| self.load(store, numbers))
            .buffered(IN_FLIGHT);
        let mut loaded = 0;
        let stopped = |loaded: u64| {
            let under_way = IN_FLIGHT as u64 * BATCH;
            format!(
                "stopped when {loaded} of {} orders were loaded and printed; up to {under_way} more \
                 may be in the store",
                self.count
            )
        };
        while let Some((orders, lines)) =
            loading.try_next().await.with_context(|| stopped(loaded))?
        {
            // Only what is in the store is printed, a batch at a time.
            progress
                .suspend(|| out.write_all(lines.as_bytes()).and_then(|()| out.flush()))
                .map_err(|error| anyhow!("{}: stdout: {error}", stopped(loaded)))?;
            loaded += orders;
            progress.set_position(loaded);
        }
        progress.finish_and_clear();
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("{loaded} orders of object {} are loaded, in {seconds:.1} s", self.object);
        Ok(())
    }

    /// Opens the orders with these numbers; how many, and a line for each.
    async fn load(&self, store: &Store, numbers: Range<u64>) -> anyhow::Result<(u64, String)> {
        let now = Timestamp::now();
        let mut orders = Vec::with_capacity(BATCH as usize);
        let mut lines = String::new();
        for number in numbers {
            let guid = OrderGuid::new();
            let total = self.total.unwrap_or_else(|| total(number));
            lines.push_str(&format!("{}\t{guid}\t{total}\n", self.object));
            let order = Order {
                status: OrderStatus::Created,
                total,
                paid: Money::ZERO,
                bill_printed: false,
                till: TillSide::default(),
                created_at: now,
                closed_at: None,
                content: None,
                version: 0,
            };
            orders.push((OrderKey { object: self.object, guid }, order));
        }
        let count = orders.len() as u64;
        Tables::of(store).load_orders(orders).await?;
        Ok((count, lines))
    }
}

/// The numbers of the orders, cut into batches.
fn batches(count: u64) -> impl Iterator<Item = Range<u64>> {
    (0..count).step_by(BATCH as usize).map(move |first| first..count.min(first + BATCH))
}

/// What the order with this number costs: 100.00 to 5000.00, each amount once before one comes again.
fn total(number: u64) -> Money {
    const LOWEST: i64 = 10_000;
    const AMOUNTS: u64 = 490_001;
    /// Has no divisor in common with `AMOUNTS`, so its multiples visit all of them.
    const STEP: u64 = 190_807;
    let offset = (number % AMOUNTS) * STEP % AMOUNTS;
    Money::from_kopecks(LOWEST + offset as i64).unwrap_or(Money::KOPECK)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn totals_differ_and_are_those_of_a_restaurant() {
        let totals: HashSet<Money> = (0..490_001).map(total).collect();
        assert_eq!(totals.len(), 490_001);
        assert_eq!(totals.iter().min().unwrap().to_string(), "100.00");
        assert_eq!(totals.iter().max().unwrap().to_string(), "5000.00");
        assert_eq!(total(490_001), total(0));
    }

    #[test]
    fn every_order_is_in_one_batch() {
        let cut: Vec<_> = batches(4_500).collect();
        assert_eq!(cut, [0..2_000, 2_000..4_000, 4_000..4_500]);
        assert!(batches(1).eq(std::iter::once(0..1)));
    }
}
