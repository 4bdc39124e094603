//! An estimate of the open tasks of each object. The store counts them every second; in between this process adds the
//! tasks that it accepts and subtracts those that are announced as answered.

use std::collections::HashMap;

use crate::domain::task::ObjectId;

/// An estimate for each object with open tasks. It may be too high by what is accepted while the store
/// counts, and too low by what other processes accepted since.
#[derive(Debug, Default)]
pub(super) struct OpenTasks {
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
    pub(super) fn of(&self, object: ObjectId) -> u64 {
        self.objects.get(&object).map_or(0, Count::open)
    }

    /// Adds tasks that this process accepted.
    pub(super) fn record_accepted(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        for object in objects {
            self.objects.entry(object).or_default().since += 1;
        }
    }

    /// Subtracts tasks that any process answered.
    pub(super) fn record_answered(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        for object in objects {
            // What another process accepted may be answered before it was ever counted here.
            if let Some(count) = self.objects.get_mut(&object).filter(|count| count.open() > 0) {
                count.since -= 1;
            }
        }
    }

    /// Marks the moment at which the store begins to count.
    pub(super) fn begin_count(&mut self) {
        for count in self.objects.values_mut() {
            count.before += std::mem::take(&mut count.since);
        }
    }

    /// Takes over what the store has counted.
    pub(super) fn record_count(&mut self, open: &HashMap<ObjectId, u64>) {
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

    const A: ObjectId = ObjectId(1);
    const B: ObjectId = ObjectId(2);

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
