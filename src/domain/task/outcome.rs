//! What a task came to.

use crate::domain::string_enum::string_enum;

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
}

string_enum!(Outcome { Done = "done", Refused = "refused", TimedOut = "timeout", Failed = "failed" });

/// Why a task was not carried out, when that is not its protocol's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// Its deadline had passed; it never will be carried out.
    TimedOut,
    /// It cannot be settled, through no fault of its caller's; nothing was changed.
    Failed,
}

impl Undone {
    /// How it is stored and counted.
    pub fn outcome(self) -> Outcome {
        match self {
            Undone::TimedOut => Outcome::TimedOut,
            Undone::Failed => Outcome::Failed,
        }
    }
}
