//! The tables of orders and payments: loaded and written with the batch that settles its tasks. Objects and
//! currencies, kept by the operator.

pub(crate) mod acceptance;
pub mod agents;
pub mod catalogues;
mod events;
mod load;
pub mod objects;
mod order_lists;
pub mod orders;
mod payments;
mod rows;
pub(crate) mod shown;
pub mod till_events;
pub mod till_orders;
pub mod tills;
mod write;

pub(crate) use self::load::{foresee, load};
pub(crate) use self::write::write;
use crate::database::Db;
use crate::engine::store::Store;

/// The tables, for those who only look and for the operator: each call is a transaction of its own.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    db: &'a Db,
}

impl<'a> Tables<'a> {
    /// Those of this store.
    pub fn of(store: &'a Store) -> Tables<'a> {
        Tables { db: store.db() }
    }
}
