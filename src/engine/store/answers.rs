//! Answers: written once, and read by `taskGuid`.

use std::collections::HashMap;

use futures_util::try_join;
use jiff::Timestamp;

use super::notifications::put_answers;
use super::{Store, StoreError};
use crate::database::{Row, Rows, Statement, Tx, Type, row};
use crate::domain::outbox::{Announcement, SubscriptionId};
use crate::domain::task::{AggregatorId, Outcome, TaskGuid, TaskKey};
use crate::engine::protocol::Answered;

/// A task as a poller finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Object and guid.
    pub key: TaskKey,
    /// Who may read it.
    pub aggregator: AggregatorId,
    /// By when it is answered.
    pub deadline: Timestamp,
    /// The answer, exactly as it was first written; `None` while the task is open.
    pub answer: Option<String>,
    /// Whether this very look-up answered it `Timeout`.
    pub timed_out_now: bool,
}

static FIND: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.aggregator_id, t.deadline, t.answer,
            t.outcome IS NULL AND t.deadline <= wsa_now() AS overdue
     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
);

/// A task that is there no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// Its caller named it. Who may know of it, where that is known, and what became of it.
    Named(Option<AggregatorId>, Option<Outcome>),
    /// The guid is no greater than those that were drawn here and deleted: a task may have had it.
    Drawn,
}

static FIND_EXPIRED: Statement = Statement::read(
    &[("task_guid", Type::Uuid), ("looks_drawn", Type::Bool)],
    "SELECT r.task_guid IS NOT NULL AS retired, r.aggregator_id, r.outcome
     FROM batch b
     LEFT JOIN retired_tasks r ON r.task_guid = b.task_guid
     LEFT JOIN forgotten_guids f ON b.looks_drawn AND f.newest >= b.task_guid
     WHERE r.task_guid IS NOT NULL OR f.newest IS NOT NULL",
);

static ANSWER: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("outcome", Type::Text),
        ("answer", Type::Text),
    ],
    "UPDATE tasks SET outcome = b.outcome, answer = b.answer, answered_at = wsa_now()
     FROM batch b
     WHERE tasks.object_id = b.object_id AND tasks.task_guid = b.task_guid
       AND coalesce(tasks.outcome, '') = ''",
);

impl Store {
    /// Whether a guid that no task has was that of a task whose answer is kept no longer.
    pub async fn expired(&self, guid: TaskGuid) -> Result<Option<Expired>, StoreError> {
        let rows = self.db.run(&FIND_EXPIRED, vec![row![guid, guid.looks_drawn()]]).await?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(match row.get("retired")? {
            true => Expired::Named(row.get("aggregator_id")?, row.word_if_any("outcome")?),
            false => Expired::Drawn,
        }))
    }

    /// Finds tasks. One that is open past its deadline is answered `Timeout` here and now: a poller
    /// never waits for the sweeper. One that a worker holds stays open: the worker decides about it.
    /// Tells also what is new by that.
    pub async fn find(
        &self,
        guids: &[TaskGuid],
    ) -> Result<(HashMap<TaskGuid, Found>, Announcement), StoreError> {
        let mut tasks = HashMap::with_capacity(guids.len());
        let mut overdue = Vec::new();
        self.find_into(guids, &mut tasks, &mut overdue).await?;
        let mut announcement = Announcement::default();
        if !overdue.is_empty() {
            // One that cannot be answered stays open; the error of a store that is away is everybody's.
            match self.expire_pieces(overdue.clone(), &mut announcement).await {
                Err(error) if error.is_passing() => return Err(error),
                _ => {}
            }
            let again: Vec<_> = overdue.drain(..).map(|key| key.guid).collect();
            self.find_into(&again, &mut tasks, &mut overdue).await?;
            for key in &announcement.answered {
                tasks.entry(key.guid).and_modify(|found| found.timed_out_now = true);
            }
        }
        Ok((tasks, announcement))
    }

    async fn find_into(
        &self,
        guids: &[TaskGuid],
        tasks: &mut HashMap<TaskGuid, Found>,
        overdue: &mut Vec<TaskKey>,
    ) -> Result<(), StoreError> {
        let rows = self.db.run(&FIND, guids.iter().map(|guid| row![*guid]).collect()).await?;
        for mut row in rows {
            let found = read(&mut row)?;
            if row.get("overdue")? {
                overdue.push(found.key);
            }
            tasks.insert(found.key.guid, found);
        }
        Ok(())
    }
}

fn read(row: &mut Row) -> Result<Found, StoreError> {
    Ok(Found {
        key: TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? },
        aggregator: row.get("aggregator_id")?,
        deadline: row.get("deadline")?,
        answer: row.get("answer")?,
        timed_out_now: false,
    })
}

/// Writes the answers of open tasks whose rows this transaction holds, and puts them into the subscriptions of
/// those who asked; tells into which.
pub(super) async fn write(
    tx: &Tx,
    answers: Vec<Answered>,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let (mut tasks, mut rows) = (Vec::with_capacity(answers.len()), Rows::new());
    for Answered { task, outcome, answer } in answers {
        rows.push(row![task.key.object, task.key.guid, outcome.as_str(), answer]);
        tasks.push(task);
    }
    let (_, mail) = try_join!(tx.execute_all(&ANSWER, rows), put_answers(tx, tasks.iter()))?;
    Ok(mail)
}
