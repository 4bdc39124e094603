//! Payments that nobody paid in time.

use crate::database::pieces::Window;
use crate::database::{Statement, StoreError, Type, row};
use crate::protocols::activeplatform::sql::Tables;

// As with overdue tasks: it waits for nobody. Whoever completes a payment holds its row.
static OVERDUE: Statement = Statement::write(
    &[("most", Type::Int), ("skipped", Type::Int)],
    "SELECT p.reseller_id, p.payment_id FROM ap_payments p
     WHERE p.status = 'waiting_for_payment' AND p.expires_at <= (SELECT wsa_now())
     ORDER BY p.expires_at LIMIT (SELECT most FROM batch)
     OFFSET (SELECT skipped FROM batch) {lock p skip}",
);

static EXPIRE: Statement = Statement::write(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    "UPDATE ap_payments SET status = 'expired', updated_at = wsa_now() FROM batch b
     {these ap_payments: reseller_id, payment_id}
       AND coalesce(ap_payments.status, '') = 'waiting_for_payment'",
);

impl Tables<'_> {
    /// Expires waiting payments whose `due_date` or `expiration_date` has passed, by the database's clock,
    /// at most `most` of them; tells how many.
    pub async fn expire_payments(self, most: usize) -> Result<usize, StoreError> {
        self.expire_payments_after(0, most).await
    }

    /// As [`Tables::expire_payments`], when something among them cannot be expired: expires all others, `most` at
    /// a time. Gives the error of one that stays.
    pub async fn expire_payments_around(self, most: usize) -> Result<(), StoreError> {
        let (mut window, mut outcome) = (Window::new(most), Ok(()));
        loop {
            match self.expire_payments_after(window.skipped, window.size).await {
                Ok(expired) if expired < window.size => return outcome,
                Ok(_) => window.done(),
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => {
                    window.refused();
                    outcome = Err(error);
                }
            }
        }
    }

    async fn expire_payments_after(self, skipped: usize, most: usize) -> Result<usize, StoreError> {
        let tx = self.db.begin().await?;
        let mut rows = Vec::new();
        for mut row in tx.query(&OVERDUE, vec![row![most as i64, skipped as i64]]).await? {
            rows.push(row![row.get::<i64>("reseller_id")?, row.get::<i64>("payment_id")?]);
        }
        let count = rows.len();
        tx.execute_all(&EXPIRE, rows).await?;
        tx.commit().await?;
        Ok(count)
    }
}
