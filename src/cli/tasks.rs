//! `wsa task list` and `wsa task show`: tasks as the store has them, for an operator.

mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use self::show::Show;
use super::remote::{self, Remote};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::tasks::{ListedTask, TaskFilter, TaskState};
use crate::protocols::ALL;
use crate::protocols::whiteserver::commands::Task as Client;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};

/// `wsa task`
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    #[command(flatten)]
    Client(Client),
    /// The newest tasks of all callers, from the store: an operator's view.
    List(List),
    /// What happened to one task, from the store: when it was accepted, handed on, answered and delivered, and why it was
    /// not done. An operator's view.
    Show(Show),
}

impl Task {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Task::Client(client) => client.run().await,
            Task::List(list) => list.run().await,
            Task::Show(show) => show.run().await,
        }
    }
}

/// `wsa task list`
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: Option<ObjectId>,
    /// Only of this caller.
    #[arg(long, value_name = "NAME")]
    aggregator: Option<String>,
    /// Only those that stand so.
    #[arg(long, value_name = "open|done|refused|timeout|failed|cancelled")]
    state: Option<TaskState>,
    /// At most so many.
    #[arg(
        long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(i64).range(1..=10_000)
    )]
    limit: i64,
    /// Ask the operator API at this URL, with the token in WSA_OPS_TOKEN, instead of the database.
    #[arg(long, value_name = "URL")]
    ops: Option<String>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    task_guid: TaskGuid,
    task_type: String,
    object_id: ObjectId,
    aggregator: Option<String>,
    registered_at: Timestamp,
    not_before: Option<Timestamp>,
    deadline: Timestamp,
    state: &'static str,
    /// Why it was not done: a code and a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl From<ListedTask> for Listing {
    fn from(task: ListedTask) -> Listing {
        let (code, message) = task.refusal.map(|told| (told.code, told.message)).unzip();
        Listing {
            code,
            message,
            task_guid: task.key.guid,
            task_type: task.task_type,
            object_id: task.key.object,
            aggregator: task.aggregator,
            registered_at: task.registered_at,
            not_before: task.not_before,
            deadline: task.deadline,
            state: task.state.as_str(),
        }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &[
        "task",
        "type",
        "object",
        "aggregator",
        "registered",
        "not before",
        "deadline",
        "state",
        "code",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.task_guid.to_string(),
            self.task_type.clone(),
            self.object_id.to_string(),
            self.aggregator.clone().unwrap_or_else(|| "-".into()),
            time(self.registered_at),
            self.not_before.map(time).unwrap_or_default(),
            time(self.deadline),
            self.state.into(),
            self.code.clone().unwrap_or_default(),
        ]
    }
}

fn time(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl List {
    async fn there(&self, ops: &Remote) -> anyhow::Result<ExitCode> {
        let query = [
            ("object", self.object.map(|object| object.to_string())),
            ("caller", self.aggregator.clone()),
            ("state", self.state.map(|state| state.as_str().to_owned())),
            ("limit", Some(self.limit.min(500).to_string())),
        ];
        let columns = [
            ("task", "taskGuid"),
            ("type", "taskType"),
            ("object", "objectId"),
            ("aggregator", "caller"),
            ("registered", "registeredAt"),
            ("state", "state"),
            ("code", "code"),
        ];
        remote::list(&ops.get(&["tasks"], &query).await?, &columns, self.on.json)?;
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(url) = &self.ops {
            return self.there(&Remote::at(url)?).await;
        }
        let store = self.on.open(&ALL).await?;
        if let Some(object) = self.object {
            store::check_objects(&store, &[object]).await?;
        }
        let aggregator = match &self.aggregator {
            Some(name) => Some(store::aggregator(&store, name).await?.id),
            None => None,
        };
        let filter =
            TaskFilter { object: self.object, aggregator, state: self.state, most: self.limit };
        let tasks = store.tasks(filter).await?;
        let rows: Vec<Listing> = tasks.into_iter().map(Listing::from).collect();
        output::list(&rows, self.on.json)?;
        Ok(ExitCode::SUCCESS)
    }
}
