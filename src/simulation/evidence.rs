//! What clients were told, word for word.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::checker::Remains;
use crate::task::TaskGuid;

/// What the clients of one protocol know after a run.
pub(super) trait Evidence: Send {
    /// What they were told of each of their tasks.
    fn told(&self) -> Vec<&Told>;

    /// What of that the tables contradict, beside what is asked of every task.
    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>>;
}

/// What one client knows of one task.
#[derive(Debug)]
pub(super) struct Told {
    pub guid: TaskGuid,
    /// For people.
    pub name: String,
    /// Whether it was told that the task is accepted.
    pub accepted: bool,
    /// Every final answer it was given, as the store has it.
    pub answers: BTreeSet<String>,
    /// What it was told that is neither, and should not have been.
    pub strange: Vec<String>,
    /// The outcome that a stored answer tells of.
    pub outcome: fn(&str) -> &'static str,
}

/// What a reply to a request means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The task is accepted; its answer is not known yet.
    Accepted,
    /// This is its answer, as the store has it.
    Answer(String),
    /// Nothing is certain: try again.
    TryAgain,
    /// It should not have been said.
    Strange(String),
}

impl Told {
    pub(super) fn new(guid: TaskGuid, name: String, outcome: fn(&str) -> &'static str) -> Told {
        let (answers, strange) = (BTreeSet::new(), Vec::new());
        Told { guid, name, accepted: false, answers, strange, outcome }
    }

    /// Takes note of a reply.
    pub(super) fn note(&mut self, meaning: &Meaning) {
        match meaning {
            Meaning::Accepted => self.accepted = true,
            Meaning::Answer(answer) => {
                self.accepted = true;
                self.answers.insert(answer.clone());
            }
            Meaning::TryAgain => {}
            Meaning::Strange(reply) => self.strange.push(reply.clone()),
        }
    }
}
