//! What is due, found by an index of its moments: as much of it as is asked for, however much there is.

use crate::database::{Row, Rows, Statement, StoreError, Type, row};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::billmanager::sql::Tables;

/// For how long a service that was taken is put off, in seconds: its task is settled long before, or comes to nothing.
const LEASE_S: i64 = 60;

/// A service or an order that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The account.
    pub object: ObjectId,
    /// The number.
    pub number: i64,
    /// The client's caller.
    pub aggregator: AggregatorId,
}

// Mostly nothing is: then nothing is begun.
static LOOK: Statement = Statement::read(
    &[],
    "SELECT s.item_id FROM bm_services s WHERE s.look_at <= (SELECT wsa_now())
     ORDER BY s.look_at LIMIT 1",
);

// What somebody holds is left to him.
static DUE: Statement = Statement::write(
    &[("most", Type::Int)],
    "SELECT s.object_id, s.item_id FROM bm_services s
     WHERE s.look_at <= (SELECT wsa_now())
     ORDER BY s.look_at LIMIT (SELECT most FROM batch) {lock s skip}",
);

static PUT_OFF: Statement = Statement::write(
    &[("object_id", Type::Int), ("item_id", Type::Int), ("wait_s", Type::Int)],
    "UPDATE bm_services SET look_at = wsa_after(wsa_now(), b.wait_s)
     FROM batch b {these bm_services: object_id, item_id}",
);

static UNPAID: Statement = Statement::read(
    &[("age_s", Type::Int), ("most", Type::Int)],
    "SELECT o.object_id, o.order_id AS item_id FROM bm_orders o
     WHERE o.status = 'new' AND o.created_at <= (SELECT wsa_after(wsa_now(), -age_s) FROM batch)
     ORDER BY o.created_at LIMIT (SELECT most FROM batch)",
);

static WHOSE: Statement = Statement::read(
    &[("object_id", Type::Int), ("item_id", Type::Int)],
    "SELECT b.object_id, b.item_id, u.aggregator_id
     FROM batch b {one bm_accounts a: object_id} {one bm_users u: user_id = a.user_id}",
);

impl Tables<'_> {
    /// Takes services that are due, the longest due first. Nobody else gets them for a minute, unless their task is
    /// settled before and says when they are due next.
    pub async fn take_due_services(self, most: i64) -> Result<Vec<Due>, StoreError> {
        if self.db.run(&LOOK, Vec::new()).await?.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.db.begin().await?;
        let mut taken = Vec::new();
        for mut row in tx.query(&DUE, vec![row![most]]).await? {
            taken.push((row.get::<ObjectId>("object_id")?, row.get::<i64>("item_id")?));
        }
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let rows = taken.iter().map(|(object, id)| row![*object, *id, LEASE_S]).collect();
        tx.execute_all(&PUT_OFF, rows).await?;
        tx.commit().await?;
        self.whose(taken).await
    }

    /// Orders of this age that nobody has paid, the oldest first.
    pub async fn unpaid_orders(self, age_s: i64, most: i64) -> Result<Vec<Due>, StoreError> {
        let mut unpaid = Vec::new();
        for mut row in self.db.run(&UNPAID, vec![row![age_s, most]]).await? {
            unpaid.push((row.get("object_id")?, row.get("item_id")?));
        }
        self.whose(unpaid).await
    }

    async fn whose(self, numbers: Vec<(ObjectId, i64)>) -> Result<Vec<Due>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Rows = numbers.into_iter().map(|(object, id)| row![object, id]).collect();
        let read = |mut row: Row| {
            let (object, number) = (row.get("object_id")?, row.get("item_id")?);
            Ok(Due { object, number, aggregator: row.get("aggregator_id")? })
        };
        self.db.run(&WHOSE, rows).await?.into_iter().map(read).collect()
    }
}
