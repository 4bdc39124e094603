//! Who calls: a token becomes an aggregator. Asked of the store in batches and never cached, so a
//! rotated token is invalid on every replica from that moment.

use std::sync::Arc;

use crate::batcher::{BatchError, Batcher, Limits};
use crate::store::reference::Aggregator;
use crate::store::{Store, StoreError};
use crate::token::TokenHash;

type Asked = Result<Option<Aggregator>, Arc<StoreError>>;

/// Finds aggregators by their tokens.
#[derive(Debug)]
pub struct Callers {
    by_token: Batcher<TokenHash, Asked>,
}

/// The question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// There was no room for the question.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl Callers {
    /// Starts looking up.
    pub fn start(store: Arc<Store>) -> Callers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let by_token = Batcher::start(limits, move |hashes: Vec<TokenHash>| {
            let store = Arc::clone(&store);
            async move {
                let mut distinct = hashes.clone();
                distinct.sort_unstable();
                distinct.dedup();
                match store.find_aggregators(&distinct).await {
                    Ok(found) => hashes.iter().map(|hash| Ok(found.get(hash).cloned())).collect(),
                    Err(error) => {
                        let error = Arc::new(error);
                        hashes.iter().map(|_| Err(Arc::clone(&error))).collect()
                    }
                }
            }
        });
        Callers { by_token }
    }

    /// Who has this token, if anybody.
    pub async fn find(&self, token: &str) -> Result<Option<Aggregator>, LookUpError> {
        Ok(self.by_token.run(TokenHash::of(token)).await??)
    }
}
