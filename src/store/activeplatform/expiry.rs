//! Payments that nobody paid in time.

use crate::store::sql::{Statement, Type, row};
use crate::store::{Store, StoreError};

// As with overdue tasks: it waits for nobody. Whoever completes a payment holds its row.
static OVERDUE: Statement = Statement::write(
    &[("most", Type::Int)],
    "SELECT p.reseller_id, p.payment_id FROM ap_payments p
     WHERE p.status = 'waiting_for_payment' AND p.expires_at <= (SELECT wsa_now())
     ORDER BY p.expires_at LIMIT (SELECT most FROM batch) {lock p skip}",
);

static EXPIRE: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    "UPDATE ap_payments SET status = 'expired', updated_at = wsa_now() FROM batch b
     WHERE ap_payments.reseller_id = b.reseller_id AND ap_payments.payment_id = b.payment_id
       AND ap_payments.status = 'waiting_for_payment'",
);

impl Store {
    /// Expires waiting payments whose `due_date` or `expiration_date` has passed, by the database's clock,
    /// at most `most` of them; tells how many.
    pub async fn expire_ap_payments(&self, most: usize) -> Result<usize, StoreError> {
        let tx = self.db.begin().await?;
        let mut rows = Vec::new();
        for mut row in tx.query(&OVERDUE, vec![row![most as i64]]).await? {
            rows.push(row![row.get::<i64>(0)?, row.get::<i64>(1)?]);
        }
        let count = rows.len();
        crate::store::settle::execute_all(&tx, &EXPIRE, rows).await?;
        tx.commit().await?;
        Ok(count)
    }
}
