//! The subcommands. One binary: a role each, and the commands of people.

mod admin;
mod audit;
mod backup;
mod bench;
mod conduct;
mod contracts;
mod dead;
mod demo;
mod examples;
mod health;
mod migrate;
mod mistakes;
mod orders;
mod reload;
mod remote;
mod run;
mod settings;
mod shell;
mod tasks;
mod version;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::remote::Remote;
use crate::database::error::chain;
use crate::protocols::ALL;
use crate::protocols::whiteserver::commands::{Listen, Orders, Pay};
use crate::runtime::signals::{self, Blocked};
use crate::runtime::telemetry;
use crate::surface::conduct::Conduct;
use crate::surface::store::Servers;
use crate::terminal::colour::{self, When};
use crate::terminal::output;

/// Takes payments and order tasks for restaurants, applies each exactly once, answers in time.
#[derive(Debug, Parser)]
#[command(name = "wsa", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colours of states: on a terminal, always, or never. The variable NO_COLOR turns them off on a terminal.
    #[arg(
        long,
        global = true,
        value_name = "auto|always|never",
        default_value_t,
        hide_default_value = true
    )]
    color: When,
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
    Orders(Orders),
    /// One order, as an operator sees it.
    #[command(subcommand)]
    Order(orders::Order),
    /// Pay an order: submit, wait, print the answer.
    Pay(Pay),
    /// Hear of answers and events, and post them to a URL of your own as callbacks are posted.
    Listen(Listen),
    /// Tasks and their answers.
    #[command(subcommand)]
    Task(tasks::Task),
    /// What to type to try everything that `wsa up --demo` has put in.
    Demo(demo::ShowDemo),
    /// Whether the store keeps the promises: sums, outcomes, deadlines, orphans.
    Audit(audit::Audit),
    /// Copy an embedded store, while it is served.
    Backup(backup::BackUp),
    /// Dead letters: deliveries that no worker could settle, and messages that are no task.
    #[command(subcommand)]
    Dead(dead::Dead),
    /// Throughput and latency of an installation, against its own limits.
    Bench(bench::Bench),
    /// Whether a process is ready: what /readyz of it reports.
    Health(health::Health),
    /// OpenAPI, AsyncAPI and JSON Schemas of this version.
    Contracts(contracts::Contracts),
    /// The settings: what each is, where it comes from, and whether they are right.
    #[command(subcommand)]
    Config(settings::Config),
    /// Which program this is: version, commit, build, schema.
    Version(version::Version),
    /// A script that completes these commands in a shell.
    Completions(shell::Completions),
    /// The manual pages of these commands.
    Man(shell::Man),
}

/// How long what still blocks a thread at the end may hold up the end.
const LEFT_OVER: Duration = Duration::from_millis(200);

/// Parses the arguments, runs the command, and tells how it ended.
pub fn main() -> ExitCode {
    // Before anything else: a signal that comes from now on is kept until it is taken up.
    let signals = signals::block();
    let matches = match mistakes::parse(std::env::args_os()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let conduct = conduct::of(&matches);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    colour::set(cli.color);
    let remote = Remote::of(&matches);
    let run = |signals| {
        let remote = remote?;
        command(cli.command, (conduct, remote), signals)
    };
    match signals.map_err(anyhow::Error::from).and_then(run) {
        Ok(code) => code,
        // `wsa task list | head`: who reads has seen enough.
        Err(error) if output::is_unread(&error) => ExitCode::FAILURE,
        Err(error) => {
            telemetry::last_words(format!("wsa: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

/// All commands.
fn command_line() -> clap::Command {
    examples::with_examples(conduct::with_reasons(Cli::command()))
}

fn command(
    command: Command,
    (conduct, remote): (Option<Conduct>, Option<Remote>),
    signals: Blocked,
) -> anyhow::Result<ExitCode> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if std::env::var_os(THREADS).is_none() {
        runtime.worker_threads(threads());
    }
    let runtime = runtime.enable_all().build().context("the runtime cannot start")?;
    let reason = conduct.as_ref().and_then(|conduct| conduct.act.reason.clone());
    let running = run(command, (remote, reason), signals);
    let code = match conduct {
        Some(conduct) => runtime.block_on(conduct.scope(running)),
        None => runtime.block_on(running),
    };
    // Not by dropping it, which would wait for a file system or a name server that does not answer.
    runtime.shutdown_timeout(LEFT_OVER);
    code
}

/// What sets the number of threads that run tasks; the runtime reads it.
const THREADS: &str = "TOKIO_WORKER_THREADS";

/// How many threads run tasks: as many as there are processors, less one, as the client of RabbitMQ has a thread of its
/// own. On two processors a payment alone then wakes no second thread at each step: a tenth less processor time.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() - 1).max(1))
}

async fn run(
    command: Command,
    (remote, reason): (Option<Remote>, Option<String>),
    signals: Blocked,
) -> anyhow::Result<ExitCode> {
    let command = match command {
        Command::Serve(serve) => return serve.run(signals.take_up()?).await,
        Command::Once(once) => once,
    };
    signals.release()?;
    match command {
        Once::Demo(demo) => demo.run().await,
        Once::Config(config) => config.run(),
        Once::Contracts(contracts) => contracts.run(),
        Once::Version(version) => version.run(),
        Once::Completions(completions) => completions.run(),
        Once::Man(man) => man.run(),
        Once::Audit(audit) => audit.run().await,
        Once::Backup(backup) => backup.run().await,
        Once::Dead(dead) => dead.run(remote, reason).await,
        Once::Bench(bench) => bench.run().await,
        Once::Health(health) => health.run().await,
        Once::Migrate(servers) => migrate::run(&servers).await,
        Once::Admin(admin) => match remote {
            Some(remote) => remote.admin(reason.as_deref()).await,
            None => admin.run().await,
        },
        Once::Orders(orders) => orders.run(&ALL).await,
        Once::Order(order) => order.run().await,
        Once::Pay(pay) => pay.run().await,
        Once::Listen(listen) => listen.run().await,
        Once::Task(task) => task.run().await,
    }
}
