//! BILLmanager's API of new orders: cart, order, payment, as the vendor's public API guide describes it.
//! Parameters come in the query or as a form; answers are XML, or the same tree as JSON.

pub mod answer;
pub mod document;
pub mod forms;
pub mod params;
pub mod request;
pub mod summary;
pub mod words;

use crate::task::billmanager::Ask;

/// The prefix of this protocol's task types.
pub const PREFIX: &str = "billmanager.";

/// Whether a task is of this protocol.
pub fn is(task_type: &str) -> bool {
    task_type.starts_with(PREFIX)
}

/// The type of a task that asks for this.
pub fn task_type(ask: &Ask) -> &'static str {
    match ask {
        Ask::Add(_) => "billmanager.Order",
        Ask::Activate(_) => "billmanager.Activate",
        Ask::Delete(_) => "billmanager.Delete",
        Ask::Promocode(_) => "billmanager.Promocode",
        Ask::Confirm(_) => "billmanager.Confirm",
        Ask::SetPaid(_) => "billmanager.SetPaid",
        Ask::PayOnPage(_) => "billmanager.PayOnPage",
    }
}
