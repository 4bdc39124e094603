//! Tills, as an operator adds and removes them, and as they are found by their tokens.

use std::collections::HashMap;

use uuid::Uuid;

use super::Tables;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::domain::token::TokenHash;

/// A restaurant's till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    /// The restaurant.
    pub object: ObjectId,
    /// How many events wait for its acknowledgement, at most: those that grew too old are among them.
    pub waiting: i64,
    /// For how many days they wait.
    pub keep_days: i64,
}

/// What became of a request for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The object has a till now.
    Added,
    /// It had one, whose token is invalid now.
    Rotated,
}

/// The name of a till's aggregator, by which its rate is set.
pub fn aggregator(object: ObjectId) -> String {
    format!("till-{object}")
}

static ROTATE: Statement = Statement::write(
    &[("object_id", Type::Int), ("token_hash", Type::Bytes)],
    "UPDATE aggregators SET token_hash = (SELECT token_hash FROM batch)
     WHERE aggregator_id = (SELECT t.aggregator_id FROM tills t
                            WHERE t.object_id = (SELECT object_id FROM batch))
     RETURNING aggregator_id",
);

static ADD_AGGREGATOR: Statement = Statement::insert(
    "aggregators",
    &[("name", Type::Text), ("token_hash", Type::Bytes), ("guid_salt", Type::Uuid)],
    "RETURNING aggregator_id",
);

static LICENSE: Statement = Statement::insert(
    "licences",
    &[("aggregator_id", Type::Int), ("object_id", Type::Int)],
    "ON CONFLICT DO NOTHING",
);

static ADD: Statement =
    Statement::insert("tills", &[("object_id", Type::Int), ("aggregator_id", Type::Int)], "");

static KEEP: Statement = Statement::write(
    &[("object_id", Type::Int), ("keep_days", Type::Int)],
    "UPDATE tills SET keep_days = b.keep_days FROM batch b {these tills: object_id}",
);

// With the aggregator go its licence and the till.
static REMOVE: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "DELETE FROM aggregators
     WHERE aggregator_id = (SELECT t.aggregator_id FROM tills t
                            WHERE t.object_id = (SELECT object_id FROM batch))
     RETURNING aggregator_id",
);

static REMOVE_EVENTS: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "DELETE FROM till_events WHERE object_id = (SELECT object_id FROM batch)",
);

static TILLS: Statement = Statement::read(
    &[],
    "SELECT object_id, last_event - acknowledged AS waiting, keep_days FROM tills ORDER BY object_id",
);

static BY_CALLER: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT t.aggregator_id, t.object_id FROM batch b {one tills t: aggregator_id}",
);

impl Tables<'_> {
    /// Gives the till of an object a token, which makes an older one invalid. The object must exist.
    pub async fn give_till_token(
        self,
        object: ObjectId,
        token: TokenHash,
        keep_days: Option<i64>,
    ) -> Result<Given, StoreError> {
        let tx = self.db.begin().await?;
        let rotated = tx.query(&ROTATE, vec![row![object, token.0.to_vec()]]).await?;
        let given = match rotated.is_empty() {
            false => Given::Rotated,
            true => {
                let row = row![aggregator(object), token.0.to_vec(), Uuid::new_v4()];
                let mut added = tx.query(&ADD_AGGREGATOR, vec![row]).await?;
                let added = added.first_mut();
                let id: AggregatorId = match added {
                    Some(row) => row.get("aggregator_id")?,
                    None => return Err(StoreError::Corrupt("a till has no aggregator".into())),
                };
                tx.execute(&LICENSE, vec![row![id, object]]).await?;
                tx.execute_all(&ADD, vec![row![object, id]]).await?;
                Given::Added
            }
        };
        if let Some(days) = keep_days {
            tx.execute_all(&KEEP, vec![row![object, days]]).await?;
        }
        tx.commit().await?;
        Ok(given)
    }

    /// Removes the till of an object with what it was to be told; tells whether there was one.
    pub async fn remove_till(self, object: ObjectId) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let removed = tx.query(&REMOVE, vec![row![object]]).await?;
        tx.execute(&REMOVE_EVENTS, vec![row![object]]).await?;
        tx.commit().await?;
        Ok(!removed.is_empty())
    }

    /// Every till.
    pub async fn tills(self) -> Result<Vec<Till>, StoreError> {
        let read = |mut row: Row| {
            let (object, waiting) = (row.get("object_id")?, row.get("waiting")?);
            Ok(Till { object, waiting, keep_days: row.get("keep_days")? })
        };
        self.db.run(&TILLS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Of which objects these callers are the tills.
    pub async fn tills_of(
        self,
        callers: &[AggregatorId],
    ) -> Result<HashMap<AggregatorId, ObjectId>, StoreError> {
        let rows = callers.iter().map(|caller| row![*caller]).collect();
        let read = |mut row: Row| Ok((row.get("aggregator_id")?, row.get("object_id")?));
        self.db.run(&BY_CALLER, rows).await?.into_iter().map(read).collect()
    }
}
