//! ActivePlatform's tables: loaded and written with the batch that settles its tasks, read for those who
//! only look, and kept by the operator.

pub mod expiry;
mod listing;
mod load;
pub mod managers;
pub mod records;
pub mod reference;
mod related;
mod rows;
pub(crate) mod shown;
mod write;

use std::collections::HashMap;

pub(crate) use self::load::load;
pub(crate) use self::write::write;
use super::model::Payment;
use crate::database::{Db, StoreError, row};
use crate::domain::task::ObjectId;
use crate::engine::store::Store;

impl Tables<'_> {
    /// A payment of a reseller as it is now.
    pub async fn payment(self, reseller: ObjectId, id: i64) -> Result<Option<Payment>, StoreError> {
        let rows = self.db.run(&rows::READ, vec![row![reseller, id]]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut payments = vec![rows::payment(row)?];
        self.add_corrections(&mut payments).await?;
        Ok(payments.pop())
    }

    /// Adds to payments of one reseller the numbers of their corrections.
    async fn add_corrections(self, payments: &mut [Payment]) -> Result<(), StoreError> {
        if payments.is_empty() {
            return Ok(());
        }
        let keys = payments.iter().map(|payment| row![payment.reseller, payment.id]).collect();
        let mut corrections: HashMap<i64, Vec<i64>> = HashMap::new();
        for mut row in self.db.run(&rows::CORRECTIONS, keys).await? {
            let payment = row.get("payment_id")?;
            corrections.entry(payment).or_default().push(row.get("correction_id")?);
        }
        for payment in payments {
            payment.corrections = corrections.remove(&payment.id).unwrap_or_default();
        }
        Ok(())
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
