//! Which announcements are a dispatcher's concern: most are of notifications that are fetched, and nobody is woken for
//! them.

use std::collections::HashMap;

use crate::domain::outbox::{SubscriptionId, SubscriptionKind};
use crate::engine::store::Store;

/// The subscriptions that announcements have named so far, and whether their kinds are a dispatcher's own. The kind of a
/// subscription never changes, so each is asked for once.
pub(super) struct Concern {
    kinds: &'static [SubscriptionKind],
    known: HashMap<SubscriptionId, bool>,
}

impl Concern {
    /// Of a dispatcher that delivers these kinds.
    pub(super) fn of(kinds: &'static [SubscriptionKind]) -> Concern {
        Concern { kinds, known: HashMap::new() }
    }

    /// Whether something was put into one that it delivers; also when the store cannot tell.
    pub(super) async fn is_in(&mut self, mail: &[SubscriptionId], store: &Store) -> bool {
        let new: Vec<SubscriptionId> =
            mail.iter().copied().filter(|id| !self.known.contains_key(id)).collect();
        if !new.is_empty() {
            let Ok(kinds) = store.subscription_kinds(&new).await else { return true };
            let is_ours = |id| kinds.get(&id).is_some_and(|kind| self.kinds.contains(kind));
            let found: Vec<_> = new.into_iter().map(|id| (id, is_ours(id))).collect();
            self.known.extend(found);
        }
        mail.iter().any(|id| self.known.get(id).copied().unwrap_or(true))
    }
}
