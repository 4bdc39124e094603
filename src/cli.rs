//! The subcommands. One binary: a role each, and the commands of people.

mod admin;
mod answer;
mod api_client;
mod audit;
mod bench;
mod client;
mod contracts;
mod demo;
mod orders;
mod output;
mod run;
mod store;
mod tasks;
mod values;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Settings;
use crate::store::error::chain;

/// Takes payments and order tasks for restaurants, applies each exactly once, answers in time.
#[derive(Debug, Parser)]
#[command(name = "wsa", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: API, worker, sweeper; embedded unless servers are named.
    Up(run::Up),
    /// The HTTP API and the sweeper; needs PostgreSQL and RabbitMQ.
    Api(run::Replica),
    /// Workers and the sweeper; needs PostgreSQL and RabbitMQ.
    Worker(run::Replica),
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
    /// Throughput and latency of an installation, against its own limits.
    Bench(bench::Bench),
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

/// Parses the arguments, runs the command, and tells how it ended.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wsa: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        // `wsa task list | head`: who reads has seen enough.
        Err(error) if output::is_unread(&error) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wsa: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(up) => up.run().await,
        Command::Api(replica) => replica.run(crate::boot::Role::Api).await,
        Command::Worker(replica) => replica.run(crate::boot::Role::Worker).await,
        Command::Contracts(contracts) => contracts.run(),
        Command::Audit(audit) => audit.run().await,
        Command::Bench(bench) => bench.run().await,
        Command::Migrate(servers) => store::migrate(&servers).await,
        Command::Admin(admin) => admin.run().await,
        Command::Orders(orders) => orders.run().await,
        Command::Pay(pay) => pay.run().await,
        Command::Task(task) => task.run().await,
    }
}
