//! Errands: payments that one client each requests, beside the scenarios. Nobody else is told anything about the order
//! of an errand, so a reply that denies its payment must be true for ever.

use uuid::Uuid;
use wsa::domain::task::ObjectId;

/// The restaurant of errands. Nothing else happens there.
pub const OBJECT: ObjectId = ObjectId(300_021);
/// What each costs, in kopecks.
pub const TOTAL: i64 = 7_35;

/// How an errand is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Errand {
    /// Over AMQP with an `expiration` of seconds; the client asks after twice that.
    Expiring,
    /// Over HTTP, once, without a key.
    Once,
    /// Over HTTP; the client hangs up in the middle.
    HangUp,
    /// Over HTTP; the client closes its half of the connection as soon as it has written the request.
    HalfClose,
    /// Over HTTP with a key, and again with the same key when retention has removed the task.
    Forgotten,
}

impl Errand {
    /// All of them.
    pub const ALL: [Errand; 5] =
        [Errand::Expiring, Errand::Once, Errand::HangUp, Errand::HalfClose, Errand::Forgotten];

    /// As the report names it.
    pub fn name(self) -> &'static str {
        match self {
            Errand::Expiring => "with an expiration",
            Errand::Once => "asked once",
            Errand::HangUp => "hung up",
            Errand::HalfClose => "half closed",
            Errand::Forgotten => "again after retention",
        }
    }
}

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// An answer, by its code.
    Answer(String),
    /// `TaskNotFound`, when it cannot be accepted any more.
    NotFound,
    /// A status of HTTP that says that nothing was accepted.
    NotAccepted(u16),
    /// The message is among the dead letters.
    Dead,
    /// No answer within its patience, though the service was well for long enough.
    Silence,
}

/// One errand as it went.
#[derive(Debug, Clone)]
pub struct Run {
    pub errand: Errand,
    pub order: Uuid,
    /// The task, where the client knows its guid.
    pub guid: Option<Uuid>,
    /// In the order in which it was told.
    pub told: Vec<Word>,
    /// What it was told when it asked again with a key that retention has forgotten.
    pub again: Vec<Word>,
}

impl Run {
    pub fn new(errand: Errand, order: Uuid) -> Run {
        Run { errand, order, guid: None, told: Vec::new(), again: Vec::new() }
    }
}
