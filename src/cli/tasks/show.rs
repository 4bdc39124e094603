//! `wsa task show`: what happened to one task.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::Listing;
use crate::cli::remote::{self, Remote};
use crate::domain::task::TaskGuid;
use crate::engine::store::dead_letters::LetterFilter;
use crate::engine::store::tasks::story::Story;
use crate::ops::queries::tasks::{Step, TaskSummary, steps};
use crate::protocols::ALL;
use crate::surface::store::StoreFlags;
use crate::terminal::colour;
use crate::terminal::output::{self, Listed};

/// The most dead letters of one task that are shown.
const MOST_LETTERS: i64 = 100;

/// `wsa task show`
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The task (taskGuid), as its caller was told, or `wsa task list` shows it.
    guid: TaskGuid,
    /// Ask the operator API at this URL, with the token in WSA_OPS_TOKEN, instead of the database.
    #[arg(long, value_name = "URL")]
    ops: Option<String>,
    #[command(flatten)]
    on: StoreFlags,
}

impl Listed for Step {
    const COLUMNS: &'static [&'static str] = &["at", "what", "detail"];

    fn cells(&self) -> Vec<String> {
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        vec![at, self.what.into(), self.detail.clone()]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(flatten)]
    task: Listing,
    named: bool,
    sync: bool,
    reply_to: Option<String>,
    correlation_id: Option<String>,
    published: i64,
    answered_at: Option<Timestamp>,
    timeline: Vec<Step>,
}

impl Show {
    async fn there(&self, ops: &Remote) -> anyhow::Result<ExitCode> {
        let mut task = ops.get(&["tasks", &self.guid.to_string()], &[]).await?;
        if self.on.json {
            output::json_line(&task)?;
            return Ok(ExitCode::SUCCESS);
        }
        let timeline = serde_json::json!({"items": task["timeline"].take()});
        remote::one(&task, false)?;
        remote::list(&timeline, &[("at", "at"), ("what", "what"), ("detail", "detail")], false)?;
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(url) = &self.ops {
            return self.there(&Remote::at(url)?).await;
        }
        let store = self.on.open(&ALL).await?;
        let Some(story) = store.story(self.guid).await? else {
            bail!(
                "the store has no task {}: none was accepted, or its answer is kept no longer (store.retention_days); \
                 `wsa task list` shows the newest",
                self.guid
            );
        };
        let filter =
            LetterFilter { guid: Some(self.guid), most: MOST_LETTERS, ..LetterFilter::default() };
        let timeline = steps(&story, &store.dead_letters(&filter).await?);
        let Story { task, named, sync, reply_to, correlation_id, published, answered_at, .. } =
            story;
        let task = Listing::from(TaskSummary::from(task));
        if self.on.json {
            output::json_line(&Shown {
                task,
                named,
                sync,
                reply_to,
                correlation_id,
                published,
                answered_at,
                timeline,
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        let aggregator = task.aggregator.as_deref().unwrap_or("nobody who is known any more");
        let Listing { task_guid, task_type, object_id, state, code, message, .. } = &task;
        let code = code.as_deref().unwrap_or_default();
        let head = format!("task {task_guid}: {task_type} of {aggregator} for {object_id}:");
        let head = format!("{} {}", output::printable(&head), colour::state(state));
        output::line(format!("{head} {}", output::printable(code)).trim_end())?;
        if let Some(message) = message {
            output::line(output::printable(message))?;
        }
        output::list(&timeline, false)?;
        Ok(ExitCode::SUCCESS)
    }
}
