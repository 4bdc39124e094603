//! What must hold of orders and payments.

pub(crate) mod asked;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod tills;
