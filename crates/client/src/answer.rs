//! What a service says of a task.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::amount::Price;

/// A task that is accepted: it will be answered before its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its `taskGuid`.
    pub task: Uuid,
    /// The answer to the request as it came.
    pub raw: String,
}

/// The outcome of a task. It has one, and keeps it.
///
/// Only [`Answered::Done`] has a response, so no other outcome can be read as one.
#[derive(Debug, Clone)]
pub enum Answered {
    /// It was done: of a payment, the money was taken.
    Done(Done),
    /// It was refused, and nothing was changed.
    Refused(Refusal),
    /// Its deadline passed first: it was not done and never will be.
    TimedOut(Refusal),
    /// It was cancelled before it was executed: it was not done and never will be.
    Cancelled(Refusal),
}

/// A task that was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// Its `taskGuid`.
    pub task: Uuid,
    /// What it was (`taskType`).
    pub task_type: String,
    pub(crate) response: Box<RawValue>,
    pub(crate) raw: String,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The `taskGuid`, where the refusal names one.
    pub task: Option<Uuid>,
    /// The code, for programs: `WsaOrderClosed`, `License` and so on.
    pub code: String,
    /// A sentence, for people.
    pub description: String,
    /// Who refused.
    pub source: Source,
    pub(crate) raw: String,
}

/// Who refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The service (`wsError`).
    Server,
    /// The restaurant's agent (`agentError`).
    Agent,
    /// The cash system behind the agent (`rkError`), of which `wsa` has none.
    CashSystem,
}

/// A look at a task.
#[derive(Debug, Clone)]
pub enum Look {
    /// It has its answer.
    Answered(Answered),
    /// It is not answered yet.
    InProgress {
        /// A sentence with its deadline.
        description: String,
        /// The answer to the question as it came.
        raw: String,
    },
}

impl Answered {
    /// The response of a task that was done, and the reason of one that was not.
    ///
    /// # Errors
    ///
    /// The refusal, for every outcome but [`Answered::Done`].
    pub fn done(self) -> Result<Done, Refusal> {
        match self {
            Answered::Done(done) => Ok(done),
            Answered::Refused(why) | Answered::TimedOut(why) | Answered::Cancelled(why) => Err(why),
        }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        matches!(self, Answered::Done(_))
    }

    /// The answer as it came.
    pub fn raw(&self) -> &str {
        match self {
            Answered::Done(done) => &done.raw,
            Answered::Refused(why) | Answered::TimedOut(why) | Answered::Cancelled(why) => &why.raw,
        }
    }

    pub(crate) fn task(&self) -> Option<Uuid> {
        match self {
            Answered::Done(done) => Some(done.task),
            Answered::Refused(why) | Answered::TimedOut(why) | Answered::Cancelled(why) => why.task,
        }
    }
}

impl Done {
    /// `taskResponse`, as it came.
    pub fn response(&self) -> &str {
        self.response.get()
    }

    /// `taskResponse`, as a type of your own. Read amounts of it as [`Price`] does, or as strings: `f64` alters them.
    ///
    /// # Errors
    ///
    /// When the response is not of that type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.response.get())
    }

    /// What the order costs and what is due, where the response says it (`PayOrder`, `AddPrepayOrder`, `GetOrder`, ...).
    pub fn price(&self) -> Option<Price> {
        #[derive(serde::Deserialize)]
        struct Response {
            order: Order,
        }
        #[derive(serde::Deserialize)]
        struct Order {
            price: Price,
        }
        self.read::<Response>().ok().map(|response| response.order.price)
    }

    /// The answer as it came.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

impl Refusal {
    /// The answer as it came.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)
    }
}
