//! `wsa dead replay`: what was dead is tried once more. A task that has its answer keeps it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::{Which, letter};
use crate::config::Settings;
use crate::engine::replay::{Replayed, replay};
use crate::engine::store::Store;
use crate::engine::store::dead_letters::StoredLetter;
use crate::protocols::ALL;
use crate::queue::amqp::{AmqpQueue, Replay as Message};
use crate::queue::{DeadLetters, Transport};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, progress};

/// More than this is done in several goes.
const MOST: i64 = 10_000;
/// How long RabbitMQ may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);

const CODES: &str =
    "Exit codes: 0 each was handed in again or needs nothing any more, 1 some cannot be.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(in crate::cli) struct Replay {
    /// Their numbers, as `wsa dead list` shows them.
    #[arg(value_name = "ID", conflicts_with = "Which")]
    ids: Vec<i64>,
    /// Every letter, when nothing narrows it.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    which: Which,
    /// Do it, when letters are not named by their numbers; without it they are only counted.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: i64,
    outcome: &'static str,
    sentence: &'a str,
}

fn name(replayed: &Replayed) -> &'static str {
    match replayed {
        Replayed::Published => "published",
        Replayed::Sent => "sent",
        Replayed::Answered(_) => "answered",
        Replayed::Impossible(_) => "impossible",
    }
}

fn sentence(replayed: &Replayed) -> String {
    match replayed {
        Replayed::Published => "its task is open and goes to the workers again".into(),
        Replayed::Sent => "its message is handed in again".into(),
        Replayed::Answered(outcome) => format!(
            "its task is already answered ({outcome}): nothing is changed; whoever wants it done asks with a \
             new task"
        ),
        Replayed::Impossible(why) => why.clone(),
    }
}

impl Replay {
    pub(in crate::cli) async fn run(self) -> anyhow::Result<ExitCode> {
        let store = self.on.open(&ALL).await?;
        let letters = self.letters(&store).await?;
        if self.ids.is_empty() && !self.yes {
            let count = letters.len();
            output::line(format_args!("{count} letters match: --yes replays them"))?;
            return Ok(ExitCode::FAILURE);
        }
        let mut hands = Hands { store, settings: self.on.settings(&ALL)?, queue: None };
        let bar = progress(letters.len() as u64);
        let mut all = true;
        for letter in letters {
            let id = letter.id;
            let replayed = hands.replay(&letter).await?;
            all &= !matches!(replayed, Replayed::Impossible(_));
            let (outcome, sentence) = (name(&replayed), sentence(&replayed));
            bar.suspend(|| match self.on.json {
                true => output::json_line(&Line { id, outcome, sentence: &sentence }),
                false => {
                    output::line(format_args!("letter {id}: {}", output::printable(&sentence)))
                }
            })?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        if let Some(queue) = &hands.queue {
            queue.close().await;
        }
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn letters(&self, store: &Store) -> anyhow::Result<Vec<StoredLetter>> {
        if self.ids.is_empty() {
            if !self.all && !self.which.is_any() {
                bail!("which letters: name their numbers, narrow them with a flag, or give --all");
            }
            return Ok(store.dead_letters(&self.which.filter(MOST)).await?);
        }
        let mut letters = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            letters.push(letter(store, *id).await?);
        }
        Ok(letters)
    }
}

/// What replaying takes; RabbitMQ only when it is needed.
struct Hands {
    store: Store,
    settings: Settings,
    queue: Option<AmqpQueue>,
}

impl Hands {
    async fn replay(&mut self, stored: &StoredLetter) -> anyhow::Result<Replayed> {
        let amqp = self.settings.amqp();
        let user = amqp.as_ref().map(|amqp| amqp.user());
        let queue = &mut self.queue;
        let send = async |message: Message| {
            let Some(amqp) = amqp else { bail!("the setting amqp.url is empty") };
            let queue = queue.get_or_insert_with(|| AmqpQueue::start(amqp));
            connected(queue).await?;
            Ok(queue.replay(&[message]).await?)
        };
        replay(&self.store, stored, user.as_deref(), send).await
    }
}

async fn connected(queue: &AmqpQueue) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while queue.waiting().await.is_err() {
        if Instant::now() >= until {
            bail!("cannot connect to RabbitMQ at {} within {PATIENCE:?}", queue.settings().place());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
