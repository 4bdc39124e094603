//! Accepting tasks: the moment from which a task is kept, come what may.

mod standing;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::Store;
use super::denials::take_turns_of;
use crate::database::{Row, Rows, StoreError, row};
use crate::domain::task::{Accepted, Admission, NewTask, Outcome, TaskGuid};

impl Registration {
    /// The same, where an attempt to register the same was lost just before: it accepted what is there now.
    pub fn after_a_loss(self) -> Registration {
        match self {
            Registration::Repeated(accepted) => Registration::Accepted(accepted),
            other => other,
        }
    }

    /// The acceptance, when the task is in the store.
    pub fn accepted(self) -> Option<Accepted> {
        match self {
            Registration::Accepted(accepted) | Registration::Repeated(accepted) => Some(accepted),
            Registration::NoLicence
            | Registration::GuidTaken
            | Registration::Different
            | Registration::Used(_)
            | Registration::Denied
            | Registration::TooFar
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
    /// It is not to begin before a time that is further ahead than may be. Nothing was registered.
    TooFar,
    /// Another task about the same subject is open.
    Busy,
}

/// How a task without a word of its own is treated.
#[derive(Debug, Clone, Copy)]
pub struct RegisterDefaults {
    /// The deadline when neither request nor object names one, in seconds.
    pub timeout_s: i64,
    /// When the sweeper hands the task to the queue again should it still be open, in seconds.
    pub republish_after_s: i64,
    /// How far ahead a task may be scheduled, in seconds.
    pub furthest_s: i64,
}

impl Store {
    /// Registers tasks, each at most once by its guid. The result has the order of `tasks`.
    ///
    /// The deadline is the database's clock plus the request's timeout, else the object's, else the
    /// default; but never later than `expires_at`. Of a scheduled task it counts from its own time. A task that is past it is registered all the same, and is answered
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
                task.token.map(|token| token.0.to_vec()),
                task.not_before,
                defaults.furthest_s,
            ]
        });
        let inserted = self.insert(tasks, rows.collect()).await?;
        let accepted: HashMap<TaskGuid, Accepted> =
            inserted.into_iter().map(|mut row| read(&mut row)).collect::<Result<_, _>>()?;

        let left: Vec<&NewTask> =
            tasks.iter().copied().filter(|t| !accepted.contains_key(&t.key.guid)).collect();
        let standing = self.standing(left, defaults.furthest_s).await?;
        let of = |task: &&NewTask| match accepted.get(&task.key.guid) {
            Some(accepted) => Registration::Accepted(*accepted),
            None => standing.get(&task.key.guid).copied().unwrap_or(match task.subject {
                // Nothing but an open task about its subject can have kept it out.
                Some(_) => Registration::Busy,
                None => Registration::NoLicence,
            }),
        };
        Ok(tasks.iter().map(of).collect())
    }

    /// Only where somebody may be denying the same at this moment does it take more than one statement.
    async fn insert(&self, tasks: &[&NewTask], rows: Rows) -> Result<Vec<Row>, StoreError> {
        let any_named = tasks.iter().any(|task| task.named);
        let register = self.protocols.registering().of_batch(any_named);
        if tasks.iter().all(|task| task.denials_since.is_none()) {
            return self.db.run(register, rows).await;
        }
        let tx = self.db.begin().await?;
        take_turns_of(&tx, tasks).await?;
        let inserted = tx.query(register, rows).await?;
        tx.commit().await?;
        Ok(inserted)
    }
}

pub(super) fn read(row: &mut Row) -> Result<(TaskGuid, Accepted), StoreError> {
    let (guid, now, deadline): (_, Timestamp, Timestamp) =
        (row.get("task_guid")?, row.get("now")?, row.get("deadline")?);
    let remaining_us = (deadline.as_microsecond() - now.as_microsecond()).max(0);
    Ok((guid, Accepted { deadline, remaining_us, scheduled: row.get("scheduled")? }))
}
