//! How busy each object is: whether it may have another task, and in which class of queue it waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use tokio::sync::broadcast::error::RecvError;

use super::Exceeded;
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

    /// Marks the moment at which the store begins to count the tasks of each object.
    pub fn begin_count(&self) {
        self.open().begin_count();
        self.scheduled().begin_count();
    }

    /// Takes over what the store has counted: open tasks, and scheduled ones.
    pub fn record_count(&self, open: &HashMap<ObjectId, u64>, scheduled: &HashMap<ObjectId, u64>) {
        self.open().record_count(open);
        self.scheduled().record_count(scheduled);
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

/// An estimate of the open tasks of each object that has some. The store counts them every second; in between this
/// process adds the tasks that it accepts and subtracts those that are announced as answered. It may be too high by what is accepted while the store
/// counts, and too low by what other processes accepted since.
#[derive(Debug, Default)]
struct OpenTasks {
    objects: HashMap<ObjectId, Count>,
}

#[derive(Debug, Default)]
struct Count {
    /// What the store counted.
    counted: i64,
    /// The tasks accepted minus those answered, from that count until the next began.
    before: i64,
    /// The same since the next count began: it may or may not be in it.
    since: i64,
}

impl Count {
    fn open(&self) -> u64 {
        u64::try_from(self.counted + self.before + self.since).unwrap_or(0)
    }
}

impl OpenTasks {
    /// The number of open tasks of an object.
    fn of(&self, object: ObjectId) -> u64 {
        self.objects.get(&object).map_or(0, Count::open)
    }

    /// Adds tasks that this process accepted.
    fn record_accepted(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        for object in objects {
            self.objects.entry(object).or_default().since += 1;
        }
    }

    /// Subtracts tasks that any process answered.
    fn record_answered(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        for object in objects {
            // What another process accepted may be answered before it was ever counted here.
            if let Some(count) = self.objects.get_mut(&object).filter(|count| count.open() > 0) {
                count.since -= 1;
            }
        }
    }

    /// Marks the moment at which the store begins to count.
    fn begin_count(&mut self) {
        for count in self.objects.values_mut() {
            count.before += std::mem::take(&mut count.since);
        }
    }

    /// Takes over what the store has counted.
    fn record_count(&mut self, open: &HashMap<ObjectId, u64>) {
        for (object, count) in &mut self.objects {
            let counted = open.get(object).copied().unwrap_or(0);
            count.counted = i64::try_from(counted).unwrap_or(i64::MAX / 4);
            count.before = 0;
        }
        for (object, counted) in open {
            self.objects.entry(*object).or_insert_with(|| Count {
                counted: i64::try_from(*counted).unwrap_or(i64::MAX / 4),
                ..Count::default()
            });
        }
        self.objects.retain(|_, count| count.counted != 0 || count.since != 0);
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
        load.begin_count();
        load.record_count(&HashMap::new(), &HashMap::from([(B, 1)]));
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

    fn count(open: &mut OpenTasks, counted: &[(ObjectId, u64)]) {
        open.record_count(&counted.iter().copied().collect());
    }

    #[test]
    fn what_is_accepted_and_answered_counts_at_once() {
        let mut open = OpenTasks::default();
        open.record_accepted([A, A, A, B]);
        open.record_answered([A]);
        assert_eq!((open.of(A), open.of(B), open.of(ObjectId(3))), (2, 1, 0));
    }

    #[test]
    fn a_count_replaces_what_was_estimated_before_it_began() {
        let mut open = OpenTasks::default();
        open.record_accepted([A; 5]);
        open.begin_count();
        assert_eq!(open.of(A), 5, "as long as the store counts");
        open.record_accepted([A; 2]);
        count(&mut open, &[(A, 100), (B, 7)]);
        assert_eq!((open.of(A), open.of(B)), (102, 7));
        open.begin_count();
        count(&mut open, &[(A, 90)]);
        assert_eq!((open.of(A), open.of(B)), (90, 0));
    }

    #[test]
    fn a_count_that_fails_loses_nothing() {
        let mut open = OpenTasks::default();
        open.record_accepted([A; 3]);
        open.begin_count();
        open.record_accepted([A; 3]);
        open.begin_count();
        open.record_answered([A]);
        assert_eq!(open.of(A), 5);
    }

    #[test]
    fn answers_to_tasks_of_others_make_no_debts() {
        let mut open = OpenTasks::default();
        open.record_answered([A; 10]);
        open.record_accepted([A]);
        assert_eq!(open.of(A), 1);
        open.record_answered([A; 10]);
        open.record_accepted([A; 4]);
        assert_eq!(open.of(A), 4);
    }

    #[test]
    fn objects_without_open_tasks_are_forgotten() {
        let mut open = OpenTasks::default();
        open.record_accepted((0..1000).map(ObjectId));
        open.begin_count();
        count(&mut open, &[(A, 1)]);
        assert_eq!(open.objects.len(), 1);
    }
}
