//! ticketscloud's tables: loaded and written with the batch that settles its tasks, read for those who only
//! look, and kept by the operator.

pub mod access;
pub mod catalogue;
mod expiry;
mod ids;
mod load;
pub mod loading;
pub mod orders;
pub mod promocodes;
pub mod reference;
pub mod refunds;
mod rows;
pub(crate) mod shown;
pub mod tickets;
mod write;

pub(crate) use self::load::load;
pub(crate) use self::write::write;
use crate::database::Db;
use crate::engine::store::Store;

/// The tables, for those who only look and for the operator: each call is a transaction of its own.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    pub(super) db: &'a Db,
}

impl<'a> Tables<'a> {
    /// Those of this store.
    pub fn of(store: &'a Store) -> Tables<'a> {
        Tables { db: store.db() }
    }
}
