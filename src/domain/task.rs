//! What travels: a task asks that something be done to an order of one object before a deadline.
//!
//! A task is stored and sent as its protocol wrote the request of its caller; the protocol reads it twice, once to
//! refuse a bad request and once to carry it out, by the same code.

pub mod guid;

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::string_enum::string_enum;
use crate::domain::token::TokenHash;
use crate::domain::trace::TraceContext;

pub use self::guid::{
    AggregatorId, CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskGuid, TaskKey,
};

/// The longest a caller may let a task wait, in seconds; the shortest is 1.
pub const LONGEST_TIMEOUT_S: i64 = 3600;

/// What a message says of a task, before the store is asked, which has the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foretold {
    /// Object and guid.
    pub key: TaskKey,
    /// The kind of task.
    pub task_type: String,
    /// What it asks for.
    pub request: String,
}

/// An open task in the hands of whoever answers it: its row is locked until the transaction ends.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedTask {
    /// Object and guid.
    pub key: TaskKey,
    /// Who asked.
    pub aggregator: AggregatorId,
    /// The kind of task; it names the protocol that its answer is written in.
    pub task_type: String,
    /// The object's agent.
    pub agent_guid: Option<Uuid>,
    /// When it was accepted, by the database's clock.
    pub registered_at: Timestamp,
    /// By when it is answered, by the same clock.
    pub deadline: Timestamp,
    /// Whether its caller waits for the answer in the request that submitted it.
    pub sync: bool,
    /// Whether it came with a `reply_to`.
    pub replied: bool,
    /// Whether its object is paused by the operator of this service: nobody carries it out meanwhile.
    pub paused: bool,
    /// What became of the task that it is to cancel, when it is to cancel one.
    pub cancellation: Option<Cancellation>,
}

/// What became of a task that another one was to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It was open, and is cancelled by this.
    Cancelled,
    /// It is answered already, so.
    Answered(Outcome),
    /// It is another caller's.
    Foreign,
    /// The object has no such task, or it is the one that asks.
    Unknown,
}

/// Whether a caller may hand in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// By its licence for the object, which the store checks in the moment in which it keeps the task.
    ByLicence,
    /// By the rules of its own protocol, which were asked already. The object is none of `objects`.
    ByProtocol,
}

/// A task on its way into the store.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Object and guid.
    pub key: TaskKey,
    /// Who asks, and who alone may read the answer.
    pub aggregator: AggregatorId,
    /// The kind of task as named on the wire, a constant of its protocol.
    pub task_type: &'static str,
    /// What lets its caller hand it in.
    pub admission: Admission,
    /// Seconds until the deadline; `None` for the object's own default.
    pub timeout_s: Option<i64>,
    /// The request as it is kept, JSON.
    pub request: Arc<str>,
    /// What its caller sent: the same guid with another digest is another request.
    pub digest: RequestDigest,
    /// Whether its caller chose the guid: then it is never used again. False only for one that this program drew.
    pub named: bool,
    /// Whether its caller waits for the answer in the request that submits it; the answer is then
    /// delivered nowhere else.
    pub sync: bool,
    /// Where a task that came over AMQP wants its answer: a queue of its caller's.
    pub reply_to: Option<String>,
    /// Under which `correlation_id`.
    pub correlation_id: Option<String>,
    /// What it is about, where an object may have one open task about it at most.
    pub subject: Option<String>,
    /// Before which it must not be executed, by the database's clock; its timeout counts from then. A moment that is past
    /// is as good as none.
    pub not_before: Option<Timestamp>,
    /// After which it must not be executed whatever its timeout, by the database's clock.
    pub expires_at: Option<Timestamp>,
    /// Of a message that a broker may deliver twice: a denial of the same name holds for it when it was kept at this
    /// moment or later. `None`: it came in no such way, and no denial holds for it.
    pub denials_since: Option<Timestamp>,
    /// The token that its caller must still have when it is registered. `None`: who it is is known already.
    pub token: Option<TokenHash>,
    /// The span of accepting it, when its trace is recorded.
    pub trace: Option<TraceContext>,
}

impl NewTask {
    /// A task of a protocol with rules of its own for who may do what, from a request over HTTP: nobody but that
    /// request is told the answer, also when it does not wait. `named` says whether its caller chose the guid.
    pub fn of_request(
        (key, named): (TaskKey, bool),
        aggregator: AggregatorId,
        task_type: &'static str,
        request: impl Into<Arc<str>>,
        digest: RequestDigest,
    ) -> NewTask {
        let task = NewTask::by_licence((key, named), aggregator, task_type, request, digest);
        NewTask { admission: Admission::ByProtocol, sync: true, ..task }
    }

    /// A task that a licence for its object admits, with nothing said of when and where its answer is wanted. `named`
    /// says whether its caller chose the guid.
    pub fn by_licence(
        (key, named): (TaskKey, bool),
        aggregator: AggregatorId,
        task_type: &'static str,
        request: impl Into<Arc<str>>,
        digest: RequestDigest,
    ) -> NewTask {
        NewTask {
            key,
            aggregator,
            task_type,
            admission: Admission::ByLicence,
            timeout_s: None,
            request: request.into(),
            digest,
            named,
            sync: false,
            reply_to: None,
            correlation_id: None,
            subject: None,
            not_before: None,
            expires_at: None,
            denials_since: None,
            token: None,
            trace: None,
        }
    }
}

/// A task that the store has accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// By when it is executed, or answered `Timeout` (the database's clock).
    pub deadline: Timestamp,
    /// How long that is from the moment of acceptance, or of a scheduled task from its own time, in microseconds of
    /// the same clock.
    pub remaining_us: i64,
    /// Whether its time has not come yet: no queue has it before.
    pub scheduled: bool,
}

/// SHA-256 of what a caller sent: method, path, query and body as far as they say what is asked for. Nothing of
/// this service's own is in it (settings, defaults, the form in which a request is kept), so that the same
/// request is the same one after a restart with other settings and after an upgrade; and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestDigest(pub [u8; 32]);

impl RequestDigest {
    /// The digest of these parts, of which none can run into its neighbour.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> RequestDigest {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        RequestDigest(digest.finalize().into())
    }
}

/// What kind of answer a task has, as stored and as counted in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not done, for a reason of the caller's or the restaurant's making.
    Refused,
    /// Its deadline passed before it was executed, and it never will be.
    TimedOut,
    /// It could not be carried out through no fault of the caller's; nothing was changed.
    Failed,
    /// Its caller cancelled it before it was executed, and it never will be.
    Cancelled,
}

string_enum!(Outcome {
    Done = "done",
    Refused = "refused",
    TimedOut = "timeout",
    Failed = "failed",
    Cancelled = "cancelled",
});

/// Why a task was not carried out, when that is not its protocol's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Its deadline had passed; it never will be carried out.
    TimedOut,
    /// It cannot be settled, through no fault of its caller's; nothing was changed.
    Failed,
    /// Its caller cancelled it; it never will be carried out.
    Cancelled,
}

impl Undone {
    /// How it is stored and counted.
    pub fn outcome(self) -> Outcome {
        match self {
            Undone::TimedOut => Outcome::TimedOut,
            Undone::Failed => Outcome::Failed,
            Undone::Cancelled => Outcome::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let of = |parts: &[&'static str]| RequestDigest::of(parts.iter().copied());
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        for other in [&["ab"][..], &["b", "a"], &["a", "b", ""], &["", "ab"], &["a"]] {
            assert_ne!(of(&["a", "b"]), of(other), "{other:?}");
        }
    }
}
