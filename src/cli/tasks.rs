//! `wsa task list` and `wsa task show`: tasks as the store has them, for an operator.

mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use self::show::Show;
use super::remote::{self, Remote};
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::tasks::TaskState;
use crate::ops::queries::amount::AmountRange;
use crate::ops::queries::page::MOST;
use crate::ops::queries::tasks::{TaskQuery, TaskSummary, tasks};
use crate::protocols::ALL;
use crate::protocols::whiteserver::commands::Task as Client;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

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
    /// Only of this kind (taskType).
    #[arg(long = "type", value_name = "TYPE")]
    task_type: Option<String>,
    /// Only those that stand so. Open tasks of all objects come with the earliest deadline first, all others with the
    /// newest.
    #[arg(long, value_name = "open|done|refused|timeout|failed|cancelled")]
    state: Option<TaskState>,
    /// Only those that were refused with this code.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Only those that are about this amount, like 449.35.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse)]
    amount: Option<Money>,
    /// Only those that are about this amount or more.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse, conflicts_with = "amount")]
    amount_from: Option<Money>,
    /// Only those that are about this amount or less.
    #[arg(long, value_name = "AMOUNT", value_parser = Money::parse, conflicts_with = "amount")]
    amount_to: Option<Money>,
    /// Only those that were accepted at this time or later, like 2026-11-22T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    since: Option<Timestamp>,
    /// Only those that were accepted before this time.
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    until: Option<Timestamp>,
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

impl From<TaskSummary> for Listing {
    fn from(task: TaskSummary) -> Listing {
        let TaskSummary { task_guid, task_type, object_id, caller, state, code, message, .. } =
            task;
        let TaskSummary { registered_at, not_before, deadline, .. } = task;
        let aggregator = caller;
        Listing {
            task_guid,
            task_type,
            object_id,
            aggregator,
            registered_at,
            not_before,
            deadline,
            state,
            code,
            message,
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

/// How many pages are asked for at most: a rare amount may be in none of them.
const MOST_PAGES: usize = 1_000;

impl List {
    async fn there(&self, ops: &Remote) -> anyhow::Result<ExitCode> {
        let text = |amount: Option<Money>| amount.map(|amount| amount.to_string());
        let mut query = vec![
            ("object", self.object.map(|object| object.to_string())),
            ("caller", self.aggregator.clone()),
            ("type", self.task_type.clone()),
            ("state", self.state.map(|state| state.as_str().to_owned())),
            ("code", self.code.clone()),
            ("amount", text(self.amount)),
            ("amountFrom", text(self.amount_from)),
            ("amountTo", text(self.amount_to)),
            ("from", self.since.map(|at| at.to_string())),
            ("to", self.until.map(|at| at.to_string())),
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
        let filter = query.len();
        let (mut found, mut next) = (Vec::new(), Value::Null);
        for _ in 0..MOST_PAGES {
            query.truncate(filter);
            query.push(("limit", Some(self.page(found.len()).to_string())));
            query.push(("cursor", next.as_str().map(str::to_owned)));
            let mut page = ops.get(&["tasks"], &query).await?;
            found.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            next = page["next"].take();
            if !next.is_string() || found.len() as i64 >= self.limit {
                break;
            }
        }
        let more = next.is_string() && (found.len() as i64) < self.limit;
        remote::list(&json!({"items": found}), &columns, self.on.json)?;
        said_to_go_on(more);
        Ok(ExitCode::SUCCESS)
    }

    /// How many the next page has at most.
    fn page(&self, found: usize) -> i64 {
        (self.limit - found as i64).clamp(1, MOST)
    }

    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(url) = &self.ops {
            return self.there(&Remote::at(url)?).await;
        }
        let store = self.on.open(&ALL).await?;
        if let Some(object) = self.object {
            store::check_objects(&store, &[object]).await?;
        }
        if let Some(name) = &self.aggregator {
            store::aggregator(&store, name).await?;
        }
        let asked = AmountRange::asked(self.amount, self.amount_from, self.amount_to);
        let mut query = TaskQuery {
            object: self.object,
            caller: self.aggregator.clone(),
            task_type: self.task_type.clone(),
            state: self.state,
            code: self.code.clone(),
            amount: asked.map_err(anyhow::Error::msg)?,
            from: self.since,
            to: self.until,
            ..TaskQuery::default()
        };
        let mut rows: Vec<Listing> = Vec::new();
        for _ in 0..MOST_PAGES {
            query.limit = Some(self.page(rows.len()));
            let page = tasks(&store, &ALL, &query).await;
            let page = page.map_err(|problem| anyhow::anyhow!("{}", problem.message))?;
            rows.extend(page.items.into_iter().map(Listing::from));
            query.cursor = page.next;
            if query.cursor.is_none() || rows.len() as i64 >= self.limit {
                break;
            }
        }
        let more = query.cursor.is_some() && (rows.len() as i64) < self.limit;
        output::list(&rows, self.on.json)?;
        said_to_go_on(more);
        Ok(ExitCode::SUCCESS)
    }
}

/// Says that not all was looked through.
fn said_to_go_on(more: bool) {
    if more {
        eprintln!(
            "wsa: {MOST_PAGES} pages were looked through, and there are more: narrow it, by time perhaps"
        );
    }
}
