//! Dead letters: kept until retention forgets them, looked at without being used up.

mod list;

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::database::{Rows, Statement, Type, row};
use crate::domain::dead_letter::DeadLetter;
use crate::domain::task::{ObjectId, TaskGuid};

/// A letter as the store keeps it; its body is read by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLetter {
    /// Its number.
    pub id: i64,
    /// What it is, without the body.
    pub letter: DeadLetter,
    /// How the task stands: `open`, an outcome; `None`: there is no such task.
    pub task: Option<String>,
    /// How often it came.
    pub times: i64,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
    /// When it was last replayed.
    pub replayed_at: Option<Timestamp>,
}

/// Which letters; `None` is all of them.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// With this number.
    pub id: Option<i64>,
    /// Of this object.
    pub object: Option<ObjectId>,
    /// Of this task, or with a `message_id` that is the same guid.
    pub guid: Option<TaskGuid>,
    /// Of this kind of task.
    pub task_type: Option<String>,
    /// With this text in the reason, in whatever case.
    pub reason: Option<String>,
    /// That came (last) at this time or later.
    pub since: Option<Timestamp>,
    /// That came (last) before this time.
    pub until: Option<Timestamp>,
    /// At most so many, the newest.
    pub most: i64,
}

static KEEP: Statement = Statement::write(
    &[
        ("digest", Type::Bytes),
        ("door", Type::Text),
        ("reason", Type::Text),
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("task_type", Type::Text),
        ("message_id", Type::Text),
        ("publisher", Type::Text),
        ("aggregator", Type::Text),
        ("denied", Type::Text),
        ("body", Type::Bytes),
    ],
    "INSERT INTO dead_letters (digest, door, reason, object_id, task_guid, task_type, message_id,
                               publisher, aggregator, denied, body, first_at, last_at)
     SELECT digest, door, reason, object_id, task_guid, task_type, message_id, publisher, aggregator,
            denied, body, wsa_now(), wsa_now()
     FROM batch WHERE true
     ON CONFLICT (digest) DO UPDATE SET times = dead_letters.times + 1, last_at = wsa_now(),
                   denied = coalesce(excluded.denied, dead_letters.denied)",
);

static BODY: Statement = Statement::read(
    &[("letter_id", Type::Int)],
    "SELECT d.body, t.request FROM batch b {one dead_letters d: letter_id}
     {left one tasks t: task_guid = d.task_guid}",
);

// The same name is the same task: what was said of one message holds for every other of that name.
static DENIED: Statement = Statement::read(
    &[("message_id", Type::Text), ("publisher", Type::Text), ("aggregator", Type::Text)],
    "SELECT d.denied FROM batch b
     {all dead_letters d: message_id WHERE d.denied IS NOT NULL}
     {left one aggregators a: name = b.aggregator}
     WHERE (d.aggregator = b.aggregator OR d.publisher = a.amqp_user
            OR (d.aggregator IS NULL AND d.publisher = b.publisher))",
);

static LOCK: Statement = Statement::write(
    &[("letter_id", Type::Int)],
    "SELECT d.letter_id FROM {sorted letter_id} b {one dead_letters d: letter_id} {lock d}",
);

static REPLAYED: Statement = Statement::write(
    &[("letter_id", Type::Int)],
    "UPDATE dead_letters SET replayed_at = wsa_now() FROM batch b {these dead_letters: letter_id}",
);

static LOCK_TASK: Statement = Statement::write(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid FROM batch b {one tasks t: task_guid} {lock t}",
);

// As everywhere where a task is named: no index of open tasks may answer this.
static PUBLISH_AGAIN: Statement = Statement::write(
    &[("task_guid", Type::Uuid)],
    "UPDATE tasks SET publish_at = wsa_now() FROM batch b
     {these tasks: task_guid} AND coalesce(tasks.outcome, '') = '' AND tasks.deadline > wsa_now()",
);

static FORGET: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM dead_letters {those dead_letters: letter_id FROM
        SELECT d.letter_id FROM dead_letters d
        WHERE d.last_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
        ORDER BY d.last_at LIMIT (SELECT most FROM batch)}",
);

// As many as are kept at all are left, counted from the newest.
static TRIM: Statement = Statement::write(
    &[("keep", Type::Int), ("most", Type::Int)],
    "DELETE FROM dead_letters {those dead_letters: letter_id FROM
        SELECT d.letter_id FROM dead_letters d WHERE d.last_at <= (
            SELECT n.last_at FROM dead_letters n ORDER BY n.last_at DESC
            LIMIT 1 OFFSET (SELECT keep FROM batch))
        ORDER BY d.last_at LIMIT (SELECT most FROM batch)}",
);

impl Store {
    /// Keeps letters. What came before is the same letter, come once more.
    pub async fn keep_dead(&self, letters: Vec<DeadLetter>) -> Result<(), StoreError> {
        let mut rows: Vec<_> = letters.into_iter().map(DeadLetter::bounded).map(kept).collect();
        // Two of a batch may be the same; and everybody locks in one order.
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        let tx = self.db.begin().await?;
        while !rows.is_empty() {
            let mut again = Vec::new();
            let mut distinct: Vec<(Vec<u8>, _)> = Vec::with_capacity(rows.len());
            for row in rows {
                let same = distinct.last().is_some_and(|(digest, _)| *digest == row.0);
                if same { again.push(row) } else { distinct.push(row) }
            }
            tx.execute(&KEEP, distinct.into_iter().map(|(_, row)| row).collect()).await?;
            rows = again;
        }
        tx.commit().await
    }

    /// What a letter says: the message, or else the request of its task.
    pub async fn dead_body(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut row) = self.db.run(&BODY, vec![row![id]]).await?.pop() else {
            return Ok(None);
        };
        let (body, request): (Option<Vec<u8>>, Option<String>) =
            (row.get("body")?, row.get("request")?);
        Ok(body.or(request.map(String::into_bytes)))
    }

    /// What made the publisher of another letter with the same name take it for not done: the name is one task, in
    /// whichever message. `None` when nobody was told anything of it.
    pub async fn denied_by_name(
        &self,
        letter: &DeadLetter,
        aggregator: &str,
    ) -> Result<Option<String>, StoreError> {
        let Some(name) = &letter.message_id else { return Ok(None) };
        let row = row![name.clone(), letter.publisher.clone(), aggregator];
        let found = self.db.run(&DENIED, vec![row]).await?;
        found.into_iter().next().map(|mut row| row.get("denied")).transpose()
    }

    /// Remembers that letters were replayed.
    pub async fn record_replayed(&self, ids: &[i64]) -> Result<(), StoreError> {
        let rows = || -> Rows { ids.iter().map(|id| row![*id]).collect() };
        let tx = self.db.begin().await?;
        tx.query(&LOCK, rows()).await?;
        tx.execute(&REPLAYED, rows()).await?;
        tx.commit().await
    }

    /// Has an open task published again by the next sweeper that looks; `false` when it is answered, overdue or
    /// not there.
    pub async fn publish_again(&self, guid: TaskGuid) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        tx.query(&LOCK_TASK, vec![row![guid]]).await?;
        let due = tx.execute(&PUBLISH_AGAIN, vec![row![guid]]).await?;
        tx.commit().await?;
        Ok(due == 1)
    }

    /// Deletes up to `most` letters that came last more than `keep_s` seconds ago, and as many beyond the newest
    /// `keep`; tells whether there may be more.
    pub async fn forget_dead(&self, keep_s: i64, keep: i64, most: u64) -> Result<bool, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let tx = self.db.begin().await?;
        let old = tx.execute(&FORGET, vec![row![keep_s, limit]]).await?;
        let many = tx.execute(&TRIM, vec![row![keep, limit]]).await?;
        tx.commit().await?;
        Ok(old.max(many) == most)
    }
}

fn kept(letter: DeadLetter) -> (Vec<u8>, Vec<crate::database::Value>) {
    let digest = letter.digest();
    let row = row![
        digest.clone(),
        letter.door.as_str(),
        letter.reason,
        letter.object,
        letter.guid,
        letter.task_type,
        letter.message_id,
        letter.publisher,
        letter.aggregator,
        letter.denied,
        letter.body,
    ];
    (digest, row)
}
