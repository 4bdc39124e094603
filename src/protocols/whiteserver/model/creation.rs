//! Tasks that create orders.

use crate::domain::task::AggregatorId;
use crate::protocols::whiteserver::reply::Reason;

/// What became of a task that was to create an order and that may not have come to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Creation {
    /// Who asked for it.
    pub aggregator: AggregatorId,
    /// How it stands.
    pub state: CreationState,
}

/// How a task that creates an order stands.
#[derive(Debug, Clone, PartialEq)]
pub enum CreationState {
    /// Not answered yet.
    Open,
    /// The order was created.
    Done,
    /// It was not, for this reason.
    Failed(Reason),
}
