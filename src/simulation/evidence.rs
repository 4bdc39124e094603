//! What clients were told, word for word.

use std::collections::BTreeSet;

use serde_json::Value;

use super::intent::Intent;

/// The codes of errors that say nothing of how a task came out.
const UNDECIDED: [&str; 2] = ["TaskInProgress", "LimitExceeded"];

/// What one client knows of one task.
#[derive(Debug)]
pub(super) struct Told {
    pub intent: Intent,
    /// Whether it was told that the task is accepted.
    pub accepted: bool,
    /// Every final answer it was given.
    pub answers: BTreeSet<String>,
    /// What it was told that is neither, and should not have been.
    pub strange: Vec<String>,
}

/// What a reply to a request means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The task is accepted; its answer is not known yet.
    Accepted,
    /// This is its answer.
    Answer,
    /// Nothing is certain: try again.
    TryAgain,
    /// It should not have been said.
    Strange,
}

impl Told {
    pub(super) fn new(intent: Intent) -> Told {
        Told { intent, accepted: false, answers: BTreeSet::new(), strange: Vec::new() }
    }

    /// Takes note of a reply, and tells what it means.
    pub(super) fn note(&mut self, status: u16, body: &str, polled: bool) -> Meaning {
        let meaning = meaning(status, body, polled, self.accepted, &self.intent);
        match meaning {
            Meaning::Accepted => self.accepted = true,
            Meaning::Answer => {
                self.accepted = true;
                self.answers.insert(body.to_owned());
            }
            Meaning::TryAgain => {}
            Meaning::Strange => self.strange.push(format!("{status} {body}")),
        }
        meaning
    }
}

fn meaning(status: u16, body: &str, polled: bool, accepted: bool, intent: &Intent) -> Meaning {
    let Ok(json) = serde_json::from_str::<Value>(body) else { return Meaning::Strange };
    let guid = json["responseCommon"]["taskGuid"].as_str();
    let mine = guid == Some(intent.guid.to_string().as_str());
    match (status, code(&json)) {
        (429 | 503, _) => Meaning::TryAgain,
        (200, Some("TaskInProgress")) if mine => Meaning::Accepted,
        (200, Some("TaskNotFound")) if polled && !accepted => Meaning::TryAgain,
        (200, Some(code)) if UNDECIDED.contains(&code) => Meaning::TryAgain,
        (200, Some("TaskNotFound" | "AccessDenied" | "AuthFailed" | "BadRequest")) => {
            Meaning::Strange
        }
        (200, _) if !mine => Meaning::Strange,
        (200, None) if !polled && !intent.sync => Meaning::Accepted,
        (200, _) => Meaning::Answer,
        _ => Meaning::Strange,
    }
}

/// The code of an error; `None` when there is none.
pub(super) fn code(answer: &Value) -> Option<&str> {
    let error = answer.get("error")?;
    let error = error.get("agentError").or_else(|| error.get("wsError"));
    Some(error.and_then(|error| error["code"].as_str()).unwrap_or("an error without a code"))
}
