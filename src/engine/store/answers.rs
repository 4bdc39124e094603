//! Answers: written once, and read by `taskGuid`.

use std::collections::HashMap;

use jiff::Timestamp;

use super::notifications::put_answers;
use super::{Store, StoreError};
use crate::database::{Row, Rows, Statement, Type, Write, row};
use crate::domain::outbox::Announcement;
use crate::domain::task::{AggregatorId, Outcome, TaskGuid, TaskKey};
use crate::domain::token::TokenHash;
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
    /// Whether it was accepted less than a second ago.
    pub young: bool,
    /// The answer, exactly as it was first written; `None` while the task is open.
    pub answer: Option<String>,
    /// Whether this very look-up answered it `Timeout`.
    pub timed_out_now: bool,
}

static FIND: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.aggregator_id, t.deadline, t.answer,
            t.registered_at > wsa_after(wsa_now(), -1) AND t.registered_at <= wsa_now() AS young,
            t.outcome IS NULL AND t.deadline <= wsa_now() AS overdue
     FROM batch b {one tasks t: task_guid}",
);

// The token is compared here, so that a poll is one statement.
static FIND_AS: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("token_hash", Type::Bytes), ("task_guid", Type::Uuid)],
    "SELECT b.aggregator_id AS caller, b.token_hash, b.task_guid AS asked, a.requests_per_s,
            t.object_id, t.task_guid, t.aggregator_id, t.deadline, t.answer,
            t.registered_at > wsa_after(wsa_now(), -1) AND t.registered_at <= wsa_now() AS young,
            t.outcome IS NULL AND t.deadline <= wsa_now() AS overdue
     FROM batch b
     {one aggregators a: aggregator_id WHERE a.token_hash = b.token_hash}
     {left one tasks t: task_guid}",
);

/// A poll: the task, and by which token of whom it is asked for.
pub type Poll = (AggregatorId, TokenHash, TaskGuid);

/// What a caller who has its token is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    /// The task; `None` when there is none.
    pub task: Option<Found>,
    /// How many requests a second the caller may make by now.
    pub requests_per_s: Option<i64>,
}

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
     {left one retired_tasks r: task_guid}
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
     FROM batch b {these tasks: object_id, task_guid} AND coalesce(tasks.outcome, '') = ''",
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

    /// Finds tasks for callers who must have these tokens: those who have not are missing in the result. Else as
    /// [`Store::find`].
    pub async fn find_as(
        &self,
        polls: &[Poll],
    ) -> Result<(HashMap<Poll, Polled>, Announcement), StoreError> {
        let rows = polls.iter().map(|(caller, token, guid)| row![*caller, token.0.to_vec(), *guid]);
        let (mut found, mut overdue) = (HashMap::with_capacity(polls.len()), Vec::new());
        for mut row in self.db.run(&FIND_AS, rows.collect()).await? {
            let token: Vec<u8> = row.get("token_hash")?;
            let token = token
                .try_into()
                .map_err(|_| StoreError::Corrupt("the hash of a token has not 32 bytes".into()))?;
            let poll = (row.get("caller")?, TokenHash(token), row.get("asked")?);
            let there: Option<TaskGuid> = row.get("task_guid")?;
            if there.is_some() && row.get("overdue")? {
                overdue.push(poll);
            }
            let task = there.map(|guid| read(guid, &mut row)).transpose()?;
            found.insert(poll, Polled { task, requests_per_s: row.get("requests_per_s")? });
        }
        if overdue.is_empty() {
            return Ok((found, Announcement::default()));
        }
        let guids: Vec<TaskGuid> = overdue.iter().map(|(.., guid)| *guid).collect();
        let (again, announcement) = self.find(&guids).await?;
        for poll in overdue {
            let task = again.get(&poll.2).cloned();
            found.entry(poll).and_modify(|polled| polled.task = task);
        }
        Ok((found, announcement))
    }

    async fn find_into(
        &self,
        guids: &[TaskGuid],
        tasks: &mut HashMap<TaskGuid, Found>,
        overdue: &mut Vec<TaskKey>,
    ) -> Result<(), StoreError> {
        let rows = self.db.run(&FIND, guids.iter().map(|guid| row![*guid]).collect()).await?;
        for mut row in rows {
            let found = read(row.get("task_guid")?, &mut row)?;
            if row.get("overdue")? {
                overdue.push(found.key);
            }
            tasks.insert(found.key.guid, found);
        }
        Ok(())
    }
}

fn read(guid: TaskGuid, row: &mut Row) -> Result<Found, StoreError> {
    Ok(Found {
        key: TaskKey { object: row.get("object_id")?, guid },
        aggregator: row.get("aggregator_id")?,
        deadline: row.get("deadline")?,
        young: row.get("young")?,
        answer: row.get("answer")?,
        timed_out_now: false,
    })
}

/// Writes the answers of open tasks whose rows this transaction holds, and puts them into the subscriptions of
/// those who asked; gives a row for each that it puts in.
pub(super) fn writes(answers: Vec<Answered>) -> [Write; 2] {
    let (mut tasks, mut rows) = (Vec::with_capacity(answers.len()), Rows::new());
    for Answered { task, outcome, answer } in answers {
        rows.push(row![task.key.object, task.key.guid, outcome.as_str(), answer]);
        tasks.push(task);
    }
    [Write::each(&ANSWER, rows), put_answers(&tasks)]
}
