//! `wsa dead`: dead letters, as the store keeps them.

mod replay;

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use super::remote::{self, Remote};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::engine::store::dead_letters::{LetterFilter, StoredLetter};
use crate::protocols::ALL;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

/// `wsa dead`
#[derive(Debug, Subcommand)]
pub(super) enum Dead {
    /// The newest letters.
    List(List),
    /// One letter.
    Show(Show),
    /// Hand letters in again: an open task goes to the workers, a message of an upstream service to its door.
    Replay(replay::Replay),
}

/// Which letters.
#[derive(Debug, Clone, Args)]
struct Which {
    /// Only of this restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: Option<ObjectId>,
    /// Only of this task (taskGuid).
    #[arg(long, value_name = "GUID")]
    guid: Option<TaskGuid>,
    /// Only of this kind of task (taskType).
    #[arg(long = "type", value_name = "TYPE")]
    task_type: Option<String>,
    /// Only with this text in the reason.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only those that came at this time or later, like 2026-11-22T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    since: Option<Timestamp>,
    /// Only those that came before this time.
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    until: Option<Timestamp>,
}

impl Which {
    fn filter(&self, most: i64) -> LetterFilter {
        let Which { object, guid, task_type, reason, since, until } = self.clone();
        LetterFilter { id: None, object, guid, task_type, reason, since, until, most }
    }

    /// Whether it names any letters rather than all of them.
    fn is_any(&self) -> bool {
        let Which { object, guid, task_type, reason, since, until } = self;
        let named = [object.is_some(), guid.is_some(), task_type.is_some(), reason.is_some()];
        named.contains(&true) || since.is_some() || until.is_some()
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    which: Which,
    /// At most so many.
    #[arg(
        long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(i64).range(1..=100_000)
    )]
    limit: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its number, as `wsa dead list` shows it.
    id: i64,
    /// Print the message, too: a customer's data may be in it.
    #[arg(long)]
    body: bool,
    #[command(flatten)]
    on: StoreFlags,
}

/// A letter as it is listed; nothing in it is a customer's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    id: i64,
    last_at: Timestamp,
    first_at: Timestamp,
    times: i64,
    door: &'static str,
    object_id: Option<ObjectId>,
    task_guid: Option<TaskGuid>,
    task_type: Option<String>,
    /// How the task stands; absent: the store has no such task.
    task: Option<String>,
    publisher: Option<String>,
    aggregator: Option<String>,
    message_id: Option<String>,
    replayed_at: Option<Timestamp>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl From<StoredLetter> for Listing {
    fn from(stored: StoredLetter) -> Listing {
        let StoredLetter { id, letter, task, times, first_at, last_at, replayed_at } = stored;
        Listing {
            id,
            last_at,
            first_at,
            times,
            door: letter.door.as_str(),
            object_id: letter.object,
            task_guid: letter.guid,
            task_type: letter.task_type,
            task,
            publisher: letter.publisher,
            aggregator: letter.aggregator,
            message_id: letter.message_id,
            replayed_at,
            reason: letter.reason,
            body: None,
        }
    }
}

fn time(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn or_dash<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "-".to_owned(), T::to_string)
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] =
        &["id", "last", "times", "door", "object", "task", "type", "stands", "replayed", "reason"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            time(self.last_at),
            self.times.to_string(),
            self.door.into(),
            or_dash(self.object_id.as_ref()),
            or_dash(self.task_guid.as_ref()),
            or_dash(self.task_type.as_ref()),
            or_dash(self.task.as_ref()),
            or_dash(self.replayed_at.map(time).as_ref()),
            self.reason.clone(),
        ]
    }
}

impl Dead {
    pub(super) async fn run(
        self,
        remote: Option<Remote>,
        why: Option<String>,
    ) -> anyhow::Result<ExitCode> {
        match (self, remote) {
            (Dead::List(list), None) => list.run().await,
            (Dead::Show(show), None) => show.run().await,
            (Dead::Replay(replay), None) => replay.run().await,
            (Dead::List(list), Some(remote)) => list.there(&remote).await,
            (Dead::Show(show), Some(remote)) => show.there(&remote).await,
            (Dead::Replay(replay), Some(remote)) => replay.there(&remote, why).await,
        }
    }
}

impl Which {
    /// As the operator API is asked.
    fn query(&self, most: i64) -> Vec<(&'static str, Option<String>)> {
        let Which { object, guid, task_type, reason, since, until } = self;
        vec![
            ("object", object.map(|object| object.to_string())),
            ("taskGuid", guid.map(|guid| guid.to_string())),
            ("type", task_type.clone()),
            ("reason", reason.clone()),
            ("from", since.map(|at| at.to_string())),
            ("to", until.map(|at| at.to_string())),
            ("limit", Some(most.min(500).to_string())),
        ]
    }
}

/// What is shown of letters that come over the operator API.
const COLUMNS: [(&str, &str); 7] = [
    ("id", "id"),
    ("last", "lastAt"),
    ("times", "times"),
    ("object", "objectId"),
    ("task", "taskGuid"),
    ("stands", "task"),
    ("reason", "reason"),
];

impl List {
    async fn there(self, ops: &Remote) -> anyhow::Result<ExitCode> {
        let found = ops.get(&["letters"], &self.which.query(self.limit)).await?;
        remote::list(&found, &COLUMNS, self.on.json)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn run(self) -> anyhow::Result<ExitCode> {
        let store = self.on.open(&ALL).await?;
        let letters = store.dead_letters(&self.which.filter(self.limit)).await?;
        let rows: Vec<Listing> = letters.into_iter().map(Listing::from).collect();
        output::list(&rows, self.on.json)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The letter with this number.
async fn letter(store: &Store, id: i64) -> anyhow::Result<StoredLetter> {
    let filter = LetterFilter { id: Some(id), most: 1, ..LetterFilter::default() };
    match store.dead_letters(&filter).await?.pop() {
        Some(letter) => Ok(letter),
        None => bail!("there is no dead letter {id}: `wsa dead list` shows those there are"),
    }
}

impl Show {
    async fn there(self, ops: &Remote) -> anyhow::Result<ExitCode> {
        if self.body {
            bail!("--body: what a message says may be personal: it is not shown over --ops");
        }
        let found = ops.get(&["letters", &self.id.to_string()], &[]).await?;
        remote::one(&found, self.on.json)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn run(self) -> anyhow::Result<ExitCode> {
        let store = self.on.open(&ALL).await?;
        let mut listing = Listing::from(letter(&store, self.id).await?);
        if self.body {
            let body = store.dead_body(self.id).await?;
            listing.body = body.map(|body| String::from_utf8_lossy(&body).into_owned());
        }
        match self.on.json {
            true => output::json_line(&listing)?,
            false => print(&listing, self.body)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(letter: &Listing, body: bool) -> std::io::Result<()> {
    let lines = [
        ("letter", letter.id.to_string()),
        ("reason", letter.reason.clone()),
        (
            "came",
            format!(
                "{} times, {} to {}",
                letter.times,
                time(letter.first_at),
                time(letter.last_at)
            ),
        ),
        ("replayed", or_dash(letter.replayed_at.map(time).as_ref())),
        ("door", letter.door.to_owned()),
        ("object", or_dash(letter.object_id.as_ref())),
        ("task", or_dash(letter.task_guid.as_ref())),
        ("type", or_dash(letter.task_type.as_ref())),
        ("stands", letter.task.clone().unwrap_or_else(|| "no such task is registered".into())),
        ("publisher", or_dash(letter.publisher.as_ref())),
        ("aggregator", or_dash(letter.aggregator.as_ref())),
        ("message_id", or_dash(letter.message_id.as_ref())),
    ];
    for (name, value) in lines {
        output::line(format_args!("{name:<10} {}", output::printable(&value)))?;
    }
    match (&letter.body, body) {
        (Some(body), _) => output::line(format_args!("\n{}", output::printable(body))),
        (None, true) => output::line("\nits message is not kept"),
        (None, false) => Ok(()),
    }
}
