//! Who publishes: looked up in batches and never cached, so that a user who is switched off is nobody from
//! that moment.

use std::sync::Arc;

use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::claim::Claim;
use crate::engine::store::Store;
use crate::engine::store::upstream::Publisher;
use crate::runtime::supervise::Tasks;

/// Finds aggregators by their RabbitMQ users or names.
#[derive(Debug)]
pub(super) struct Publishers {
    by_claim: LookUps<Claim, Publisher>,
}

impl Publishers {
    pub(super) fn start(tasks: &Tasks, store: Arc<Store>) -> Publishers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let by_claim = Batcher::start_look_ups(
            tasks.task("intake's publishers"),
            limits,
            move |claims: Vec<Claim>| {
                let store = Arc::clone(&store);
                async move { store.find_publishers(&claims).await }
            },
        );
        Publishers { by_claim }
    }

    pub(super) async fn find(&self, claim: Claim) -> Result<Option<Publisher>, LookUpError> {
        self.by_claim.look_up(claim).await
    }
}
