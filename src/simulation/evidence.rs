//! What clients were told, word for word.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::checker::Remains;
use super::tasks::TaskRow;
use super::weeks::Again;
use crate::domain::task::TaskGuid;

/// What the clients of one protocol know after a run.
pub(crate) trait Evidence: Send {
    /// What they were told of each of their tasks.
    fn told(&self) -> Vec<&Told>;

    /// Whether a task that nobody has a name for is one of this protocol's clients all the same.
    fn owns(&self, _task: &TaskRow) -> bool {
        false
    }

    /// What of that the tables contradict, beside what is asked of every task.
    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>>;
}

/// What one client knows of one task.
pub(crate) struct Told {
    pub guid: TaskGuid,
    /// For people.
    pub name: String,
    /// Whether it was told that the task is accepted.
    pub accepted: bool,
    /// Every final answer it was given.
    pub answers: BTreeSet<String>,
    /// What it was told that is neither, and should not have been.
    pub strange: Vec<String>,
    /// What it takes for a no that holds for ever.
    pub denied: Option<Denial>,
    /// How the same is asked for again.
    pub again: Option<Again>,
    /// The outcome that a stored answer tells of.
    pub outcome: fn(&str) -> &'static str,
    /// What a client is given of a stored answer.
    pub form: Form,
}

/// How a stored answer is told.
pub(crate) type Form = Box<dyn Fn(&str) -> String + Send + Sync>;

/// How a client was told that nothing of its task is done, nor will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Its first request was answered that it was not accepted.
    NotAccepted,
    /// Nobody knew of it after twice its expiration.
    AfterItsTime,
    /// Its message was refused: what broke a rule, came when there was no right to it or no room.
    Refused,
}

/// What a reply to a request means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The task is accepted; its answer is not known yet.
    Accepted,
    /// This is its answer.
    Answer(String),
    /// Nothing is certain: try again.
    TryAgain,
    /// It says that nothing of this request was accepted.
    Denied,
    /// It should not have been said.
    Strange(String),
}

/// Whether a reply says in its words that nothing was accepted.
pub(crate) fn denies(body: &str) -> bool {
    body.contains("nothing was accepted")
}

impl Told {
    pub(crate) fn new(guid: TaskGuid, name: String, outcome: fn(&str) -> &'static str) -> Told {
        let (answers, strange) = (BTreeSet::new(), Vec::new());
        let form = Box::new(str::to_owned);
        Told {
            guid,
            name,
            accepted: false,
            answers,
            strange,
            denied: None,
            again: None,
            outcome,
            form,
        }
    }

    /// Takes note of a reply.
    pub(crate) fn note(&mut self, meaning: &Meaning) {
        match meaning {
            Meaning::Accepted => self.accepted = true,
            Meaning::Answer(answer) => {
                self.accepted = true;
                self.answers.insert(answer.clone());
            }
            Meaning::TryAgain | Meaning::Denied => {}
            Meaning::Strange(reply) => self.strange.push(reply.clone()),
        }
    }
}
