//! Which deliveries of a channel are settled, so that one acknowledgement can stand for many.

use std::collections::BTreeSet;

/// The settled delivery tags of one channel. The broker numbers deliveries 1, 2, 3, ... over all
/// consumers of a channel, but with several consumers they are not handled in that order.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Every tag up to and including this one is settled.
    floor: u64,
    /// What is settled above it.
    loose: BTreeSet<u64>,
}

/// How to tell the broker of a settled batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Acknowledge this one with `multiple`: everything up to it is settled.
    pub(super) multiple: Option<u64>,
    /// Acknowledge each of these: something below is still open, or has not even been read.
    pub(super) single: Vec<u64>,
}

impl Settled {
    /// Takes note of tags that are settled now, and says how to acknowledge them. A tag must be
    /// given once only: the broker closes a channel that acknowledges a tag again.
    pub(super) fn settle(&mut self, tags: impl IntoIterator<Item = u64>) -> Plan {
        let tags: BTreeSet<u64> = tags.into_iter().collect();
        self.loose.extend(&tags);
        while self.loose.remove(&(self.floor + 1)) {
            self.floor += 1;
        }
        // `multiple` has to name a tag that the broker still waits for, hence one of this batch.
        let multiple = tags.range(..=self.floor).next_back().copied();
        let single = tags.range(self.floor + 1..).copied().collect();
        Plan { multiple, single }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(multiple: Option<u64>, single: &[u64]) -> Plan {
        Plan { multiple, single: single.to_vec() }
    }

    #[test]
    fn a_batch_without_gaps_is_one_acknowledgement() {
        let mut settled = Settled::default();
        assert_eq!(settled.settle(1..=5), plan(Some(5), &[]));
        assert_eq!(settled.settle([7, 6, 8]), plan(Some(8), &[]));
        assert_eq!(settled.settle([]), plan(None, &[]));
    }

    #[test]
    fn nothing_open_is_covered_by_another_acknowledgement() {
        let mut settled = Settled::default();
        assert_eq!(settled.settle([2, 3]), plan(None, &[2, 3]));
        assert_eq!(settled.settle([1]), plan(Some(1), &[]));
        assert_eq!(settled.settle([4, 6]), plan(Some(4), &[6]));
        assert_eq!(settled.settle([5, 8]), plan(Some(5), &[8]));
        assert_eq!(settled.settle([7]), plan(Some(7), &[]));
        assert_eq!(settled.settle([9, 10]), plan(Some(10), &[]));
    }
}
