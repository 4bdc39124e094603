//! ActivePlatform's tables: loaded and written with the batch that settles its tasks, read for those who
//! only look, and kept by the operator.

pub mod expiry;
mod load;
pub mod managers;
pub mod reference;
mod rows;
mod write;

pub(crate) use self::load::load;
pub(crate) use self::write::write;
use super::model::Payment;
use crate::database::{Db, StoreError};
use crate::domain::task::ObjectId;
use crate::engine::store::Store;

impl Tables<'_> {
    /// A payment of a reseller as it is now.
    pub async fn payment(self, reseller: ObjectId, id: i64) -> Result<Option<Payment>, StoreError> {
        let rows = self.db.run(&rows::READ, vec![crate::database::row![reseller, id]]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut payment = rows::payment(row)?;
        for mut row in
            self.db.run(&rows::CORRECTIONS, vec![crate::database::row![reseller, id]]).await?
        {
            payment.corrections.push(row.get("correction_id")?);
        }
        Ok(Some(payment))
    }
}

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
