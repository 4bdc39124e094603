//! Who counts the open tasks, and when.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::database::StoreError;
use crate::engine::limits::Load;
use crate::engine::store::{Backlog, Store};

/// How often the backlog is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// More open tasks than these are counted by one process for all: each of the others would take the database as long.
pub(super) const SHARED: u64 = 10_000;
/// More open tasks than these are counted less often, in proportion; but as often as this. To count a million takes the
/// database a second.
const COUNTED_A_SECOND: u64 = 50_000;
const RARELY_S: u64 = 30;
/// How long whoever counts for all may take, in seconds: longer than a statement may.
const HOLD_S: i64 = 30;

/// So long a process that cannot publish leaves counting to those that can.
const LEFT_TO_OTHERS: Duration = Duration::from_secs(5);

/// When to look, and what was seen.
pub(super) struct Counting {
    at: Instant,
    /// How many were open when they were counted last.
    open: u64,
    /// When the count was begun that was seen last, by the database's clock.
    seen: Timestamp,
}

/// A count of the open tasks.
pub(super) struct Counted {
    pub(super) backlog: Backlog,
    /// This process did it: whatever is to be done about it is for this one to do.
    pub(super) by_me: bool,
}

impl Counting {
    pub(super) fn new(now: Instant) -> Counting {
        Counting { at: now, open: 0, seen: Timestamp::UNIX_EPOCH }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.at <= now
    }

    /// Counts, or takes over what another process has counted; `None`: nobody has since. A process that cannot publish
    /// leaves counting for all to another: it could not send again what no queue has.
    pub(super) async fn look(
        &mut self,
        store: &Store,
        load: &Load,
        can_publish: bool,
    ) -> Result<Option<Counted>, StoreError> {
        let begun = Instant::now();
        self.at = begun + LOOK;
        load.begin_look(begun);
        let counted = match self.open > SHARED {
            false => Some((self.count(store).await?, begun, true)),
            true => self.share(store, can_publish, begun).await?,
        };
        // Not sooner than what this process has counted is good for.
        self.at = Instant::now() + LOOK;
        let Some((backlog, counted_at, by_me)) = counted else { return Ok(None) };
        self.open = backlog.open;
        load.record_count(&backlog.objects, &backlog.scheduled, counted_at);
        Ok(Some(Counted { backlog, by_me }))
    }

    /// Takes over the count of another process, or counts for all.
    async fn share(
        &mut self,
        store: &Store,
        can_publish: bool,
        begun: Instant,
    ) -> Result<Option<(Backlog, Instant, bool)>, StoreError> {
        let look = store.look_at_count(self.seen).await?;
        let mine = look.due.is_some_and(|overdue| can_publish || overdue > LEFT_TO_OTHERS);
        if mine && store.claim_count(HOLD_S).await? {
            return Ok(Some((self.count(store).await?, begun, true)));
        }
        // What was kept when there were many tasks last, a day ago perhaps, says nothing of now.
        let fresh = look.due.is_none_or(|overdue| overdue <= LEFT_TO_OTHERS);
        let Some((age, counted_at, backlog)) = look.news.filter(|_| fresh) else { return Ok(None) };
        self.seen = counted_at;
        Ok(Some((backlog, begun.checked_sub(age).unwrap_or(begun), false)))
    }

    async fn count(&mut self, store: &Store) -> Result<Backlog, StoreError> {
        let now = match self.open > SHARED {
            true => Some(store.clock().await?),
            false => None,
        };
        let backlog = store.backlog().await?;
        if let Some(now) = now {
            self.seen = now;
            // Too few to be shared as well: the others see that they may count by themselves.
            store.keep_count(&backlog, now, good_for_s(backlog.open)).await?;
        }
        Ok(backlog)
    }
}

/// How long a count is good for, in seconds.
fn good_for_s(open: u64) -> i64 {
    (open / COUNTED_A_SECOND).clamp(1, RARELY_S).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_are_open_the_less_often_they_are_counted() {
        let open = [0, SHARED, 150_000, 1_000_000, u64::MAX];
        assert_eq!(open.map(good_for_s), [1, 1, 3, 20, 30]);
    }
}
