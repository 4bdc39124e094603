//! The commands of White Server for people: orders to try things on, and a client that pays them and listens.

mod answer;
mod client;
mod forward;
mod listen;
mod orders;
mod service;

pub use self::client::{Pay, Task};
pub use self::listen::Listen;
pub use self::orders::Orders;
