//! Accepting tasks: the moment from which a task is kept, come what may.

use std::collections::HashMap;

use jiff::Timestamp;

use super::sql::{Row, Statement, Type, row};
use super::{Store, StoreError};
use crate::task::{Accepted, AggregatorId, NewTask, TaskGuid};

impl Registration {
    /// The acceptance, when the task is in the store.
    pub fn accepted(self) -> Option<Accepted> {
        match self {
            Registration::Accepted(accepted) | Registration::Repeated(accepted) => Some(accepted),
            Registration::NoLicence | Registration::GuidTaken => None,
        }
    }
}

/// What became of one task handed to [`Store::register`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// It is in the store now.
    Accepted(Accepted),
    /// It was there already, from the same aggregator: the same answer as the first time.
    Repeated(Accepted),
    /// The aggregator has no licence for the object, or there is no such object.
    NoLicence,
    /// The guid is another task's.
    GuidTaken,
}

// The licence is checked by the statement that registers, so it cannot be withdrawn in between. The clock
// is read once and kept: SQLite would otherwise read it anew for each column that is made of it.
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
    ],
    "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request,
                        registered_at, deadline, publish_at)
     SELECT object_id, task_guid, aggregator_id, task_type, request,
            moment, wsa_after(moment, timeout_s), wsa_after(moment, republish_after_s)
     FROM (WITH clock AS MATERIALIZED (SELECT wsa_now() AS moment)
           SELECT b.object_id, b.task_guid, b.aggregator_id, b.task_type, b.request,
                  coalesce(b.timeout_s, o.timeout_s, b.default_timeout_s) AS timeout_s,
                  b.republish_after_s, clock.moment
           FROM clock CROSS JOIN batch b
           JOIN licences l ON l.aggregator_id = b.aggregator_id AND l.object_id = b.object_id
           JOIN objects o ON o.object_id = b.object_id) AS admitted
     WHERE true
     ON CONFLICT DO NOTHING
     RETURNING task_guid, aggregator_id, registered_at, deadline",
);

static FIND_REGISTERED: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid, t.aggregator_id, t.registered_at, t.deadline
     FROM batch b JOIN tasks t ON t.task_guid = b.task_guid",
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
    /// default.
    pub async fn register(
        &self,
        tasks: &[NewTask],
        defaults: RegisterDefaults,
    ) -> Result<Vec<Registration>, StoreError> {
        let rows = tasks.iter().map(|task| {
            row![
                task.key.object,
                task.key.guid,
                task.aggregator,
                task.task_type,
                &*task.request,
                task.timeout_s,
                defaults.timeout_s,
                defaults.republish_after_s,
            ]
        });
        let inserted = self.db.run(&REGISTER, rows.collect()).await?;
        let accepted = by_guid(inserted)?;

        let missing: Vec<_> =
            tasks.iter().filter(|t| !accepted.contains_key(&t.key.guid)).collect();
        let known = match missing.is_empty() {
            true => HashMap::new(),
            false => {
                let guids = missing.iter().map(|t| row![t.key.guid]).collect();
                by_guid(self.db.run(&FIND_REGISTERED, guids).await?)?
            }
        };
        let of = |task: &NewTask| match (accepted.get(&task.key.guid), known.get(&task.key.guid)) {
            (Some((owner, accepted)), _) if *owner == task.aggregator => {
                Registration::Accepted(*accepted)
            }
            (None, Some((owner, first))) if *owner == task.aggregator => {
                Registration::Repeated(*first)
            }
            (Some(_), _) | (None, Some(_)) => Registration::GuidTaken,
            (None, None) => Registration::NoLicence,
        };
        Ok(tasks.iter().map(of).collect())
    }
}

type ByGuid = HashMap<TaskGuid, (AggregatorId, Accepted)>;

fn by_guid(rows: Vec<Row>) -> Result<ByGuid, StoreError> {
    let read = |mut row: Row| {
        let (registered_at, deadline): (Timestamp, Timestamp) = (row.get(2)?, row.get(3)?);
        let remaining_us = deadline.as_microsecond() - registered_at.as_microsecond();
        Ok((row.get(0)?, (row.get(1)?, Accepted { deadline, remaining_us })))
    };
    rows.into_iter().map(read).collect()
}
