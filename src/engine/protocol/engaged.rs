//! Protocols in the hands of the engine: found by the type of a task, whatever their own types are.

use std::collections::HashMap;
use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::audit::Audit;
use super::callers::{CallersOf, FindCallers};
use super::preparing::prepare;
use super::registering::{GuidsOf, Registering};
use super::{Answered, Delivered, Prepared, Protocol, Refusal};
use crate::config::Settings;
use crate::database::{Db, Look, Statement, StoreError, Tx};
use crate::domain::outbox::{Content, Notification};
use crate::domain::task::{ClaimedTask, Foretold, NewTask, TaskGuid, TaskKey, Undone};

/// The protocols that a process speaks.
pub struct Protocols {
    all: Vec<Box<dyn Engaged>>,
    /// The place of each type's protocol among them.
    by_type: HashMap<&'static str, usize>,
    notification: Option<fn(&Notification) -> String>,
    /// Finds the callers of each.
    callers: FindCallers,
    registering: Registering,
}

impl fmt::Debug for Protocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.by_type.keys()).finish()
    }
}

impl Protocols {
    /// These protocols. A batch locks their rows in this order.
    pub fn of(all: Vec<Box<dyn Engaged>>) -> Protocols {
        let types = all.iter().enumerate().flat_map(|(place, protocol)| {
            protocol.task_types().iter().map(move |task_type| (*task_type, place))
        });
        let notification = all.iter().find_map(|protocol| protocol.notification());
        let callers = FindCallers::of(all.iter().flat_map(|protocol| protocol.callers()));
        let registering = Registering::of(all.iter().filter_map(|protocol| protocol.guids()));
        Protocols { by_type: types.collect(), notification, callers, registering, all }
    }

    /// Each of them.
    pub fn all(&self) -> impl Iterator<Item = &dyn Engaged> {
        self.all.iter().map(|protocol| &**protocol)
    }

    /// The statements that find their callers.
    pub(crate) fn callers(&self) -> &FindCallers {
        &self.callers
    }

    /// The statements that register tasks.
    pub(crate) fn registering(&self) -> &Registering {
        &self.registering
    }

    /// The statements that were put together for these protocols, by their names: they are no `static`.
    pub fn composed(&self) -> [(&'static str, &Statement); 6] {
        let FindCallers { by_token, by_user, by_name } = &self.callers;
        let Registering { register, register_drawn, find_used } = &self.registering;
        [
            ("by_token", by_token),
            ("by_user", by_user),
            ("by_name", by_name),
            ("register", register),
            ("register_drawn", register_drawn),
            ("find_used", find_used),
        ]
    }

    fn place(&self, task: &ClaimedTask) -> Result<usize, StoreError> {
        let TaskKey { object, guid } = task.key;
        self.by_type.get(&*task.task_type).copied().ok_or_else(|| {
            let task_type = &task.task_type;
            StoreError::Corrupt(format!(
                "task {guid} of object {object} is a {task_type:?}, which no protocol has"
            ))
        })
    }

    /// The task that a delivered one is to cancel, when it is to cancel one.
    pub fn cancels(&self, Delivered { task, request }: &Delivered) -> Option<TaskKey> {
        let protocol = &self.all[*self.by_type.get(&*task.task_type)?];
        let guid = protocol.cancels(&task.task_type, request)?;
        Some(TaskKey { object: task.key.object, guid })
    }

    /// Writes the answer of a task that was not carried out.
    pub fn undone(&self, task: ClaimedTask, why: Undone) -> Result<Answered, StoreError> {
        let answer = self.all[self.place(&task)?].undone(&task, why);
        Ok(Answered { task, outcome: why.outcome(), answer })
    }

    /// Why a task of this type was not done, by its answer.
    pub fn refusal(&self, task_type: &str, answer: &str) -> Option<Refusal> {
        self.all[*self.by_type.get(task_type)?].refusal(answer)
    }

    /// Writes the body of a notification that is posted to a URL: in the form of the protocol whose callers have callbacks.
    pub fn notification(&self, notification: &Notification) -> String {
        let (Content::Answer { answer: body, .. } | Content::Event { order_json: body, .. }) =
            &notification.content;
        self.notification.map_or_else(|| body.clone(), |write| write(notification))
    }

    /// What will be looked up for tasks of which messages say this much.
    pub fn foresee(&self, foretold: &[Foretold]) -> Vec<Look> {
        let mut shares: Vec<Vec<&Foretold>> = self.all.iter().map(|_| Vec::new()).collect();
        for task in foretold {
            // What no protocol has is found out when it is claimed.
            let place = self.by_type.get(&*task.task_type);
            if let Some(share) = place.and_then(|place| shares.get_mut(*place)) {
                share.push(task);
            }
        }
        let of_all = self.all.iter().zip(shares).filter(|(_, share)| !share.is_empty());
        of_all.flat_map(|(protocol, share)| protocol.foresee(&share)).collect()
    }

    /// Loads what a batch of tasks needs and decides each, in the order of delivery. Whatever is overdue `now`, by the
    /// database's clock, read after all of them were locked, is answered `Timeout`.
    pub async fn prepare(
        &self,
        tx: &Tx,
        batch: Vec<Delivered>,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let mut shares: Vec<Vec<Delivered>> = self.all.iter().map(|_| Vec::new()).collect();
        for delivered in batch {
            shares[self.place(&delivered.task)?].push(delivered);
        }
        let (mut answers, mut writes) = (Vec::new(), Vec::new());
        for (protocol, share) in self.all.iter().zip(shares) {
            if share.is_empty() {
                continue;
            }
            let prepared = protocol.prepare(tx, share, now).await?;
            answers.extend(prepared.answers);
            writes.extend(prepared.writes);
        }
        Ok(Prepared { answers, writes })
    }
}

/// A [`Protocol`] as the engine holds it, whatever its types are.
pub trait Engaged: Send + Sync {
    /// See [`Protocol::NAME`].
    fn name(&self) -> &'static str;

    /// See [`Protocol::NAME`], [`Protocol::CALLERS`] and [`Protocol::OTHER_CALLERS`].
    fn callers(&self) -> Vec<CallersOf>;

    /// See [`Protocol::GUIDS`].
    fn guids(&self) -> Option<GuidsOf>;

    /// See [`Protocol::TASK_TYPES`].
    fn task_types(&self) -> &'static [&'static str];

    /// See [`Protocol::AUDIT`].
    fn audit(&self) -> &'static Audit;

    /// See [`Protocol::NOTIFICATION`].
    fn notification(&self) -> Option<fn(&Notification) -> String>;

    /// See [`Protocol::cancels`].
    fn cancels(&self, task_type: &str, request: &str) -> Option<TaskGuid>;

    /// See [`Protocol::refusal`].
    fn refusal(&self, answer: &str) -> Option<Refusal>;

    /// Writes the answer of a task that was not carried out.
    fn undone(&self, task: &ClaimedTask, why: Undone) -> String;

    /// See [`Protocol::foresee`].
    fn foresee(&self, tasks: &[&Foretold]) -> Vec<Look>;

    /// Loads and decides; `now` by the database's clock.
    fn prepare<'a>(
        &self,
        tx: &'a Tx,
        batch: Vec<Delivered>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Prepared, StoreError>>;

    /// See [`Protocol::expire`].
    fn expire<'a>(&self, db: &'a Db, most: usize) -> BoxFuture<'a, Result<usize, StoreError>>;

    /// See [`Protocol::expire_around`].
    fn expire_around<'a>(&self, db: &'a Db, most: usize) -> BoxFuture<'a, Result<(), StoreError>>;

    /// See [`Protocol::due`].
    fn due<'a>(
        &self,
        db: &'a Db,
        settings: &'a Settings,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<NewTask>, StoreError>>;

    /// See [`Protocol::forget`].
    fn forget<'a>(&self, db: &'a Db, most: u64) -> BoxFuture<'a, Result<u64, StoreError>>;
}

impl<P: Protocol> Engaged for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn callers(&self) -> Vec<CallersOf> {
        let own = CallersOf { protocol: P::NAME, table: P::CALLERS };
        [own].into_iter().chain(P::OTHER_CALLERS.iter().copied()).collect()
    }

    fn guids(&self) -> Option<GuidsOf> {
        P::GUIDS
    }

    fn task_types(&self) -> &'static [&'static str] {
        P::TASK_TYPES
    }

    fn audit(&self) -> &'static Audit {
        &P::AUDIT
    }

    fn notification(&self) -> Option<fn(&Notification) -> String> {
        P::NOTIFICATION
    }

    fn cancels(&self, task_type: &str, request: &str) -> Option<TaskGuid> {
        P::cancels(task_type, request)
    }

    fn refusal(&self, answer: &str) -> Option<Refusal> {
        P::refusal(answer)
    }

    fn undone(&self, task: &ClaimedTask, why: Undone) -> String {
        P::render(task, &<P as Protocol>::undone(task, why))
    }

    fn foresee(&self, tasks: &[&Foretold]) -> Vec<Look> {
        let read = |Foretold { key, task_type, request }: &&Foretold| {
            Some((*key, P::parse(task_type, request).ok()?))
        };
        let commands: Vec<_> = tasks.iter().filter_map(read).collect();
        <P as Protocol>::foresee(&commands)
    }

    fn prepare<'a>(
        &self,
        tx: &'a Tx,
        batch: Vec<Delivered>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Prepared, StoreError>> {
        Box::pin(prepare::<P>(tx, batch, now))
    }

    fn expire<'a>(&self, db: &'a Db, most: usize) -> BoxFuture<'a, Result<usize, StoreError>> {
        Box::pin(<P as Protocol>::expire(db, most))
    }

    fn expire_around<'a>(&self, db: &'a Db, most: usize) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(<P as Protocol>::expire_around(db, most))
    }

    fn due<'a>(
        &self,
        db: &'a Db,
        settings: &'a Settings,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<NewTask>, StoreError>> {
        Box::pin(<P as Protocol>::due(db, settings, most))
    }

    fn forget<'a>(&self, db: &'a Db, most: u64) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(<P as Protocol>::forget(db, most))
    }
}
