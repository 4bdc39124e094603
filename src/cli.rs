//! The subcommands. One binary: a role each, and the commands of people.

pub(crate) mod admin;
mod answer;
mod api_client;
mod audit;
mod bench;
mod client;
mod contracts;
mod dead;
pub(crate) mod demo;
mod health;
mod orders;
pub(crate) mod output;
mod run;
pub(crate) mod store;
mod tasks;
pub(crate) mod values;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::Settings;
use crate::signals::{self, Blocked};
use crate::store::error::chain;
use crate::telemetry;

/// Takes payments and order tasks for restaurants, applies each exactly once, answers in time.
#[derive(Debug, Parser)]
#[command(name = "wsa", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Serve(run::Serve),
    #[command(flatten)]
    Once(Once),
}

/// Commands that do one thing and end; a signal ends them at once.
#[derive(Debug, Subcommand)]
enum Once {
    /// Bring the schema up to date.
    Migrate(Servers),
    /// Reference data: objects, currencies, aggregators, tokens.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Orders for trying and testing.
    #[command(subcommand)]
    Orders(orders::Orders),
    /// Pay an order: submit, wait, print the answer.
    Pay(client::Pay),
    /// Tasks and their answers.
    #[command(subcommand)]
    Task(client::Task),
    /// Whether the store keeps the promises: sums, outcomes, deadlines, orphans.
    Audit(audit::Audit),
    /// Dead letters: deliveries that no worker could settle, and messages that are no task.
    #[command(subcommand)]
    Dead(dead::Dead),
    /// Throughput and latency of an installation, against its own limits.
    Bench(bench::Bench),
    /// Whether a process is ready: what /readyz of it reports.
    Health(health::Health),
    /// OpenAPI, AsyncAPI and JSON Schemas of this version.
    Contracts(contracts::Contracts),
}

/// Where the servers are. Settings and `WSA__...` variables say it too; these flags win.
#[derive(Debug, Clone, Default, Args)]
pub struct Servers {
    /// PostgreSQL, like postgres://user:password@host:5432/name.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// RabbitMQ, like amqp://user:password@host:5672/%2f.
    #[arg(long, value_name = "URL")]
    amqp_url: Option<String>,
    /// Where the embedded default keeps its data.
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
}

impl Servers {
    /// The settings, with these flags and `others` on top.
    fn settings(&self, others: &[(&'static str, Option<String>)]) -> anyhow::Result<Settings> {
        let own = [
            ("store.database_url", self.database_url.clone()),
            ("amqp.url", self.amqp_url.clone()),
            ("store.data_dir", self.data_dir.clone()),
        ];
        let given = own.into_iter().chain(others.iter().cloned());
        let flags: Vec<_> = given.filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Settings::load(&flags)?)
    }
}

/// How long what still blocks a thread at the end may hold up the end.
const LEFT_OVER: Duration = Duration::from_millis(200);

/// Parses the arguments, runs the command, and tells how it ended.
pub fn main() -> ExitCode {
    // Before anything else: a signal that comes from now on is kept until it is taken up.
    let signals = signals::block();
    let cli = Cli::parse();
    match signals.map_err(anyhow::Error::from).and_then(|signals| command(cli.command, signals)) {
        Ok(code) => code,
        // `wsa task list | head`: who reads has seen enough.
        Err(error) if output::is_unread(&error) => ExitCode::FAILURE,
        Err(error) => {
            telemetry::last_words(format!("wsa: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

fn command(command: Command, signals: Blocked) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    let code = runtime.block_on(run(command, signals));
    // Not by dropping it, which would wait for a file system or a name server that does not answer.
    runtime.shutdown_timeout(LEFT_OVER);
    code
}

async fn run(command: Command, signals: Blocked) -> anyhow::Result<ExitCode> {
    let command = match command {
        Command::Serve(serve) => return serve.run(signals.take_up()?).await,
        Command::Once(once) => once,
    };
    signals.release()?;
    match command {
        Once::Contracts(contracts) => contracts.run(),
        Once::Audit(audit) => audit.run().await,
        Once::Dead(dead) => dead.run().await,
        Once::Bench(bench) => bench.run().await,
        Once::Health(health) => health.run().await,
        Once::Migrate(servers) => store::migrate(&servers).await,
        Once::Admin(admin) => admin.run().await,
        Once::Orders(orders) => orders.run().await,
        Once::Pay(pay) => pay.run().await,
        Once::Task(task) => task.run().await,
    }
}
