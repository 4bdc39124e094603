//! `wsa bench`

mod listeners;
mod noisy;
mod queued;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::bench::client::Target;
use crate::bench::open_loop::{self, Plan};
use crate::bench::orders::{self, Payable};
use crate::bench::processes::Processes;
use crate::bench::report::Report;
use crate::bench::usage::{Parts, between};
use crate::bench::{least, load};
use crate::boot::{self, Role};
use crate::config::Settings;
use crate::database::postgres::PostgresDb;
use crate::domain::task::CurrencyGuid;
use crate::engine::store::Store;
use crate::protocols::ALL;
use crate::runtime::telemetry;
use crate::surface::store::{Servers, open_store};

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
    /// Let so many payments be due each second, whether those before are answered or not, instead of as many as the
    /// connections can carry. What one took counts from the moment at which it was due.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// For how many seconds.
    #[arg(long, default_value_t = 20, value_name = "N", requires = "rate", conflicts_with = "orders",
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// Ask for each answer so often, in milliseconds, instead of in requests that wait for it.
    #[arg(long, value_name = "N", requires = "rate", conflicts_with = "sync",
          value_parser = clap::value_parser!(u64).range(1..=60_000))]
    poll_ms: Option<u64>,
    /// Queue so many payments while no worker runs, and measure how fast one answers them then, second by second.
    #[arg(long, value_name = "N", conflicts_with_all = ["url", "sync", "orders", "rate", "processes"],
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    backlog: Option<u32>,
    /// Run an API and a worker as processes of their own, on the servers named.
    #[arg(long, conflicts_with = "url")]
    processes: bool,
    /// Have PostgreSQL take its tables for empty first (VACUUM ANALYZE of a database without tasks).
    #[arg(long, conflicts_with = "url")]
    stale_statistics: bool,
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
        if let Some(count) = self.backlog {
            return self.queued(count as usize).await;
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
            bail!(
                "--url needs --token, --currency and --orders-file: `wsa orders load --object ID --count N` prints \
                 such a file"
            );
        };
        let currency = currency.parse().map_err(anyhow::Error::msg).context("--currency")?;
        let mut orders = orders::read_tsv(file)?;
        orders.truncate(self.payments());
        let target = self.target(url.trim_end_matches('/').to_owned(), token.clone(), currency);
        self.load(url.to_owned(), &target, orders).await
    }

    /// How many payments there are.
    fn payments(&self) -> usize {
        self.rate.map_or(self.orders, |rate| rate as usize * self.seconds as usize)
    }

    async fn load(
        &self,
        installation: String,
        target: &Target,
        orders: Vec<Payable>,
    ) -> anyhow::Result<Report> {
        let bar = self.progress_of("paying", orders.len());
        let Some(per_s) = self.rate else {
            let seen = load::run(target, orders, &bar).await?;
            return Ok(Report::of(installation, target, &seen));
        };
        let plan = Plan { per_s, poll: self.poll_ms.map(Duration::from_millis) };
        let seen = open_loop::run(target, orders, plan, &bar).await?;
        Ok(Report::of_open_loop(installation, target, per_s, seen))
    }

    /// An installation of the bench's own: in this process, or an API and a worker beside it.
    async fn own(&self) -> anyhow::Result<Report> {
        let scratch = tempfile::tempdir()?;
        let settings = self.own_settings(&scratch)?;
        let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        self.make_stale(&settings).await?;
        let servers = || {
            let mut parts = Parts::default();
            if let Some(url) = settings.database_url() {
                parts = parts.with_server("PostgreSQL", url, 5432);
            }
            if let Some(amqp) = settings.amqp() {
                parts = parts.with_server("RabbitMQ", amqp.url.expose_secret(), 5672);
            }
            parts
        };
        if self.processes {
            ensure!(
                settings.database_url().is_some() && settings.amqp().is_some(),
                "--processes needs servers: name them with --database-url and --amqp-url"
            );
            let store = Arc::new(open_store(&ALL, &settings, false)?);
            store.migrate().await?;
            let processes = Processes::start(&settings).await?;
            let parts = processes.added_to(servers()).with_process("client", std::process::id());
            let installation = "PostgreSQL + RabbitMQ, an API and a worker".to_owned();
            let report =
                self.measure(installation, &settings, &store, processes.url(), &parts).await;
            processes.stop().await?;
            return report;
        }
        let running = boot::start(settings.clone(), Role::Up).await?;
        let app = &running.app;
        let parts = servers().with_process("API, worker and client", std::process::id());
        let installation = format!("{} + {}", app.store.kind(), app.queue.kind());
        let report =
            self.measure(installation, &app.settings, &app.store, running.url(), &parts).await;
        running.stop().await;
        report
    }

    /// Has PostgreSQL take its tables for empty, where that is asked for.
    async fn make_stale(&self, settings: &Settings) -> anyhow::Result<()> {
        if !self.stale_statistics {
            return Ok(());
        }
        let Some(url) = settings.database_url() else {
            bail!("--stale-statistics needs PostgreSQL: name it with --database-url");
        };
        open_store(&ALL, settings, false)?.migrate().await?;
        let client = PostgresDb::new(url, &settings.store())?.connection().await?;
        let tasks = "SELECT count(*) AS tasks FROM (SELECT 1 FROM tasks LIMIT 1) AS one";
        let tasks: i64 = client.query_typed_one(tasks, &[]).await?.try_get("tasks")?;
        ensure!(
            tasks == 0,
            "--stale-statistics needs a database without tasks, or its tables would not be taken for empty"
        );
        client.batch_execute("SET statement_timeout = 0").await?;
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
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

    async fn measure(
        &self,
        installation: String,
        settings: &Settings,
        store: &Arc<Store>,
        url: String,
        parts: &Parts,
    ) -> anyhow::Result<Report> {
        let ground = orders::prepare(store).await?;
        let payable = orders::open(store, ground.object, self.payments()).await?;
        let target = self.target(url.clone(), ground.token.clone(), ground.currency);
        let before = parts.used();
        let report = self.load(installation, &target, payable).await?;
        let report = report.with_processor(&between(&before, &parts.used()));
        let many = orders::open(store, ground.object, self.payments()).await?;
        let few = orders::open(store, ground.object, self.payments() / SINGLE_SHARE + 1).await?;
        let bench = least::Bench { settings, store, url: &url, parts };
        bench.measure(report, &ground, &many, &few).await
    }

    fn target(&self, url: String, token: String, currency: CurrencyGuid) -> Target {
        Target { url, token, currency, connections: self.connections, sync: self.sync }
    }

    fn progress_of(&self, what: &'static str, count: usize) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} {eta}");
        let bar = ProgressBar::new(count as u64).with_message(what);
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
