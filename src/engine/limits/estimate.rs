//! What a process takes for the number of open tasks of each object between two counts.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use crate::domain::task::ObjectId;

/// Looks that are told apart. The count of another process is a few looks old at most.
const LOOKS: usize = 64;

/// An estimate of the open tasks of each object that has some. The store counts them every second or less often, for this
/// process or another; since then this process adds the tasks that it accepts and subtracts those that are announced as
/// answered. It may be too high by what was accepted between the look before the count and the count, and too low by what
/// other processes accepted since.
#[derive(Debug, Default)]
pub(super) struct OpenTasks {
    objects: HashMap<ObjectId, Count>,
    /// When this process looked for a count, the last time at the back.
    looks: VecDeque<Instant>,
}

#[derive(Debug, Default)]
struct Count {
    /// What the store counted.
    counted: i64,
    /// The tasks accepted minus those answered, since each of the looks; `None`: before the first.
    changes: VecDeque<(Option<Instant>, i64)>,
}

impl Count {
    fn open(&self) -> u64 {
        let changed: i64 = self.changes.iter().map(|(_, change)| change).sum();
        u64::try_from(self.counted + changed).unwrap_or(0)
    }

    fn change(&mut self, look: Option<Instant>, by: i64) {
        match self.changes.back_mut() {
            Some((since, change)) if *since == look => *change += by,
            _ => self.changes.push_back((look, by)),
        }
    }
}

impl OpenTasks {
    /// The number of open tasks of an object.
    pub(super) fn of(&self, object: ObjectId) -> u64 {
        self.objects.get(&object).map_or(0, Count::open)
    }

    /// Adds tasks that this process accepted.
    pub(super) fn record_accepted(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        let look = self.looks.back().copied();
        for object in objects {
            self.objects.entry(object).or_default().change(look, 1);
        }
    }

    /// Subtracts tasks that any process answered.
    pub(super) fn record_answered(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        let look = self.looks.back().copied();
        for object in objects {
            // What another process accepted may be answered before it was ever counted here.
            if let Some(count) = self.objects.get_mut(&object).filter(|count| count.open() > 0) {
                count.change(look, -1);
            }
        }
    }

    /// What happens from now on is told apart from what was before.
    pub(super) fn begin_look(&mut self, now: Instant) {
        self.looks.push_back(now);
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
            let first = self.looks.front().copied();
            for count in self.objects.values_mut() {
                count.merge_before(first);
            }
        }
    }

    /// Takes over what the store counted at a moment, instead of what was estimated before the last look until then.
    pub(super) fn record_count(&mut self, open: &HashMap<ObjectId, u64>, at: Instant) {
        let look = self.looks.iter().rev().find(|look| **look <= at).copied();
        for (object, count) in &mut self.objects {
            let counted = open.get(object).copied().unwrap_or(0);
            count.counted = i64::try_from(counted).unwrap_or(i64::MAX / 4);
            count.changes.retain(|(since, change)| *since >= look && *change != 0);
        }
        for (object, counted) in open {
            self.objects.entry(*object).or_insert_with(|| Count {
                counted: i64::try_from(*counted).unwrap_or(i64::MAX / 4),
                ..Count::default()
            });
        }
        self.objects.retain(|_, count| count.counted != 0 || !count.changes.is_empty());
    }
}

impl Count {
    /// Forgets when what is older than a look was changed.
    fn merge_before(&mut self, look: Option<Instant>) {
        let older = self.changes.iter().take_while(|(since, _)| *since < look).count();
        let sum: i64 = self.changes.drain(..older).map(|(_, change)| change).sum();
        match self.changes.front_mut() {
            Some((since, change)) if *since == look => *change += sum,
            _ if sum != 0 => self.changes.push_front((look, sum)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const A: ObjectId = ObjectId(1);
    const B: ObjectId = ObjectId(2);

    fn counted(tasks: &[(ObjectId, u64)]) -> HashMap<ObjectId, u64> {
        tasks.iter().copied().collect()
    }

    /// Looks at a second of its own each.
    struct Looks(Instant);

    impl Looks {
        fn next(&mut self, open: &mut OpenTasks) -> Instant {
            self.0 += Duration::from_secs(1);
            open.begin_look(self.0);
            self.0
        }
    }

    fn looks() -> (OpenTasks, Looks) {
        (OpenTasks::default(), Looks(Instant::now()))
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
        let (mut open, mut looks) = looks();
        open.record_accepted([A; 5]);
        let look = looks.next(&mut open);
        assert_eq!(open.of(A), 5, "as long as the store counts");
        open.record_accepted([A; 2]);
        open.record_count(&counted(&[(A, 100), (B, 7)]), look);
        assert_eq!((open.of(A), open.of(B)), (102, 7));
        let look = looks.next(&mut open);
        open.record_count(&counted(&[(A, 90)]), look);
        assert_eq!((open.of(A), open.of(B)), (90, 0));
    }

    #[test]
    fn what_happened_since_anothers_count_is_kept() {
        let (mut open, mut looks) = looks();
        open.record_accepted([A; 5]);
        let first = looks.next(&mut open);
        open.record_accepted([A; 2]);
        looks.next(&mut open);
        open.record_accepted([A; 3]);
        looks.next(&mut open);
        open.record_answered([A]);
        // It may have counted the two or not: they are added, and what came before is not.
        open.record_count(&counted(&[(A, 100)]), first + Duration::from_millis(500));
        assert_eq!(open.of(A), 104);
        open.record_count(&counted(&[(A, 100)]), first - Duration::from_millis(1));
        assert_eq!(open.of(A), 104, "what is forgotten does not come again");
    }

    #[test]
    fn a_count_that_fails_loses_nothing() {
        let (mut open, mut looks) = looks();
        open.record_accepted([A; 3]);
        for _ in 0..3 * LOOKS {
            looks.next(&mut open);
            open.record_accepted([A; 3]);
            open.record_answered([A; 2]);
        }
        assert_eq!(open.of(A), 3 + 3 * LOOKS as u64);
        assert!(open.objects[&A].changes.len() <= LOOKS, "memory has a bound");
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
        let (mut open, mut looks) = looks();
        open.record_accepted((0..1000).map(ObjectId));
        let look = looks.next(&mut open);
        open.record_count(&counted(&[(A, 1)]), look);
        assert_eq!(open.objects.len(), 1);
    }
}
