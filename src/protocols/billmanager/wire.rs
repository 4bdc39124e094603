//! BILLmanager's API of new orders: cart, order, payment, as the vendor's public API guide describes it.
//! Parameters come in the query or as a form; answers are XML, or the same tree as JSON.

pub mod answer;
pub mod browser;
pub mod document;
pub mod filter;
pub mod forms;
pub mod function;
pub mod known;
pub mod params;
pub mod pricelists;
pub mod request;
pub mod services;
pub mod summary;
pub mod words;

use super::command::Ask;

/// The types of its tasks: see [`task_type`].
pub const TASK_TYPES: &[&str] = &[
    "billmanager.Order",
    "billmanager.Activate",
    "billmanager.Delete",
    "billmanager.Promocode",
    "billmanager.Confirm",
    "billmanager.SetPaid",
    "billmanager.PayOnPage",
    "billmanager.Renew",
    "billmanager.ExpireOrder",
    "billmanager.Prolong",
    "billmanager.EditService",
    "billmanager.DeleteService",
    "billmanager.Provision",
];

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
        Ask::Renew(_) => "billmanager.Renew",
        Ask::ExpireOrder(_) => "billmanager.ExpireOrder",
        Ask::Prolong { .. } => "billmanager.Prolong",
        Ask::EditService { .. } => "billmanager.EditService",
        Ask::DeleteService(_) => "billmanager.DeleteService",
        Ask::Provision(_) => "billmanager.Provision",
    }
}
