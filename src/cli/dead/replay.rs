//! `wsa dead replay`: what was dead is tried once more. A task that has its answer keeps it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{Which, letter};
use crate::cli::remote::Remote;
use crate::config::Settings;
use crate::engine::replay::{Replayed, replay};
use crate::engine::store::Store;
use crate::engine::store::dead_letters::StoredLetter;
use crate::ops::actions::letters::describe;
use crate::protocols::ALL;
use crate::queue::amqp::{AmqpQueue, Replay as Message};
use crate::queue::{DeadLetters, Transport};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, progress};

/// More than this is done in several goes.
const MOST: i64 = 10_000;
/// Nothing says which letters are meant.
const WHICH: &str = "which letters: name their numbers (`wsa dead list` has them), narrow them with a flag, or give --all";
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

impl Replay {
    /// The same over the operator API.
    pub(in crate::cli) async fn there(
        self,
        ops: &Remote,
        why: Option<String>,
    ) -> anyhow::Result<ExitCode> {
        let reason = why.context("--why: say why; the journal there keeps it")?;
        let mut replayed = Vec::new();
        for id in &self.ids {
            let (id, body) = (id.to_string(), json!({"reason": reason}));
            replayed.push(ops.post(&["letters", &id, "replay"], &[], body).await?);
        }
        if self.ids.is_empty() {
            if !self.all && !self.which.is_any() {
                bail!(WHICH);
            }
            let query = self.which.query(MOST);
            let count = ops.get(&["letters", "count"], &query).await?["letters"].clone();
            if !self.yes {
                output::line(format_args!("{count} letters match: --yes replays them"))?;
                return Ok(ExitCode::FAILURE);
            }
            let body = json!({"reason": reason, "expected": count});
            let done = ops.post(&["letters", "replay"], &query, body).await?;
            replayed.extend(done["items"].as_array().cloned().unwrap_or_default());
        }
        let mut all = true;
        for letter in &replayed {
            all &= letter["outcome"] != "impossible";
            let sentence = letter["sentence"].as_str().unwrap_or_default();
            match self.on.json {
                true => output::json_line(letter)?,
                false => output::line(format_args!(
                    "letter {}: {}",
                    letter["id"],
                    output::printable(sentence)
                ))?,
            }
        }
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

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
            let (outcome, sentence) = describe(&replayed);
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
                bail!(WHICH);
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
            let Some(amqp) = amqp else {
                bail!(
                    "the setting amqp.url is empty: name the broker with --amqp-url amqp://wsa:password@mq:5672/%2f"
                )
            };
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
