//! Who calls: a token becomes an aggregator, at the door of its own protocol. Asked of the store in batches and
//! never cached, so a rotated token is invalid on every replica from that moment.

use std::sync::Arc;

use crate::domain::token::TokenHash;
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::protocol::Protocol;
use crate::engine::store::Store;
use crate::engine::store::reference::Aggregator;
use crate::runtime::supervise::Tasks;

/// Finds aggregators by their tokens.
#[derive(Debug)]
pub struct Callers {
    by_token: LookUps<(TokenHash, &'static str), Aggregator>,
}

impl Callers {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: Arc<Store>) -> Callers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let find = move |asked: Vec<(TokenHash, &'static str)>| {
            let store = Arc::clone(&store);
            async move { store.find_aggregators(&asked).await }
        };
        let by_token = Batcher::start_look_ups(tasks.task("tokens"), limits, find);
        Callers { by_token }
    }

    /// Which caller of this protocol has this token, if any. The token of another protocol is looked up like one
    /// that is nobody's, and found no more than that.
    pub async fn find<P: Protocol>(&self, token: &str) -> Result<Option<Aggregator>, LookUpError> {
        self.by_token.look_up((TokenHash::of(token), P::NAME)).await
    }
}
