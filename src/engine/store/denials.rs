//! Refusals that are kept before they are told, so that they stay true: RabbitMQ may deliver a message again although
//! it was settled, and to two processes when one of them loses its connection.
//!
//! A denial holds for every copy of its message that may have been handed out before it was told
//! ([`NewTask::denials_since`]). A message that its publisher sends again afterwards is a new question.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Store, StoreError};
use crate::database::{Row, Statement, Tx, Type, row};
use crate::domain::task::{AggregatorId, NewTask, TaskGuid};

/// What a publisher is told of a message that is no task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The code of the refusal.
    pub code: String,
    /// The refusal for people.
    pub description: String,
}

/// Whose message, and the task that it names.
pub type DenialKey = (AggregatorId, TaskGuid);

static TAKE_TURNS: Statement = Statement::write(
    &[("task_guid", Type::Uuid)],
    "SELECT wsa_take_turn(b.task_guid) AS taken FROM batch b",
);

// What is a task of its aggregator already, or was one, is not denied any more. Whether a guid is another's task is
// nobody else's business, and no reason to say that it was accepted.
static DENY: Statement = Statement::write(
    &[
        ("aggregator_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("code", Type::Text),
        ("description", Type::Text),
    ],
    "INSERT INTO denials (aggregator_id, task_guid, code, description, denied_at)
     SELECT b.aggregator_id, b.task_guid, b.code, b.description, wsa_now() FROM batch b
     WHERE coalesce((SELECT CASE WHEN t.aggregator_id = b.aggregator_id THEN 1 END
                     FROM {rows tasks t: task_guid} LIMIT 1),
                    (SELECT CASE WHEN coalesce(r.aggregator_id, b.aggregator_id) = b.aggregator_id
                                 THEN 1 END FROM retired_tasks r
                     WHERE r.task_guid = b.task_guid LIMIT 1)) IS NULL
     ON CONFLICT (aggregator_id, task_guid)
     DO UPDATE SET code = excluded.code, description = excluded.description, denied_at = excluded.denied_at
     RETURNING aggregator_id, task_guid",
);

static FIND: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT d.aggregator_id, d.task_guid, d.code, d.description FROM batch b
     {one denials d: aggregator_id, task_guid}",
);

static FORGET: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM denials {those denials: aggregator_id, task_guid FROM
        SELECT d.aggregator_id, d.task_guid FROM denials d
        WHERE d.denied_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
        ORDER BY d.denied_at LIMIT (SELECT most FROM batch)}",
);

impl Store {
    /// Keeps denials, and gives those that hold: what is missing in the result is a task by now, and was not denied.
    pub async fn deny(
        &self,
        denials: Vec<(DenialKey, Denial)>,
    ) -> Result<HashSet<DenialKey>, StoreError> {
        // Two copies of a message are one denial; and everybody takes turns in one order.
        let denials: BTreeMap<DenialKey, Denial> = denials.into_iter().collect();
        let tx = self.db.begin().await?;
        take_turns(&tx, denials.keys().map(|(_, guid)| *guid).collect()).await?;
        let rows = denials.into_iter().map(|((aggregator, guid), Denial { code, description })| {
            row![aggregator, guid, code, description]
        });
        let kept = tx.query(&DENY, rows.collect()).await?;
        tx.commit().await?;
        kept.into_iter().map(|mut row| read_key(&mut row)).collect()
    }

    /// The denials of these messages, however long ago.
    pub async fn denied(
        &self,
        keys: &[DenialKey],
    ) -> Result<HashMap<DenialKey, Denial>, StoreError> {
        let rows = keys.iter().map(|(aggregator, guid)| row![*aggregator, *guid]).collect();
        self.db.run(&FIND, rows).await?.into_iter().map(read).collect()
    }

    /// Deletes up to `most` denials of more than `keep_s` seconds ago; tells whether there may be more.
    pub async fn forget_denials(&self, keep_s: i64, most: u64) -> Result<bool, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let tx = self.db.begin().await?;
        let forgotten = tx.execute(&FORGET, vec![row![keep_s, limit]]).await?;
        tx.commit().await?;
        Ok(forgotten == most)
    }
}

/// Waits until nobody else accepts or denies tasks with the guids of these that came through a broker.
pub(super) async fn take_turns_of(tx: &Tx, tasks: &[&NewTask]) -> Result<(), StoreError> {
    let through_a_broker = tasks.iter().filter(|task| task.denials_since.is_some());
    take_turns(tx, through_a_broker.map(|task| task.key.guid).collect()).await
}

async fn take_turns(tx: &Tx, mut guids: Vec<TaskGuid>) -> Result<(), StoreError> {
    guids.sort_unstable();
    guids.dedup();
    let rows = guids.into_iter().map(|guid| row![guid]).collect();
    tx.query_some(&TAKE_TURNS, rows).await.map(drop)
}

fn read(mut row: Row) -> Result<(DenialKey, Denial), StoreError> {
    let denial = Denial { code: row.get("code")?, description: row.get("description")? };
    Ok((read_key(&mut row)?, denial))
}

fn read_key(row: &mut Row) -> Result<DenialKey, StoreError> {
    Ok((row.get("aggregator_id")?, row.get("task_guid")?))
}
