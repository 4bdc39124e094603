//! What must hold of orders and payments.

pub(crate) mod asked;
pub(crate) mod cancelled;
pub(crate) mod events;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod tills;
