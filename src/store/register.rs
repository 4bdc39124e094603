//! Accepting tasks: the moment from which a task is kept, come what may.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::denials::take_turns_of;
use super::sql::{Row, Rows, Statement, Type, row};
use super::{Store, StoreError};
use crate::task::{Accepted, Admission, AggregatorId, NewTask, ObjectId, Outcome, TaskGuid};

impl Registration {
    /// The acceptance, when the task is in the store.
    pub fn accepted(self) -> Option<Accepted> {
        match self {
            Registration::Accepted(accepted) | Registration::Repeated(accepted) => Some(accepted),
            Registration::NoLicence
            | Registration::GuidTaken
            | Registration::Different
            | Registration::Used(_)
            | Registration::Denied
            | Registration::Busy => None,
        }
    }
}

/// What became of one task handed to [`Store::register`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// It is in the store now.
    Accepted(Accepted),
    /// It was there already, the same request from the same aggregator: the same task.
    Repeated(Accepted),
    /// The aggregator has no licence for the object, or there is no such object.
    NoLicence,
    /// The guid is the task of another aggregator.
    GuidTaken,
    /// The aggregator has a task with this guid, but it asks for something else.
    Different,
    /// The guid is used up: a task had it whose answer is kept no longer, or it stands in the books. Nothing was
    /// registered; what the task did stays done. The outcome is told where it is known.
    Used(Option<Outcome>),
    /// Another copy of its message was denied, and its publisher told so.
    Denied,
    /// Another task about the same subject is open.
    Busy,
}

// The licence is checked by the statement that registers, so it cannot be withdrawn in between. What is
// `licensed` has been checked by the rules of its own protocol, and its object is none of `objects`. The clock
// is read once and kept: SQLite would otherwise read it anew for each column that is made of it.
//
// A guid that its caller named is looked for among the tasks, the deleted tasks and the orders, each by its
// index and only for such a guid. The tasks are looked through although their index would refuse a second one:
// retention deletes a task and writes its guid down in one transaction, so that the one moment at which this
// statement sees everything shows one of the two. Without that look, a task deleted while this statement runs
// would be in neither: not in the index any more, not yet in what is seen. (Sub-selects with a limit and not
// EXISTS, which a planner may answer by reading all of a table that it takes for small.)
static REGISTER: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("aggregator_id", Type::Int),
        ("task_type", Type::Text),
        ("request", Type::Text),
        ("timeout_s", Type::Int),
        ("default_timeout_s", Type::Int),
        ("republish_after_s", Type::Int),
        ("sync", Type::Bool),
        ("reply_to", Type::Text),
        ("correlation_id", Type::Text),
        ("subject", Type::Text),
        ("expires_at", Type::Time),
        ("licensed", Type::Bool),
        ("digest", Type::Bytes),
        ("named", Type::Bool),
        ("looks_drawn", Type::Bool),
        ("denials_since", Type::Time),
    ],
    "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, sync, reply_to,
                        correlation_id, subject, digest, named, registered_at, deadline, publish_at)
     SELECT object_id, task_guid, aggregator_id, task_type, request, sync, reply_to, correlation_id,
            subject, digest, named, moment,
            CASE WHEN expires_at < wsa_after(moment, timeout_s) THEN expires_at
                 ELSE wsa_after(moment, timeout_s) END,
            wsa_after(moment, republish_after_s)
     FROM (WITH clock AS MATERIALIZED (SELECT wsa_now() AS moment)
           SELECT b.object_id, b.task_guid, b.aggregator_id, b.task_type, b.request, b.sync,
                  b.reply_to, b.correlation_id, b.subject, b.digest, b.named,
                  coalesce(b.timeout_s, o.timeout_s, b.default_timeout_s) AS timeout_s,
                  b.republish_after_s, b.expires_at, clock.moment
           FROM clock CROSS JOIN batch b
           LEFT JOIN licences l ON l.aggregator_id = b.aggregator_id AND l.object_id = b.object_id
                               AND NOT b.licensed
           LEFT JOIN objects o ON o.object_id = b.object_id AND NOT b.licensed
           WHERE (b.licensed OR (l.object_id IS NOT NULL AND o.object_id IS NOT NULL))
             AND CASE WHEN b.named THEN coalesce(
                     (SELECT 1 FROM tasks t WHERE t.task_guid = b.task_guid LIMIT 1),
                     (SELECT 1 FROM retired_tasks r WHERE r.task_guid = b.task_guid LIMIT 1),
                     CASE WHEN NOT b.licensed THEN
                         (SELECT 1 FROM orders u
                          WHERE u.object_id = b.object_id AND u.order_guid = b.task_guid LIMIT 1) END,
                     CASE WHEN b.looks_drawn THEN
                         (SELECT 1 FROM forgotten_guids f WHERE f.newest >= b.task_guid LIMIT 1) END,
                     CASE WHEN b.denials_since IS NOT NULL THEN
                         (SELECT 1 FROM denials d
                          WHERE d.aggregator_id = b.aggregator_id AND d.task_guid = b.task_guid
                            AND d.denied_at >= b.denials_since LIMIT 1) END
                 ) IS NULL ELSE true END) AS admitted
     WHERE true
     ON CONFLICT DO NOTHING
     RETURNING task_guid, registered_at AS now, deadline",
);

static FIND_DENIED: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("task_guid", Type::Uuid), ("denials_since", Type::Time)],
    "SELECT b.task_guid FROM batch b
     JOIN denials d ON d.aggregator_id = b.aggregator_id AND d.task_guid = b.task_guid
     WHERE d.denied_at >= b.denials_since",
);

static FIND_REGISTERED: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid, wsa_now() AS now, t.deadline, t.aggregator_id, t.object_id, t.request, t.digest
     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
);

// Whoever has no licence for an object does not learn which orders it has.
static FIND_USED: Statement = Statement::read(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("aggregator_id", Type::Int),
        ("licensed", Type::Bool),
        ("looks_drawn", Type::Bool),
    ],
    "SELECT b.task_guid, r.task_guid IS NOT NULL AS retired, r.aggregator_id, r.outcome
     FROM batch b
     LEFT JOIN retired_tasks r ON r.task_guid = b.task_guid
     LEFT JOIN licences l ON l.aggregator_id = b.aggregator_id AND l.object_id = b.object_id
                         AND NOT b.licensed
     LEFT JOIN orders u ON u.object_id = l.object_id AND u.order_guid = b.task_guid
     LEFT JOIN forgotten_guids f ON b.looks_drawn AND f.newest >= b.task_guid
                                AND (b.licensed OR l.object_id IS NOT NULL)
     WHERE r.task_guid IS NOT NULL OR u.order_guid IS NOT NULL OR f.newest IS NOT NULL",
);

/// How a task without a word of its own is treated.
#[derive(Debug, Clone, Copy)]
pub struct RegisterDefaults {
    /// The deadline when neither request nor object names one, in seconds.
    pub timeout_s: i64,
    /// When the sweeper hands the task to the queue again should it still be open, in seconds.
    pub republish_after_s: i64,
}

impl Store {
    /// Registers tasks, each at most once by its guid. The result has the order of `tasks`.
    ///
    /// The deadline is the database's clock plus the request's timeout, else the object's, else the
    /// default; but never later than `expires_at`. A task that is past it is registered all the same, and is answered
    /// `Timeout` as any other that is overdue: whoever was told that there is none was told no.
    pub async fn register(
        &self,
        tasks: &[NewTask],
        defaults: RegisterDefaults,
    ) -> Result<Vec<Registration>, StoreError> {
        let mut registered = HashMap::with_capacity(tasks.len());
        let mut left: Vec<usize> = (0..tasks.len()).collect();
        // The same guid twice in a batch is a repetition like any other: the second one comes after
        // the first.
        while !left.is_empty() {
            let mut seen = HashSet::with_capacity(left.len());
            let (round, again): (Vec<usize>, _) =
                left.into_iter().partition(|i| seen.insert(tasks[*i].key.guid));
            let new: Vec<&NewTask> = round.iter().map(|i| &tasks[*i]).collect();
            registered.extend(round.into_iter().zip(self.register_distinct(&new, defaults).await?));
            left = again;
        }
        Ok((0..tasks.len()).filter_map(|i| registered.get(&i).copied()).collect())
    }

    async fn register_distinct(
        &self,
        tasks: &[&NewTask],
        defaults: RegisterDefaults,
    ) -> Result<Vec<Registration>, StoreError> {
        // Two batches that want the same subjects wait for each other in one order.
        let mut ordered = tasks.to_vec();
        ordered.sort_by_key(|task| (task.key.object, task.subject.as_deref()));
        let rows = ordered.into_iter().map(|task| {
            row![
                task.key.object,
                task.key.guid,
                task.aggregator,
                task.task_type,
                &*task.request,
                task.timeout_s,
                defaults.timeout_s,
                defaults.republish_after_s,
                task.sync,
                task.reply_to.as_deref(),
                task.correlation_id.as_deref(),
                task.subject.as_deref(),
                task.expires_at,
                task.admission == Admission::ByProtocol,
                task.digest.0.to_vec(),
                task.named,
                task.key.guid.looks_drawn(),
                task.denials_since,
            ]
        });
        let inserted = self.insert(tasks, rows.collect()).await?;
        let accepted: HashMap<TaskGuid, Accepted> =
            inserted.into_iter().map(|mut row| read(&mut row)).collect::<Result<_, _>>()?;

        let missing = tasks.iter().map(|task| task.key.guid).filter(|g| !accepted.contains_key(g));
        let missing: Vec<_> = missing.map(|guid| row![guid]).collect();
        let known: HashMap<TaskGuid, Known> = match missing.is_empty() {
            true => HashMap::new(),
            false => {
                let rows = self.db.run(&FIND_REGISTERED, missing).await?;
                rows.into_iter().map(Known::read).collect::<Result<_, _>>()?
            }
        };
        let used = self
            .used(tasks, |guid| accepted.contains_key(guid) || known.contains_key(guid))
            .await?;
        let denied = self
            .denied_before(tasks, |guid| {
                accepted.contains_key(guid) || known.contains_key(guid) || used.contains_key(guid)
            })
            .await?;
        let of = |task: &&NewTask| match accepted.get(&task.key.guid) {
            Some(accepted) => Registration::Accepted(*accepted),
            None => match known.get(&task.key.guid) {
                Some(known) => known.registration_of(task),
                None if denied.contains(&task.key.guid) => Registration::Denied,
                None => used.get(&task.key.guid).copied().unwrap_or(match task.subject {
                    // Nothing but an open task about its subject can have kept it out.
                    Some(_) => Registration::Busy,
                    None => Registration::NoLicence,
                }),
            },
        };
        Ok(tasks.iter().map(of).collect())
    }

    /// Only where somebody may be denying the same at this moment does it take more than one statement.
    async fn insert(&self, tasks: &[&NewTask], rows: Rows) -> Result<Vec<Row>, StoreError> {
        if tasks.iter().all(|task| task.denials_since.is_none()) {
            return self.db.run(&REGISTER, rows).await;
        }
        let tx = self.db.begin().await?;
        take_turns_of(&tx, tasks).await?;
        let inserted = tx.query(&REGISTER, rows).await?;
        tx.commit().await?;
        Ok(inserted)
    }

    /// Which of those that are not `found` are denied.
    async fn denied_before(
        &self,
        tasks: &[&NewTask],
        found: impl Fn(&TaskGuid) -> bool,
    ) -> Result<HashSet<TaskGuid>, StoreError> {
        let left = tasks.iter().filter(|task| !found(&task.key.guid));
        let rows: Rows = left
            .filter_map(|task| Some((task, task.denials_since?)))
            .map(|(task, since)| row![task.aggregator, task.key.guid, since])
            .collect();
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let denied = self.db.run(&FIND_DENIED, rows).await?;
        denied.into_iter().map(|mut row| row.get("task_guid")).collect()
    }

    /// Which guids that callers named are used up, of those that are not `found` as tasks.
    async fn used(
        &self,
        tasks: &[&NewTask],
        found: impl Fn(&TaskGuid) -> bool,
    ) -> Result<HashMap<TaskGuid, Registration>, StoreError> {
        let left: HashMap<TaskGuid, &NewTask> = tasks
            .iter()
            .filter(|task| task.named && !found(&task.key.guid))
            .map(|task| (task.key.guid, *task))
            .collect();
        if left.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = left.values().map(|task| {
            let licensed = task.admission == Admission::ByProtocol;
            let (key, drawn) = (task.key, task.key.guid.looks_drawn());
            row![key.object, key.guid, task.aggregator, licensed, drawn]
        });
        let mut used = HashMap::new();
        for mut row in self.db.run(&FIND_USED, rows.collect()).await? {
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

fn read(row: &mut Row) -> Result<(TaskGuid, Accepted), StoreError> {
    let (guid, now, deadline): (_, Timestamp, Timestamp) =
        (row.get("task_guid")?, row.get("now")?, row.get("deadline")?);
    let remaining_us = (deadline.as_microsecond() - now.as_microsecond()).max(0);
    Ok((guid, Accepted { deadline, remaining_us }))
}
