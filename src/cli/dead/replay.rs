//! `wsa dead replay`: what was dead is tried once more. A task that has its answer keeps it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::{Which, letter};
use crate::cli::output::{self, progress};
use crate::cli::store::StoreFlags;
use crate::config::Settings;
use crate::dead_letter::Door;
use crate::queue::amqp::{AmqpQueue, Replay as Message};
use crate::store::Store;
use crate::store::dead_letters::StoredLetter;
use crate::store::upstream::Publisher;
use crate::upstream::identity::{Claim, claim};

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

/// What became of a letter.
enum Outcome {
    /// Its open task goes to the workers again.
    Published,
    /// Its message went to the door of upstream services again.
    Sent,
    /// Its task is answered, with this outcome; nothing was done.
    Answered(String),
    /// It cannot be replayed, for this reason.
    Impossible(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    id: i64,
    outcome: &'static str,
    told: &'a str,
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Outcome::Published => "published",
            Outcome::Sent => "sent",
            Outcome::Answered(_) => "answered",
            Outcome::Impossible(_) => "impossible",
        }
    }

    fn told(&self) -> String {
        match self {
            Outcome::Published => "its task is open and goes to the workers again".into(),
            Outcome::Sent => "its message is handed in again".into(),
            Outcome::Answered(outcome) => format!(
                "its task is already answered ({outcome}): nothing is changed; whoever wants it done asks with a \
                 new task"
            ),
            Outcome::Impossible(why) => why.clone(),
        }
    }
}

impl Replay {
    pub(in crate::cli) async fn run(self) -> anyhow::Result<ExitCode> {
        let store = self.on.open().await?;
        let letters = self.letters(&store).await?;
        if self.ids.is_empty() && !self.yes {
            let count = letters.len();
            output::line(format_args!("{count} letters match: --yes replays them"))?;
            return Ok(ExitCode::FAILURE);
        }
        let mut hands = Hands { store, settings: self.on.settings()?, queue: None };
        let bar = progress(letters.len() as u64);
        let mut all = true;
        for letter in letters {
            let id = letter.id;
            let outcome = hands.replay(letter).await?;
            all &= !matches!(outcome, Outcome::Impossible(_));
            let told = outcome.told();
            bar.suspend(|| match self.on.json {
                true => output::json_line(&Told { id, outcome: outcome.name(), told: &told }),
                false => output::line(format_args!("letter {id}: {}", output::printable(&told))),
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
    async fn replay(&mut self, stored: StoredLetter) -> anyhow::Result<Outcome> {
        let outcome = match (&stored.task, stored.letter.door) {
            (Some(_), _) => self.publish(&stored).await?,
            (None, Door::Upstream) => self.send(&stored).await?,
            (None, Door::Work) => Outcome::Impossible(
                "the store has no such task: nobody was told that it is accepted, so its sender \
                 has to send it again"
                    .into(),
            ),
        };
        if matches!(outcome, Outcome::Published | Outcome::Sent) {
            self.store.dead_replayed(&[stored.id]).await?;
        }
        Ok(outcome)
    }

    /// Of a task that the store has.
    async fn publish(&self, stored: &StoredLetter) -> anyhow::Result<Outcome> {
        let (Some(guid), Some(stands)) = (stored.letter.guid, &stored.task) else {
            return Ok(Outcome::Impossible("it names no task".into()));
        };
        if self.store.publish_again(guid).await? {
            return Ok(Outcome::Published);
        }
        Ok(match stands.as_str() {
            "open" => {
                Outcome::Impossible("its task is past its deadline: it is answered Timeout".into())
            }
            outcome => Outcome::Answered(outcome.to_owned()),
        })
    }

    /// A message that never became a task.
    async fn send(&mut self, stored: &StoredLetter) -> anyhow::Result<Outcome> {
        let impossible = |why: &str| Ok(Outcome::Impossible(why.to_owned()));
        if let Some(denied) = &stored.letter.denied {
            return Ok(Outcome::Impossible(format!(
                "{denied}: that stays true, so its publisher has to send it again"
            )));
        }
        let Some(body) = self.store.dead_body(stored.id).await? else {
            return impossible("its message is not kept");
        };
        let Some(amqp) = self.settings.amqp() else {
            return impossible("it came over RabbitMQ, and the setting amqp.url is empty");
        };
        let letter = &stored.letter;
        let (user, named) = (letter.publisher.as_deref(), letter.aggregator.as_deref());
        let claim = match claim(user, named, &amqp.user()) {
            Ok(claim) => claim,
            Err(refusal) => return Ok(Outcome::Impossible(refusal.desc)),
        };
        let Some(publisher) = self.publisher(&claim).await? else {
            return Ok(Outcome::Impossible(match claim {
                Claim::User(user) => format!(
                    "user {user:?} publishes for no aggregator: `wsa admin aggregator amqp enable` lets it"
                ),
                Claim::Name(name) => format!("there is no aggregator {name:?}"),
            }));
        };
        let aggregator = publisher.aggregator.name;
        let message = Message { body, aggregator, message_id: letter.message_id.clone() };
        let queue = self.queue.get_or_insert_with(|| AmqpQueue::start(amqp));
        connected(queue).await?;
        queue.replay(&[message]).await?;
        Ok(Outcome::Sent)
    }

    async fn publisher(&self, claim: &Claim) -> anyhow::Result<Option<Publisher>> {
        let mut found = self.store.find_publishers(std::slice::from_ref(claim)).await?;
        Ok(found.remove(claim))
    }
}

async fn connected(queue: &AmqpQueue) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while queue.dead_waiting().await.is_err() {
        if Instant::now() >= until {
            bail!("RabbitMQ at {} is not there within {PATIENCE:?}", queue.settings().place());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
