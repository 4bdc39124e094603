//! ActivePlatform's tables: loaded and written with the batch that settles its tasks, read for those who
//! only look, and kept by the operator.

pub mod expiry;
mod load;
pub mod managers;
pub mod reference;
mod rows;
mod write;

pub(super) use self::load::load;
pub(super) use self::write::write;
use super::{Store, StoreError};
use crate::task::ObjectId;
use crate::world::activeplatform::Payment;

impl Store {
    /// A payment of a reseller as it is now.
    pub async fn ap_payment(
        &self,
        reseller: ObjectId,
        id: i64,
    ) -> Result<Option<Payment>, StoreError> {
        let rows = self.db.run(&rows::READ, vec![super::sql::row![reseller, id]]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut payment = rows::payment(row)?;
        for mut row in self.db.run(&rows::CORRECTIONS, vec![super::sql::row![reseller, id]]).await?
        {
            payment.corrections.push(row.get(2)?);
        }
        Ok(Some(payment))
    }
}
