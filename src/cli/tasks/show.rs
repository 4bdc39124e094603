//! `wsa task show`: what happened to one task.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::Listing;
use crate::domain::task::TaskGuid;
use crate::engine::store::dead_letters::LetterFilter;
use crate::engine::store::tasks::story::{Attempt, Story, Waiting};
use crate::protocols::ALL;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// The most dead letters of one task that are shown.
const MOST_LETTERS: i64 = 100;

/// `wsa task show`
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The task (taskGuid), as its caller was told, or `wsa task list` shows it.
    guid: TaskGuid,
    #[command(flatten)]
    on: StoreFlags,
}

/// A moment in a task's way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    at: Timestamp,
    /// A word for programs: `accepted`, `answered`, `posted` ..
    what: &'static str,
    /// The same for people.
    detail: String,
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
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let store = self.on.open(&ALL).await?;
        let Some(story) = store.story(self.guid).await? else {
            bail!(
                "the store has no task {}: none was accepted, or its answer is kept no longer (store.retention_days)",
                self.guid
            );
        };
        let filter =
            LetterFilter { guid: Some(self.guid), most: MOST_LETTERS, ..LetterFilter::default() };
        let mut timeline = steps(&story);
        timeline.extend(store.dead_letters(&filter).await?.into_iter().map(|stored| Step {
            at: stored.last_at,
            what: "dead",
            detail: format!("dead letter {}: {}", stored.id, stored.letter.reason),
        }));
        timeline.sort_by_key(|step| step.at);
        let Story { task, named, sync, reply_to, correlation_id, published, answered_at, .. } =
            story;
        let task = Listing::from(task);
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
        let head = format!(
            "task {task_guid}: {task_type} of {aggregator} for {object_id}: {state} {code}"
        );
        output::line(output::printable(head.trim_end()))?;
        if let Some(message) = message {
            output::line(output::printable(message))?;
        }
        output::list(&timeline, false)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What the store knows, as moments. Those that are still to come are among them.
fn steps(story: &Story) -> Vec<Step> {
    let Story { task, answered_at, .. } = story;
    let step = |at, what, detail: String| Step { at, what, detail };
    let mut steps = Vec::new();
    match task.not_before {
        None => steps.push(step(task.registered_at, "accepted", how(story))),
        Some(at) => steps.push(step(at, "begins", "accepted before, to begin at this time".into())),
    }
    match answered_at {
        Some(at) => {
            let refusal = task.refusal.as_ref().map(|told| format!(", {}", told.code));
            let detail = format!("{}{}", task.state.as_str(), refusal.unwrap_or_default());
            steps.push(step(*at, "answered", detail));
        }
        None => {
            let detail =
                format!("to the queue, should it be open then; so far {}", story.published);
            steps.push(step(story.publish_at, "publishes", detail));
            steps.push(step(task.deadline, "deadline", "the latest moment of its answer".into()));
        }
    }
    steps.extend(story.attempts.iter().map(posted));
    steps.extend(story.waiting.iter().map(waits));
    steps
}

fn how(story: &Story) -> String {
    let by = match (&story.reply_to, story.sync) {
        (Some(queue), _) => format!("answer wanted in {queue}"),
        (None, true) => "its caller waits".into(),
        (None, false) => "its caller asks for the answer".into(),
    };
    match story.named {
        true => format!("under a name of its caller's; {by}"),
        false => by,
    }
}

fn posted(attempt: &Attempt) -> Step {
    let Attempt { url, attempt, attempted_at, took_ms, status, error, next_at } = attempt;
    let came = match (status, error) {
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".into(),
    };
    let again = next_at.map(|at| format!(", again at {}", super::time(at))).unwrap_or_default();
    let detail = format!("{url}, attempt {attempt}: {came} after {took_ms} ms{again}");
    Step { at: *attempted_at, what: "posted", detail }
}

fn waits(waiting: &Waiting) -> Step {
    let Waiting { kind, url, added_at, due_at } = waiting;
    let place = url.as_deref().unwrap_or(kind.as_str());
    let detail = format!("the answer waits for {place}, due at {}", super::time(*due_at));
    Step { at: *added_at, what: "waits", detail }
}
