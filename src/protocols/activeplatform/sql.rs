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
use crate::store::sql::Db;
use crate::store::{Store, StoreError};
use crate::task::ObjectId;

impl Tables<'_> {
    /// A payment of a reseller as it is now.
    pub async fn payment(self, reseller: ObjectId, id: i64) -> Result<Option<Payment>, StoreError> {
        let rows = self.db.run(&rows::READ, vec![crate::store::sql::row![reseller, id]]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut payment = rows::payment(row)?;
        for mut row in
            self.db.run(&rows::CORRECTIONS, vec![crate::store::sql::row![reseller, id]]).await?
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
