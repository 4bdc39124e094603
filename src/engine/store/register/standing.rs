//! Why tasks were not registered: what stands in the store of their guids.

use std::collections::{HashMap, HashSet};

use super::{Registration, read};
use crate::database::{Row, Rows, Statement, StoreError, Type, row};
use crate::domain::task::{Accepted, Admission, AggregatorId, NewTask, ObjectId, TaskGuid};
use crate::engine::store::Store;

static FIND_DENIED: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("task_guid", Type::Uuid), ("denials_since", Type::Time)],
    "SELECT b.task_guid FROM batch b {one denials d: aggregator_id, task_guid}
     WHERE d.denied_at >= b.denials_since",
);

static FIND_REGISTERED: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid, wsa_now() AS now, t.deadline, t.aggregator_id,
            CASE WHEN t.not_before > wsa_now() THEN true ELSE false END AS scheduled,
            t.object_id, t.request, t.digest
     FROM batch b {one tasks t: task_guid}",
);

static FIND_TOO_FAR: Statement = Statement::read(
    &[("task_guid", Type::Uuid), ("not_before", Type::Time), ("furthest_s", Type::Int)],
    "SELECT b.task_guid FROM batch b WHERE b.not_before > wsa_after(wsa_now(), b.furthest_s)",
);

impl Store {
    /// What kept out tasks that were not registered just now. One without an entry has no licence, or another task
    /// about its subject is open.
    pub(super) async fn standing(
        &self,
        mut left: Vec<&NewTask>,
        furthest_s: i64,
    ) -> Result<HashMap<TaskGuid, Registration>, StoreError> {
        let mut standing = HashMap::with_capacity(left.len());
        if left.is_empty() {
            return Ok(standing);
        }
        let guids = left.iter().map(|task| row![task.key.guid]).collect();
        let rows = self.db.run(&FIND_REGISTERED, guids).await?;
        let known: HashMap<TaskGuid, Known> =
            rows.into_iter().map(Known::read).collect::<Result<_, _>>()?;
        let there = |task: &NewTask| {
            known.get(&task.key.guid).map(|known| (task.key.guid, known.registration_of(task)))
        };
        standing.extend(left.iter().filter_map(|task| there(task)));
        left.retain(|task| !known.contains_key(&task.key.guid));
        standing.extend(self.used(&left).await?);
        left.retain(|task| !standing.contains_key(&task.key.guid));
        let denied = self.denied_before(&left).await?;
        standing.extend(denied.into_iter().map(|guid| (guid, Registration::Denied)));
        left.retain(|task| !standing.contains_key(&task.key.guid));
        standing.extend(self.too_far(&left, furthest_s).await?);
        Ok(standing)
    }

    /// Which of these are denied.
    async fn denied_before(&self, tasks: &[&NewTask]) -> Result<HashSet<TaskGuid>, StoreError> {
        let rows: Rows = tasks
            .iter()
            .filter_map(|task| Some((task, task.denials_since?)))
            .map(|(task, since)| row![task.aggregator, task.key.guid, since])
            .collect();
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let denied = self.db.run(&FIND_DENIED, rows).await?;
        denied.into_iter().map(|mut row| row.get("task_guid")).collect()
    }

    /// Which of these are to begin later than any task may. What has no licence is not told apart from what has: nothing
    /// of an object is in the answer.
    async fn too_far(
        &self,
        tasks: &[&NewTask],
        furthest_s: i64,
    ) -> Result<Vec<(TaskGuid, Registration)>, StoreError> {
        let row = |task: &&NewTask| Some(row![task.key.guid, task.not_before?, furthest_s]);
        let rows: Rows = tasks.iter().filter_map(row).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.run(&FIND_TOO_FAR, rows).await?;
        let read = |mut row: Row| Ok((row.get("task_guid")?, Registration::TooFar));
        found.into_iter().map(read).collect()
    }

    /// Which guids that callers named are used up, of tasks that are not there.
    async fn used(
        &self,
        tasks: &[&NewTask],
    ) -> Result<HashMap<TaskGuid, Registration>, StoreError> {
        let left: HashMap<TaskGuid, &NewTask> =
            tasks.iter().filter(|task| task.named).map(|task| (task.key.guid, *task)).collect();
        if left.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = left.values().map(|task| {
            let licensed = task.admission == Admission::ByProtocol;
            let (key, drawn) = (task.key, task.key.guid.looks_drawn());
            row![key.object, key.guid, task.aggregator, licensed, drawn]
        });
        let mut used = HashMap::new();
        for mut row in self.db.run(&self.protocols.registering().find_used, rows.collect()).await? {
            let guid: TaskGuid = row.get("task_guid")?;
            let (retired, owner): (bool, Option<AggregatorId>) =
                (row.get("retired")?, row.get("aggregator_id")?);
            let outcome = row.word_if_any("outcome")?;
            let foreign = |owner| left.get(&guid).is_some_and(|task| task.aggregator != owner);
            used.insert(
                guid,
                match owner {
                    Some(owner) if retired && foreign(owner) => Registration::GuidTaken,
                    _ => Registration::Used(outcome),
                },
            );
        }
        Ok(used)
    }
}

/// A task that was registered before, and is there.
struct Known {
    accepted: Accepted,
    aggregator: AggregatorId,
    object: ObjectId,
    request: String,
    /// `None` for what an older program registered.
    digest: Option<Vec<u8>>,
}

impl Known {
    fn read(mut row: Row) -> Result<(TaskGuid, Known), StoreError> {
        let (guid, accepted) = read(&mut row)?;
        let (aggregator, object, request) =
            (row.get("aggregator_id")?, row.get("object_id")?, row.get("request")?);
        let digest = row.get("digest")?;
        Ok((guid, Known { accepted, aggregator, object, request, digest }))
    }

    fn registration_of(&self, task: &NewTask) -> Registration {
        if self.aggregator != task.aggregator {
            return Registration::GuidTaken;
        }
        let same = match &self.digest {
            Some(digest) => **digest == task.digest.0,
            None => *self.request == *task.request,
        };
        match self.object == task.key.object && same {
            true => Registration::Repeated(self.accepted),
            false => Registration::Different,
        }
    }
}
