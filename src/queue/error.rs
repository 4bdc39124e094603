//! What can go wrong in the queue.

/// An error of the queue. The tasks concerned are in the store; the sweeper publishes them again.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// There is no connection to the broker at the moment.
    #[error("the queue is not connected")]
    NotConnected,
    /// The connection or channel failed in the middle.
    #[error("the queue failed: {0}")]
    Broken(#[from] lapin::Error),
    /// The broker refused the message, or returned it as unroutable.
    #[error("the broker did not take {0} of the messages")]
    Refused(usize),
    /// The broker did not confirm in time.
    #[error("the broker did not confirm within {0:?}")]
    Unconfirmed(std::time::Duration),
    /// The in-process queue holds as much as it may.
    #[error("the queue is full")]
    Full,
}
