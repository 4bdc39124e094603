//! How a lane mixes ordinary and bulk tasks: ordinary ones first, but while both wait every fourth task
//! is a bulk one, so that neither class waits for ever.

use super::Class;

/// One task in so many is a bulk one, when tasks of both classes wait.
const BULK_ONE_IN: i64 = 4;
/// What may be owed to the ordinary class: no more than a bundle earns it, however long it had nothing.
const MOST_OWED: i64 = 64 * (BULK_ONE_IN - 1);

/// What a lane has taken.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct FairShare {
    /// Ordinary tasks taken since bulk had its turn; less than nothing when bulk had more than that.
    /// Kept from batch to batch: a small batch may have room for one class only.
    owed: i64,
    /// Tasks in the batch of the moment.
    tasks: usize,
}

impl FairShare {
    /// From which class the next task should be, when there is one; else the other class goes on.
    pub(super) fn first(&self) -> Class {
        match self.owed >= BULK_ONE_IN - 1 {
            true => Class::Bulk,
            false => Class::Ordinary,
        }
    }

    /// Counts tasks that were taken together.
    pub(super) fn add(&mut self, class: Class, tasks: usize) {
        self.tasks += tasks;
        let tasks = i64::try_from(tasks).unwrap_or(MOST_OWED).min(MOST_OWED);
        let owed = match class {
            Class::Ordinary => self.owed + tasks,
            Class::Bulk => self.owed - tasks * (BULK_ONE_IN - 1),
        };
        self.owed = owed.clamp(-MOST_OWED, BULK_ONE_IN - 1);
    }

    /// How many tasks the batch has.
    pub(super) fn tasks(&self) -> usize {
        self.tasks
    }

    /// The batch is complete.
    pub(super) fn begin_another(&mut self) {
        self.tasks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills a batch from what waits, messages of so many tasks: how many of it are ordinary and bulk.
    fn batch(
        share: &mut FairShare,
        most: usize,
        ordinary: &mut Vec<usize>,
        bulk: &mut Vec<usize>,
    ) -> (usize, usize) {
        let mut taken = (0, 0);
        while share.tasks() < most {
            let first = share.first();
            let next = [first, first.other()].into_iter().find_map(|class| match class {
                Class::Ordinary => Some((class, ordinary.pop()?)),
                Class::Bulk => Some((class, bulk.pop()?)),
            });
            let Some((class, tasks)) = next else { break };
            share.add(class, tasks);
            match class {
                Class::Ordinary => taken.0 += tasks,
                Class::Bulk => taken.1 += tasks,
            }
        }
        share.begin_another();
        taken
    }

    #[test]
    fn a_quarter_is_bulk_while_both_wait() {
        for bundle in [1, 3, 64] {
            for most in [1, 3, 10, 256] {
                let (mut ordinary, mut bulk) = (vec![1; 20_000], vec![bundle; 5000]);
                let mut share = FairShare::default();
                let mut sum = (0, 0);
                while sum.0 + sum.1 < 10_000 {
                    let (o, b) = batch(&mut share, most, &mut ordinary, &mut bulk);
                    sum = (sum.0 + o, sum.1 + b);
                }
                let share = sum.1 as f64 / (sum.0 + sum.1) as f64;
                assert!((0.24..0.26).contains(&share), "{bundle}, {most}: {sum:?}");
            }
        }
    }

    #[test]
    fn either_class_alone_fills_the_batch() {
        let mut share = FairShare::default();
        assert_eq!(batch(&mut share, 256, &mut vec![1; 1000], &mut vec![]), (256, 0));
        assert_eq!(batch(&mut share, 256, &mut vec![], &mut vec![64; 20]), (0, 256));
        assert_eq!(
            batch(&mut share, 256, &mut vec![1; 3], &mut vec![64; 20]),
            (3, 256),
            "a bundle is whole"
        );
    }

    #[test]
    fn whatever_went_before_neither_class_waits_long() {
        let mut share = FairShare::default();
        batch(&mut share, 100_000, &mut vec![1; 100_000], &mut vec![]);
        assert_eq!(batch(&mut share, 8, &mut vec![1; 100], &mut vec![1; 100]), (6, 2));
        batch(&mut share, 100_000, &mut vec![], &mut vec![64; 10_000]);
        let (ordinary, bulk) = batch(&mut share, 400, &mut vec![1; 1000], &mut vec![1; 1000]);
        assert!(ordinary >= 195 && bulk > 40, "{ordinary}, {bulk}");
    }
}
