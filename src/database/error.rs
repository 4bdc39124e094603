//! What can go wrong in a store, sorted by what a caller can do about it.

/// An error of the store. The transaction it happened in was rolled back, unless it is
/// [`StoreError::Unavailable`] on commit, when the outcome is unknown until it is read again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is starting or stopping, or has no connection free.
    #[error("the store is not available: {0}")]
    Unavailable(#[source] BoxError),
    /// Another transaction was in the way (deadlock, lock timeout, serialisation): the same again may pass.
    #[error("another transaction was in the way: {0}")]
    Conflict(#[source] BoxError),
    /// What was to be written breaks a constraint (unique, foreign key, check, not null). The same again breaks it
    /// again, unless another transaction wrote at the same moment: then the next attempt sees what it wrote.
    #[error("a constraint of the store forbids it: {0}")]
    Violation(#[source] BoxError),
    /// The database refused the statement: a mistake in this program, or in the data.
    #[error("the store refused a statement: {0}")]
    Refused(#[source] BoxError),
    /// A row does not hold what this program wrote, or changed under a lock.
    #[error("the store holds something unexpected: {0}")]
    Corrupt(String),
}

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl StoreError {
    /// Whether the same call may succeed later without anything being mended.
    pub fn is_passing(&self) -> bool {
        matches!(self, StoreError::Unavailable(_) | StoreError::Conflict(_))
    }
}

/// Shows an error with its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
