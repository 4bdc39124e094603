//! Reading answers by `taskGuid`.

use std::collections::HashMap;

use jiff::Timestamp;

use super::sql::{Row, Statement, Type, row};
use super::{Store, StoreError};
use crate::mail::News;
use crate::task::{AggregatorId, TaskGuid, TaskKey};

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
            t.outcome IS NULL AND t.deadline <= wsa_now()
     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
);

impl Store {
    /// Finds tasks. One that is open past its deadline is answered `Timeout` here and now: a poller
    /// never waits for the sweeper. One that a worker holds stays open: the worker decides about it.
    /// Tells also what is new by that.
    pub async fn find(
        &self,
        guids: &[TaskGuid],
    ) -> Result<(HashMap<TaskGuid, Found>, News), StoreError> {
        let mut tasks = HashMap::with_capacity(guids.len());
        let mut overdue = Vec::new();
        self.find_into(guids, &mut tasks, &mut overdue).await?;
        let mut news = News::default();
        if !overdue.is_empty() {
            // One that cannot be answered stays open; the error of a store that is away is everybody's.
            match self.expire_pieces(overdue.clone(), &mut news).await {
                Err(error) if error.is_passing() => return Err(error),
                _ => {}
            }
            let again: Vec<_> = overdue.drain(..).map(|key| key.guid).collect();
            self.find_into(&again, &mut tasks, &mut overdue).await?;
            for key in &news.answered {
                tasks.entry(key.guid).and_modify(|found| found.timed_out_now = true);
            }
        }
        Ok((tasks, news))
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
            if row.get(5)? {
                overdue.push(found.key);
            }
            tasks.insert(found.key.guid, found);
        }
        Ok(())
    }
}

fn read(row: &mut Row) -> Result<Found, StoreError> {
    Ok(Found {
        key: TaskKey { object: row.get(0)?, guid: row.get(1)? },
        aggregator: row.get(2)?,
        deadline: row.get(3)?,
        answer: row.get(4)?,
        timed_out_now: false,
    })
}
