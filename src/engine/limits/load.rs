//! How busy each object is: whether it may have another task, and in which class of queue it waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::Exceeded;
use super::estimate::OpenTasks;
use crate::config::Limits;
use crate::domain::task::{ObjectId, TaskKey};
use crate::queue::{Class, Heard, Queue};
use crate::runtime::supervise::{End, Tasks};

/// How many open tasks an object may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadSettings {
    /// At most; 0 for no limit.
    pub open_tasks_per_object: u64,
    /// How many may wait for a time of their own beside them; 0 for no limit.
    pub scheduled_per_object: u64,
    /// What it has beyond so many waits in the bulk queues; 0: nothing does.
    pub fair_share: u64,
}

/// The open tasks of every object, as far as this process knows.
#[derive(Debug)]
pub struct Load {
    settings: RwLock<LoadSettings>,
    open: Mutex<OpenTasks>,
    /// Those that wait for a time of their own. What is cancelled or begins is subtracted by the next count.
    scheduled: Mutex<OpenTasks>,
}

impl From<&Limits> for LoadSettings {
    fn from(limits: &Limits) -> LoadSettings {
        let Limits { open_tasks_per_object, scheduled_per_object, fair_share, .. } = *limits;
        LoadSettings { open_tasks_per_object, scheduled_per_object, fair_share }
    }
}

impl Load {
    /// Starts listening to announcements.
    pub fn start(tasks: &Tasks, settings: LoadSettings, queue: &Queue) -> Arc<Load> {
        let load = Arc::new(Load::new(settings));
        let heard = Heard::of(queue);
        let listening = Arc::downgrade(&load);
        let task = tasks.task("counting open tasks");
        crate::runtime::environment::spawn(
            task.keep(move || listen(heard.clone(), listening.clone())),
        );
        load
    }

    /// Nothing is known yet.
    fn new(settings: LoadSettings) -> Load {
        Load {
            settings: RwLock::new(settings),
            open: Mutex::default(),
            scheduled: Mutex::default(),
        }
    }

    /// From now on these limits hold. What an object has already stays.
    pub fn set(&self, settings: LoadSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    fn settings(&self) -> LoadSettings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an object may have one more open task; an error says that it has as many as it may.
    pub fn admit(&self, object: ObjectId) -> Result<(), Exceeded> {
        let most = self.settings().open_tasks_per_object;
        match most > 0 && self.open().of(object) >= most {
            true => Err(Exceeded::OpenTasks { object, most }),
            false => Ok(()),
        }
    }

    /// Whether an object may have one more scheduled task.
    pub fn admit_scheduled(&self, object: ObjectId) -> Result<(), Exceeded> {
        let most = self.settings().scheduled_per_object;
        match most > 0 && self.scheduled().of(object) >= most {
            true => Err(Exceeded::Scheduled { object, most }),
            false => Ok(()),
        }
    }

    /// Where an accepted task of an object waits for a worker.
    pub fn class(&self, object: ObjectId) -> Class {
        let share = self.settings().fair_share;
        match share > 0 && self.open().of(object) > share {
            true => Class::Bulk,
            false => Class::Ordinary,
        }
    }

    /// Records tasks that this process accepted.
    pub fn record_accepted(&self, keys: impl IntoIterator<Item = TaskKey>) {
        self.open().record_accepted(keys.into_iter().map(|key| key.object));
    }

    /// Records tasks that any process answered. Of scheduled ones that were cancelled, which are not counted among the open
    /// ones, the next count makes good.
    pub fn record_answered(&self, keys: impl IntoIterator<Item = TaskKey>) {
        self.open().record_answered(keys.into_iter().map(|key| key.object));
    }

    /// Records scheduled tasks that this process accepted.
    pub fn record_scheduled(&self, keys: impl IntoIterator<Item = TaskKey>) {
        self.scheduled().record_accepted(keys.into_iter().map(|key| key.object));
    }

    /// Marks a moment before which the next count may have been begun.
    pub fn begin_look(&self, now: Instant) {
        self.open().begin_look(now);
        self.scheduled().begin_look(now);
    }

    /// Takes over what was counted in the store at a moment: open tasks, and scheduled ones.
    pub fn record_count(
        &self,
        open: &HashMap<ObjectId, u64>,
        scheduled: &HashMap<ObjectId, u64>,
        at: Instant,
    ) {
        self.open().record_count(open, at);
        self.scheduled().record_count(scheduled, at);
    }

    fn scheduled(&self) -> MutexGuard<'_, OpenTasks> {
        self.scheduled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, OpenTasks> {
        // An estimate that a panic left half-way is put right by the next count.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(heard: Heard, load: Weak<Load>) -> End {
    loop {
        let announcement = heard.next().await;
        let Some(load) = load.upgrade() else { return End::Done };
        match announcement {
            Ok(announcement) => load.record_answered(announcement.answered.iter().copied()),
            // Until the store counts again, too many seem to be open.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return End::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::TaskGuid;

    const A: ObjectId = ObjectId(1);
    const B: ObjectId = ObjectId(2);

    fn tasks(object: ObjectId, count: usize) -> Vec<TaskKey> {
        (0..count).map(|_| TaskKey { object, guid: TaskGuid::new() }).collect()
    }

    #[test]
    fn an_object_beyond_its_share_is_bulk_and_a_full_one_is_refused() {
        let load = Load::new(LoadSettings {
            open_tasks_per_object: 20,
            scheduled_per_object: 2,
            fair_share: 10,
        });
        let first = tasks(A, 10);
        load.record_accepted(first.clone());
        assert_eq!((load.class(A), load.admit(A)), (Class::Ordinary, Ok(())));
        load.record_accepted(tasks(A, 1));
        assert_eq!((load.class(A), load.admit(A)), (Class::Bulk, Ok(())));
        load.record_accepted(tasks(A, 9));
        assert_eq!(load.admit(A), Err(Exceeded::OpenTasks { object: A, most: 20 }));
        assert_eq!((load.class(B), load.admit(B)), (Class::Ordinary, Ok(())));
        load.record_answered(first);
        assert_eq!((load.class(A), load.admit(A)), (Class::Ordinary, Ok(())));
        // What is scheduled has a limit of its own, and fills nobody's share.
        for _ in 0..2 {
            assert_eq!(load.admit_scheduled(B), Ok(()));
            load.record_scheduled(tasks(B, 1));
        }
        assert_eq!(load.admit_scheduled(B), Err(Exceeded::Scheduled { object: B, most: 2 }));
        assert_eq!((load.class(B), load.admit(B)), (Class::Ordinary, Ok(())));
        let now = Instant::now();
        load.begin_look(now);
        load.record_count(&HashMap::new(), &HashMap::from([(B, 1)]), now);
        assert_eq!(load.admit_scheduled(B), Ok(()), "one has begun");
    }

    #[test]
    fn nothing_is_limited_where_the_limit_is_zero() {
        let load = Load::new(LoadSettings {
            open_tasks_per_object: 0,
            scheduled_per_object: 0,
            fair_share: 0,
        });
        load.record_accepted(tasks(A, 1000));
        assert_eq!((load.class(A), load.admit(A)), (Class::Ordinary, Ok(())));
    }
}
