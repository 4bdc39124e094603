//! What a till was told, against what it heard and what the books hold.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::Check;
use crate::till::{Seen, TillLog};

impl Check<'_> {
    pub(super) fn till(&mut self, log: &TillLog) {
        for odd in &log.odd {
            self.breach("understood", format!("the till: {odd}"));
        }
        let heard: HashSet<(Uuid, i64, Uuid, i64)> = log.events.values().map(key).collect();
        for done in log.done.iter().filter(|done| !heard.contains(&key(done))) {
            self.breach("heard", format!("{done:?} was told, and not heard of"));
        }
        let mut orders: BTreeMap<Uuid, Vec<&Seen>> = BTreeMap::new();
        for event in log.events.values() {
            orders.entry(event.order).or_default().push(event);
        }
        let books = self.books;
        for done in &log.done {
            if !books.orders.contains_key(&done.order) {
                self.breach("kept at the till", format!("{done:?}: there is no such order"));
            }
        }
        for (order, events) in orders {
            let versions: Vec<i64> = events.iter().map(|event| event.version).collect();
            if !versions.iter().copied().eq(1..=versions.len() as i64) {
                self.breach("heard", format!("of order {order} came the versions {versions:?}"));
            }
            let total = books.orders.get(&order).map(|order| order.total);
            if total != events.last().map(|event| event.total) {
                let last = events.last();
                self.breach("kept at the till", format!("{last:?} was heard, it costs {total:?}"));
            }
        }
    }
}

fn key(seen: &Seen) -> (Uuid, i64, Uuid, i64) {
    (seen.order, seen.version, seen.task, seen.total)
}
