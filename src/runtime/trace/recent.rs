//! Below which span a task is recorded that passed through this process a while ago: its answer is delivered later, by
//! whoever comes to it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::trace::TraceContext;

/// How many are remembered, at most; the oldest are forgotten first. About 1.5 MB.
const MOST: usize = 16_384;

/// Bounded, and only what is sampled is in it.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_name: HashMap<Uuid, TraceContext>,
    /// In the order in which they came.
    names: VecDeque<Uuid>,
}

impl Recent {
    pub(super) fn put(&self, name: Uuid, context: TraceContext) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_name.insert(name, context).is_some() {
            return;
        }
        kept.names.push_back(name);
        if kept.names.len() > MOST
            && let Some(oldest) = kept.names.pop_front()
        {
            kept.by_name.remove(&oldest);
        }
    }

    /// Those of these names that are known, by their places among them.
    pub(super) fn find(
        &self,
        names: impl Iterator<Item = Uuid>,
    ) -> impl Iterator<Item = (usize, TraceContext)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<_> = match kept.by_name.is_empty() {
            true => Vec::new(),
            false => names
                .enumerate()
                .filter_map(|(place, name)| Some((place, *kept.by_name.get(&name)?)))
                .collect(),
        };
        found.into_iter()
    }
}
