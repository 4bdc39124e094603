//! The tables of orders and payments: loaded and written with the batch that settles its tasks.

mod events;
mod load;
pub mod orders;
mod write;

pub(crate) use self::load::load;
pub(crate) use self::write::write;
