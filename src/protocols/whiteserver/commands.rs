//! The commands of White Server for people: orders to try things on, and a client that pays them.

mod answer;
mod api_client;
mod client;
mod orders;

pub use self::client::{Pay, Task};
pub use self::orders::Orders;
