//! The seam between the engine and the protocols: what a protocol makes of the tasks that are its own.
//!
//! The engine accepts, keeps, delivers and answers tasks of any protocol and knows none. It finds the protocol of a
//! task by its type, and leaves to it what the task means: [`Protocol`]. A batch goes through each protocol
//! once: [`Protocols::prepare`].

pub mod audit;
pub mod callers;
mod engaged;
mod preparing;
mod registering;
pub mod stored;
mod used;

use std::future::ready;

use jiff::Timestamp;

use self::audit::Audit;
use self::callers::CallersOf;
pub use self::engaged::{Engaged, Protocols};
pub use self::registering::GuidsOf;
pub use self::used::used;
use crate::config::Settings;
use crate::database::{Db, Look, StoreError, Tx, Write};
use crate::domain::outbox::Notification;
use crate::domain::task::{ClaimedTask, NewTask, Outcome, TaskGuid, TaskKey, Undone};

/// A protocol: its commands, the state that they change, and the answers that its clients get.
pub trait Protocol: Send + Sync + 'static {
    /// What a task asks for, read from its request.
    type Command: Send + Sync;
    /// The loaded part of the protocol's tables, and the changes decided so far.
    type State: Send;
    /// What a task came to, refusals included.
    type Reply: Send;

    /// Its name. No two protocols share one.
    const NAME: &'static str;

    /// The table of its callers, with their `aggregator_id`. One protocol may have none: its callers are those who
    /// are in nobody's table.
    const CALLERS: Option<&'static str> = None;

    /// The callers of its other doors, each with a name of its own: at one door they are nobody at another.
    const OTHER_CALLERS: &'static [CallersOf] = &[];

    /// Where guids of its own stand that no new task by licence may have.
    const GUIDS: Option<GuidsOf> = None;

    /// The types of its tasks. No two protocols share one.
    const TASK_TYPES: &'static [&'static str];

    /// What must hold of its tables, for `wsa audit`.
    const AUDIT: Audit;

    /// Writes what is posted to a URL, for the one protocol whose callers have callbacks.
    const NOTIFICATION: Option<fn(&Notification) -> String> = None;

    /// Reads a stored request. It was read once before, when it was accepted; an error means that the rules became
    /// stricter in between, and is the answer.
    fn parse(task_type: &str, request: &str) -> Result<Self::Command, Decided<Self::Reply>>;

    /// The task that one is to cancel, by its stored request; it is of the same object. The engine cancels it, and
    /// [`ClaimedTask::cancellation`] says what became of it.
    fn cancels(_task_type: &str, _request: &str) -> Option<TaskGuid> {
        None
    }

    /// Loads and locks what these tasks need.
    ///
    /// Their rows are locked already, those of other protocols' tasks as well: each protocol locks its rows in
    /// one order.
    fn load(
        tx: &Tx,
        tasks: &[(&ClaimedTask, &Self::Command)],
    ) -> impl Future<Output = Result<Self::State, StoreError>> + Send;

    /// What [`Protocol::load`] will look up first for these tasks, in its order, so that it is looked up together with
    /// the tasks. Only what messages say is known of them: what `load` then asks otherwise is looked up by itself.
    fn foresee(_tasks: &[(TaskKey, Self::Command)]) -> Vec<Look> {
        Vec::new()
    }

    /// Carries out one task, at this moment of the database's clock. No I/O. A refusal leaves no partial effect.
    fn decide(
        state: &mut Self::State,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Self::Command,
    ) -> Decided<Self::Reply>;

    /// Takes note that a task of this batch was not carried out, for those that come after it.
    fn note_undone(_state: &mut Self::State, _task: &ClaimedTask, _reply: &Self::Reply) {}

    /// What is to be written of what was decided, in its order; it is sent together with the commit. The rows that it
    /// gives name the subscriptions into which something was put (`mailbox_id`). What has to be known, or locked, before
    /// is looked up here.
    fn write(
        tx: &Tx,
        state: Self::State,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Write>, StoreError>> + Send;

    /// What a task that was not carried out is answered.
    fn undone(task: &ClaimedTask, why: Undone) -> Self::Reply;

    /// Writes the answer as the task's client will read it.
    fn render(task: &ClaimedTask, reply: &Self::Reply) -> String;

    /// Reads from an answer, as [`Protocol::render`] wrote it, why its task was not done; `None` when it was, or when
    /// nothing says why.
    fn refusal(answer: &str) -> Option<Refusal>;

    /// Ends what has a date of its own in the protocol's tables and is past it, at most `most` of it, by the
    /// database's clock; returns how much. It waits for nobody.
    fn expire(_db: &Db, _most: usize) -> impl Future<Output = Result<usize, StoreError>> + Send {
        ready(Ok(0))
    }

    /// As [`Protocol::expire`], when something among it cannot be ended: all else is. Returns the error of what stays.
    fn expire_around(
        _db: &Db,
        _most: usize,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        ready(Ok(()))
    }

    /// What is to be done now although nobody asks for it, at most about `most` tasks of each kind. What is taken here
    /// is put off, so that it is taken again when its task comes to nothing. It waits for nobody.
    fn due(
        _db: &Db,
        _settings: &Settings,
        _most: usize,
    ) -> impl Future<Output = Result<Vec<NewTask>, StoreError>> + Send {
        ready(Ok(Vec::new()))
    }

    /// Deletes what is of no use any more, at most `most` rows; returns how many.
    fn forget(_db: &Db, _most: u64) -> impl Future<Output = Result<u64, StoreError>> + Send {
        ready(Ok(0))
    }
}

/// What a task came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided<R> {
    /// How it is counted.
    pub outcome: Outcome,
    /// What its client is told.
    pub reply: R,
}

/// Why a task was not done, as its client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The protocol's word or number for it.
    pub code: String,
    /// The sentence for people.
    pub message: String,
}

/// What a client is told, which says by itself how it is counted.
pub trait Counted {
    /// How it is counted.
    fn outcome(&self) -> Outcome;
}

impl<R: Counted> From<R> for Decided<R> {
    fn from(reply: R) -> Decided<R> {
        Decided { outcome: reply.outcome(), reply }
    }
}

/// A claimed task and its request.
#[derive(Debug)]
pub struct Delivered {
    /// The task; its row is locked until the transaction ends.
    pub task: ClaimedTask,
    /// What its caller sent, as it is stored.
    pub request: String,
}

/// An answer that is ready to be written.
#[derive(Debug)]
pub struct Answered {
    /// Of this task.
    pub task: ClaimedTask,
    /// How it is counted.
    pub outcome: Outcome,
    /// What its client reads.
    pub answer: String,
}

/// A batch that is decided and not written yet.
#[derive(Debug)]
pub struct Prepared {
    /// The answers, in the order of delivery within each protocol.
    pub answers: Vec<Answered>,
    /// What is to be written of the effects, as [`Protocol::write`] gives it.
    pub writes: Vec<Write>,
}
