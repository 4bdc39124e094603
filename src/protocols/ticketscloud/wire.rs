//! ticketscloud API v1, as the vendor's public documentation describes it: orders of tickets, confirmed by their
//! sellers.

pub mod answer;
pub mod event;
pub mod fields;
mod once;
pub mod refund;
pub mod request;
pub mod v2;
pub mod wide;

/// Make an order.
pub const CREATE_ORDER: &str = "ticketscloud.CreateOrder";
/// Change an order, or take it a step further.
pub const CHANGE_ORDER: &str = "ticketscloud.ChangeOrder";
/// Cancel an order.
pub const DELETE_ORDER: &str = "ticketscloud.DeleteOrder";

/// Ask that tickets be given back.
pub const CREATE_REFUND: &str = "ticketscloud.CreateRefund";
/// Decide about such a request.
pub const CHANGE_REFUND: &str = "ticketscloud.ChangeRefund";

/// The media type of everything here.
pub const MEDIA_TYPE: &str = "application/json; charset=UTF-8";

/// The types of its tasks.
pub const TASK_TYPES: &[&str] =
    &[CREATE_ORDER, CHANGE_ORDER, DELETE_ORDER, CREATE_REFUND, CHANGE_REFUND];
