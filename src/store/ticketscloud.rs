//! ticketscloud's tables: loaded and written with the batch that settles its tasks, read for those who only
//! look, and kept by the operator.

pub mod access;
mod expiry;
mod load;
pub mod orders;
pub mod promocodes;
pub mod reference;
mod rows;
pub mod tickets;
mod write;

pub(super) use self::load::load;
pub(super) use self::write::write;
