//! `wsa bench`

mod listeners;
mod noisy;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Args;
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::bench::client::Target;
use crate::bench::orders::{self, Ground, Payable};
use crate::bench::report::{Report, StoreLimits};
use crate::bench::{broker, load, store};
use crate::boot::{self, Role, Running};
use crate::config::Settings;
use crate::domain::task::CurrencyGuid;
use crate::engine::store::Store;
use crate::protocols::ALL;
use crate::runtime::telemetry;
use crate::surface::store::Servers;

/// Payments in a batch of the store's own bench.
const BATCH: usize = 256;
/// Connections of the store's own bench: as many lanes as a worker has by default.
const LANES: usize = 2;
/// One payment a transaction is slow: a part of the orders is enough to see how slow.
const SINGLE_SHARE: usize = 8;

#[derive(Debug, Args)]
pub(super) struct Bench {
    #[command(flatten)]
    servers: Servers,
    /// How many orders to pay.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    orders: usize,
    /// Connections that submit.
    #[arg(long, default_value_t = 64, value_name = "N")]
    connections: usize,
    /// Wait for the answer in the request that submits, instead of asking for it by guid.
    #[arg(long)]
    sync: bool,
    /// A running installation, like http://127.0.0.1:8080; without it, the bench starts one of its own
    /// on the servers named, or embedded in a temporary directory.
    #[arg(long, requires = "token", requires = "currency", requires = "orders_file")]
    url: Option<String>,
    /// The token to call a running installation with.
    #[arg(long, env = "WSA_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The currency to pay with at a running installation.
    #[arg(long, value_name = "GUID")]
    currency: Option<String>,
    /// The orders to pay there: the lines that `wsa orders load` printed.
    #[arg(long, value_name = "FILE")]
    orders_file: Option<PathBuf>,
    #[command(flatten)]
    noisy: noisy::Noisy,
    /// Measure instead what so many idle callers of ListenQueue cost, and how soon one is told something.
    #[arg(long, value_name = "N", conflicts_with_all = ["url", "sync", "orders", "noisy_neighbour"],
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    listeners: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        ensure!(self.connections > 0, "--connections is 0: it must be at least 1");
        if self.noisy.noisy_neighbour {
            return self.noisy().await;
        }
        if let Some(count) = self.listeners {
            return self.listen(count as usize).await;
        }
        ensure!(self.orders > 0, "--orders is 0: it must be at least 1");
        let report = match &self.url {
            Some(url) => self.running(url).await?,
            None => self.own().await?,
        };
        print(&report, report.lines(), self.json)?;
        Ok(match report.paid == report.orders {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    /// Against an installation that somebody else runs. Its own limits are not measured: that would
    /// take its servers from its clients.
    async fn running(&self, url: &str) -> anyhow::Result<Report> {
        let (Some(token), Some(currency), Some(file)) =
            (&self.token, &self.currency, &self.orders_file)
        else {
            bail!("--url needs --token, --currency and --orders-file");
        };
        let currency = currency.parse().map_err(anyhow::Error::msg).context("--currency")?;
        let mut orders = orders::read_tsv(file)?;
        orders.truncate(self.orders);
        let target = self.target(url.trim_end_matches('/').to_owned(), token.clone(), currency);
        let seen = load::run(&target, orders, &self.progress("paying")).await?;
        Ok(Report::of(url.to_owned(), &target, &seen))
    }

    /// An installation of the bench's own, in this process.
    async fn own(&self) -> anyhow::Result<Report> {
        let scratch = tempfile::tempdir()?;
        let settings = self.own_settings(&scratch)?;
        let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        let running = boot::start(settings, Role::Up).await?;
        let report = self.measure(&running).await;
        running.stop().await;
        report
    }

    fn own_settings(&self, scratch: &tempfile::TempDir) -> anyhow::Result<Settings> {
        let mut settings = self.servers.settings(
            &ALL,
            &[
                ("http.listen", Some("127.0.0.1:0".into())),
                ("log.filter", Some("warn".into())),
                // One aggregator does what many would.
                ("limits.requests_per_s", Some("0".into())),
            ],
        )?;
        if !self.servers.has_data_dir() {
            settings.store.data_dir = scratch.path().to_owned();
        }
        // It calls itself, and is to measure something else.
        settings.http.tls = Default::default();
        Ok(settings)
    }

    async fn measure(&self, running: &Running) -> anyhow::Result<Report> {
        let app = &running.app;
        let ground = orders::prepare(&app.store).await?;
        let payable = orders::open(&app.store, ground.object, self.orders).await?;
        let url = running.url();
        let target = self.target(url, ground.token.clone(), ground.currency);
        let seen = load::run(&target, payable, &self.progress("paying")).await?;
        let installation = format!("{} + {}", app.store.kind(), app.queue.kind());
        let report = Report::of(installation, &target, &seen);
        self.limits(report, &app.settings, &app.store, &ground).await
    }

    async fn limits(
        &self,
        mut report: Report,
        settings: &Settings,
        shared: &Arc<Store>,
        ground: &Ground,
    ) -> anyhow::Result<Report> {
        if let Some(amqp) = settings.amqp() {
            report = report.with_broker(broker::run(&amqp, self.orders).await?);
        }
        let open = async |count: usize| -> anyhow::Result<Vec<Payable>> {
            orders::open(shared, ground.object, count).await
        };
        let (many, few) = (open(self.orders).await?, open(self.orders / SINGLE_SHARE + 1).await?);
        let batched = store::run(shared, ground, &many, BATCH, LANES).await?;
        let single = store::run(shared, ground, &few, 1, LANES).await?;
        report.store = Some(StoreLimits::of(BATCH, &batched, &single));
        Ok(report)
    }

    fn target(&self, url: String, token: String, currency: CurrencyGuid) -> Target {
        Target { url, token, currency, connections: self.connections, sync: self.sync }
    }

    fn progress(&self, what: &'static str) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} {eta}");
        let bar = ProgressBar::new(self.orders as u64).with_message(what);
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

/// A table for people, JSON for scripts.
fn print(report: &impl Serialize, lines: Vec<(String, String)>, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.add_rows(lines.into_iter().map(|(what, figure)| [what, figure]));
    println!("{table}");
    Ok(())
}
