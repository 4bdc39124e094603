//! Who calls: a token becomes an aggregator. Asked of the store in batches and never cached, so a
//! rotated token is invalid on every replica from that moment.

use std::sync::Arc;

use crate::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::store::Store;
use crate::store::reference::Aggregator;
use crate::supervise::Tasks;
use crate::token::TokenHash;

/// Finds aggregators by their tokens.
#[derive(Debug)]
pub struct Callers {
    by_token: LookUps<TokenHash, Aggregator>,
}

impl Callers {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: Arc<Store>) -> Callers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let by_token =
            Batcher::start_look_ups(tasks.task("tokens"), limits, move |hashes: Vec<TokenHash>| {
                let store = Arc::clone(&store);
                async move { store.find_aggregators(&hashes).await }
            });
        Callers { by_token }
    }

    /// Who has this token, if anybody.
    pub async fn find(&self, token: &str) -> Result<Option<Aggregator>, LookUpError> {
        self.by_token.look_up(TokenHash::of(token)).await
    }
}
