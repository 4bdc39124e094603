//! What happened to a task, moment by moment.

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::store::callbacks::log::Attempt;
use crate::engine::store::dead_letters::StoredLetter;
use crate::engine::store::tasks::story::{Story, Waiting};

/// A moment in a task's way.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// A word for programs: `accepted`, `answered`, `posted`, ...
    pub what: &'static str,
    /// The same for people.
    pub detail: String,
}

/// What the store knows of a task, as moments in their order. Those that are still to come are among them.
pub fn steps(story: &Story, letters: &[StoredLetter]) -> Vec<Step> {
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
    steps.extend(letters.iter().map(|stored| Step {
        at: stored.last_at,
        what: "dead",
        detail: format!("dead letter {}: {}", stored.id, stored.letter.reason),
    }));
    steps.sort_by_key(|step| step.at);
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
    let Attempt { url, attempt, attempted_at, took_ms, status, error, next_at, .. } = attempt;
    let came = match (status, error) {
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".into(),
    };
    let again = next_at.map(|at| format!(", again at {}", time(at))).unwrap_or_default();
    let detail = format!("{url}, attempt {attempt}: {came} after {took_ms} ms{again}");
    Step { at: *attempted_at, what: "posted", detail }
}

fn waits(waiting: &Waiting) -> Step {
    let Waiting { kind, url, added_at, due_at } = waiting;
    let place = url.as_deref().unwrap_or(kind.as_str());
    let detail = format!("the answer waits for {place}, due at {}", time(*due_at));
    Step { at: *added_at, what: "waits", detail }
}

fn time(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
