//! What clients observed: every reply that they received, word for word.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::checker::Remains;
use super::tasks::TaskRow;
use super::weeks::Again;
use crate::domain::task::TaskGuid;

/// What the clients of one protocol observed in a run.
pub(crate) trait Observations: Send {
    /// What they were told about each of their tasks.
    fn told(&self) -> Vec<&Told>;

    /// Whether a task that no client can name was created by a client of this protocol.
    fn owns(&self, _task: &TaskRow) -> bool {
        false
    }

    /// Where the tables contradict the clients, beyond the checks that hold for every task.
    fn wrong(&self, remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>>;
}

/// What one client was told about one task.
pub(crate) struct Told {
    pub guid: TaskGuid,
    /// The name of the task in reports.
    pub name: String,
    /// Whether the client was told that the task is accepted.
    pub accepted: bool,
    /// Every final answer that the client received.
    pub answers: BTreeSet<String>,
    /// Replies that should not have been sent.
    pub strange: Vec<String>,
    /// The denial that the client takes for final.
    pub denied: Option<Denial>,
    /// How the client submits the same task again.
    pub again: Option<Again>,
    /// Reads the outcome from a stored answer.
    pub outcome: fn(&str) -> &'static str,
    /// Renders a stored answer as the client receives it.
    pub form: Form,
}

/// Renders a stored answer as a client receives it.
pub(crate) type Form = Box<dyn Fn(&str) -> String + Send + Sync>;

/// How a client learned that its task is not done and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Its requests were all answered that nothing was accepted.
    NotAccepted,
    /// The task was unknown after twice its expiration.
    AfterItsTime,
    /// Its message was refused: it broke a rule, or came without a right or above a limit.
    Refused,
}

/// The meaning of a reply to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The task is accepted; its answer is not known yet.
    Accepted,
    /// The task has this answer.
    Answer(String),
    /// The outcome is unknown: try again.
    TryAgain,
    /// Nothing of this request was accepted.
    Denied,
    /// The reply should not have been sent.
    Strange(String),
}

/// Whether the text of a reply says that nothing was accepted.
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

    /// Records a reply.
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
