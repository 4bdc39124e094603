//! Settling a batch: claim the tasks, load what they need, decide, write, answer. One transaction.
//!
//! Rows are locked in one order everywhere (tasks by key, then orders by key), so batches wait for each
//! other but never in a circle. The lock on a task's row is the one place where a worker, another
//! delivery of the same task and the sweeper meet: whoever holds it sees whether the task is still open
//! and, by the database's clock read under the lock, whether its time is over.

mod load;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::try_join;
use jiff::Timestamp;

use self::load::load;
use super::letters::put_events;
use super::overdue::{Open, write_answers};
use super::sql::{Row, Rows, Statement, Tx, Type, row};
use super::{Store, StoreError};
use crate::decide::decide;
use crate::mail::{MailboxId, News};
use crate::protocol;
use crate::task::{Answer, Command, OrderKey, Outcome, Refusal, Task, TaskGuid, TaskKey};
use crate::world::{Changes, World};

/// What became of one delivered task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The task.
    pub key: TaskKey,
    /// How it stands now.
    pub settlement: Settlement,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Batch {
    /// Each of its tasks.
    pub settled: Vec<Settled>,
    /// The mailboxes that something was put into.
    pub mail: Vec<MailboxId>,
}

/// How a delivered task stands after its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// This batch answered it.
    Answered {
        /// How.
        outcome: Outcome,
        /// How long after it was accepted, by the database's clock.
        after: Duration,
    },
    /// It had its answer already; nothing was done.
    Repeated,
    /// The store has no such task; nothing was done.
    Unknown,
}

// The request of an answered task is not read again.
static CLAIM: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.task_type, o.agent_guid, t.registered_at, t.deadline,
            t.aggregator_id, t.sync, t.reply_to IS NOT NULL,
            CASE WHEN t.outcome IS NULL THEN t.request END
     FROM batch b
     JOIN tasks t ON t.object_id = b.object_id AND t.task_guid = b.task_guid
     LEFT JOIN objects o ON o.object_id = t.object_id
     ORDER BY t.object_id, t.task_guid {lock t}",
);

static UPDATE_ORDERS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("status", Type::Text),
        ("paid", Type::Money),
        ("closed_at", Type::Time),
    ],
    "UPDATE orders SET status = b.status, paid = b.paid, closed_at = b.closed_at,
                       version = b.version + 1
     FROM batch b
     WHERE orders.object_id = b.object_id AND orders.order_guid = b.order_guid
       AND orders.version = b.version",
);

static REMOVE_PAYMENTS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("task_guid", Type::Uuid),
        ("removed_at", Type::Time),
    ],
    "UPDATE payments SET removed_by = b.task_guid, removed_at = b.removed_at
     FROM batch b
     WHERE payments.object_id = b.object_id AND payments.order_guid = b.order_guid
       AND payments.removed_by IS NULL",
);

static INSERT_PAYMENTS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("line", Type::Int),
        ("order_guid", Type::Uuid),
        ("currency_guid", Type::Uuid),
        ("amount", Type::Money),
        ("written_off", Type::Money),
        ("card_code", Type::Text),
        ("promised", Type::Bool),
        ("taken_at", Type::Time),
        ("removed_by", Type::Uuid),
        ("removed_at", Type::Time),
    ],
    "INSERT INTO payments (object_id, task_guid, line, order_guid, currency_guid, amount,
                           written_off, card_code, promised, taken_at, removed_by, removed_at)
     SELECT object_id, task_guid, line, order_guid, currency_guid, amount, written_off, card_code,
            promised, taken_at, removed_by, removed_at FROM batch",
);

impl Store {
    /// Settles a batch of delivered tasks, in the order in which they were delivered.
    ///
    /// An open task whose deadline has passed is answered `Timeout`; any other open task is decided.
    /// After an error nothing has changed, except that a lost connection during the commit may have
    /// settled the batch: settling it again is always safe.
    pub async fn settle(&self, delivered: &[TaskKey]) -> Result<Batch, StoreError> {
        let mut seen = HashSet::new();
        let keys: Vec<TaskKey> =
            delivered.iter().copied().filter(|key| seen.insert(*key)).collect();

        let tx = self.db.begin().await?;
        let mut claimed = claim(&tx, &keys).await?;
        let mut world = load(&tx, &claimed).await?;
        let now = world.now;

        let mut settled = Vec::with_capacity(keys.len());
        let mut answers = Vec::with_capacity(claimed.len());
        for key in keys {
            let settlement = match claimed.remove(&key) {
                Some(Claimed::Open(open, command)) => {
                    let answer = answer(&mut world, &open, command);
                    if let Some(reason) = protocol::reason(&open, &answer) {
                        world.creation_failed(key, reason);
                    }
                    let outcome = answer.outcome();
                    let after = age(&open, world.now);
                    answers.push((open, answer));
                    Settlement::Answered { outcome, after }
                }
                Some(Claimed::Answered) => Settlement::Repeated,
                None => Settlement::Unknown,
            };
            settled.push(Settled { key, settlement });
        }
        let (told, mut mail) =
            try_join!(write(&tx, world.into_changes(), now), write_answers(&tx, &answers))?;
        tx.commit().await?;
        mail.extend(told);
        mail.sort_unstable();
        mail.dedup();
        Ok(Batch { settled, mail })
    }

    /// Gives up on one task that cannot be settled: answers it `InternalError`, changing nothing else.
    /// Tells what is new; nothing when it was answered already.
    pub async fn fail(&self, key: TaskKey) -> Result<News, StoreError> {
        let tx = self.db.begin().await?;
        let claimed = claim(&tx, &[key]).await?;
        let open = |claimed| match claimed {
            Claimed::Open(open, _) => Some((open, Answer::Failed)),
            Claimed::Answered => None,
        };
        let answers: Vec<_> = claimed.into_values().filter_map(open).collect();
        let answered = answers.iter().map(|(open, _)| open.key).collect();
        let mail = write_answers(&tx, &answers).await?;
        tx.commit().await?;
        Ok(News { answered, mail })
    }
}

/// A task whose row is locked until the transaction ends.
enum Claimed {
    /// To be answered; what it asks for, when that can be read.
    Open(Open, Result<Command, Refusal>),
    Answered,
}

async fn claim(tx: &Tx, keys: &[TaskKey]) -> Result<HashMap<TaskKey, Claimed>, StoreError> {
    let rows =
        tx.query(&CLAIM, keys.iter().map(|key| row![key.object, key.guid]).collect()).await?;
    let read = |mut row: Row| {
        let open = Open::read(&mut row)?;
        let request: Option<String> = row.get(9)?;
        let key = open.key;
        Ok(match request {
            Some(request) => {
                let command = protocol::read_command(&open.task_type, &request);
                (key, Claimed::Open(open, command))
            }
            None => (key, Claimed::Answered),
        })
    };
    rows.into_iter().map(read).collect()
}

fn answer(world: &mut World, open: &Open, command: Result<Command, Refusal>) -> Answer {
    if open.deadline <= world.now {
        return Answer::TimedOut;
    }
    match command {
        Ok(command) => decide(world, &Task { key: open.key, aggregator: open.aggregator, command }),
        Err(refusal) => Answer::Refused(refusal),
    }
}

fn age(task: &Open, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(task.registered_at)).unwrap_or(Duration::ZERO)
}

/// Writes what was decided; tells into which mailboxes events were put.
async fn write(tx: &Tx, changes: Changes, now: Timestamp) -> Result<Vec<MailboxId>, StoreError> {
    let updated: Rows = changes
        .updated
        .iter()
        .map(|(key, order)| {
            let (status, closed) = (order.status.as_str(), order.closed_at);
            row![key.object, key.guid, order.version, status, order.paid, closed]
        })
        .collect();
    let payments = changes.payments.into_iter().map(|payment| {
        row![
            payment.order.object,
            payment.task,
            payment.line,
            payment.order.guid,
            payment.currency,
            payment.amount,
            payment.written_off,
            payment.card_code.map(|card| card.0),
            payment.promised,
            now,
            payment.removed_by,
            payment.removed_by.map(|_| now),
        ]
    });
    if !changes.removals.is_empty() {
        let row = |(key, task): &(OrderKey, TaskGuid)| row![key.object, key.guid, *task, now];
        // Before this batch's own payments are there, which say themselves whether they are removed: so
        // awaited, not joined. How many there are is not known.
        tx.execute(&REMOVE_PAYMENTS, changes.removals.iter().map(row).collect()).await?;
    }
    // In boxes: a batch's future would be as large as all of them together.
    Box::pin(super::activeplatform::write(tx, changes.activeplatform, now)).await?;
    Box::pin(super::ticketscloud::write(tx, changes.ticketscloud, now)).await?;
    Box::pin(super::billmanager::write(tx, changes.billmanager, now)).await?;
    let (.., mail) = try_join!(
        super::orders::insert(tx, changes.created),
        execute_all(tx, &UPDATE_ORDERS, updated),
        execute_all(tx, &INSERT_PAYMENTS, payments.collect()),
        put_events(tx, changes.events),
    )?;
    Ok(mail)
}

/// Writes each row of the batch, or fails: a row that is not there any more, although it is locked, is
/// a mistake that must not pass quietly.
pub(super) async fn execute_all(
    tx: &Tx,
    statement: &'static Statement,
    rows: Rows,
) -> Result<(), StoreError> {
    let expected = rows.len() as u64;
    if expected == 0 {
        return Ok(());
    }
    let written = tx.execute(statement, rows).await?;
    if written == expected {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("{written} of {expected} rows were written: {statement:?}")))
}
