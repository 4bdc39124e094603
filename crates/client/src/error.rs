//! Why there is no answer.

use uuid::Uuid;

use crate::answer::Refusal;

/// Why a task was not handed in, or is not known to be.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// The service refused the request. Nothing was accepted.
    #[error("refused, and nothing was accepted: {0}")]
    Rejected(Refusal),
    /// The key was used long ago, and the answer of its task is no longer kept. The description has its outcome; nothing
    /// new was accepted.
    #[error("this key had a task before, whose answer is no longer kept: {0}")]
    AnswerExpired(Refusal),
    /// No attempt reached the service, or each was turned away. Nothing was accepted.
    #[error("nothing was handed in: {0}")]
    NotSent(String),
    /// It may have been accepted. With a key: send the same task with the same key again, which is never a second one.
    #[error("it is not known whether the task was accepted: {why}")]
    Unknown {
        /// What happened.
        why: String,
        /// The `taskGuid`, when the service named one: ask for its answer.
        task: Option<Uuid>,
    },
}

/// Why the answer of a task is not there. None of these tells that the task was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AskError {
    /// No task has this guid; or it is so long ago that nothing of it is kept.
    #[error("no such task: {0}")]
    TaskNotFound(Refusal),
    /// The task was answered, and its answer is no longer kept. What it did stays done.
    #[error("the answer is no longer kept: {0}")]
    AnswerExpired(Refusal),
    /// The service refused to tell: the token is wrong, the task is somebody else's.
    #[error("the service does not tell: {0}")]
    Rejected(Refusal),
    /// The service could not be asked, or answered with what no White Server says.
    #[error("{why}")]
    NoAnswer {
        /// What happened.
        why: String,
        /// Whether the same question may be answered later.
        passing: bool,
    },
}
