//! Keeping refusals before they are told. A message that was refused for a reason that may pass (a licence, a full
//! object) could be accepted when the broker delivers it again; what is kept says that it is not.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::database::StoreError;
use crate::database::pieces::in_pieces;
use crate::engine::batcher::{Batcher, Limits, LookUpError};
use crate::engine::store::Store;
use crate::engine::store::denials::{Denial, DenialKey};
use crate::runtime::supervise::Tasks;

/// How soon something is tried again that may pass.
const AGAIN: Duration = Duration::from_millis(500);

/// What is denied, and whether it holds.
type Asked = (DenialKey, Denial);
type Kept = Result<bool, Arc<StoreError>>;

/// Keeps denials in batches.
#[derive(Debug)]
pub(super) struct Denials {
    keeping: Batcher<Asked, Kept>,
    store: Arc<Store>,
}

impl Denials {
    pub(super) fn start(tasks: &Tasks, store: Arc<Store>) -> Denials {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let task = tasks.task("intake's denials");
        let keeping = {
            let store = Arc::clone(&store);
            Batcher::start(task, limits, move |asked: Vec<Asked>| {
                let store = Arc::clone(&store);
                async move { keep_all(&store, asked).await }
            })
        };
        Denials { keeping, store }
    }

    /// Keeps one denial, in some batch. Waits while the store is away. `false`: the message is a task by now.
    pub(super) async fn keep(&self, key: DenialKey, denial: Denial) -> Kept {
        loop {
            let kept = self.keeping.run((key, denial.clone())).await;
            match kept.map_err(LookUpError::from).and_then(|kept| Ok(kept?)) {
                Ok(holds) => return Ok(holds),
                Err(LookUpError::Store(error)) if !error.is_passing() => return Err(error),
                Err(error) => tracing::debug!("a denial waits: {error}"),
            }
            sleep(AGAIN).await;
        }
    }

    /// What was kept of a message. Waits while the store is away.
    pub(super) async fn find(&self, key: DenialKey) -> Result<Option<Denial>, StoreError> {
        loop {
            match self.store.denied(&[key]).await {
                Err(error) if error.is_passing() => tracing::debug!("a look-up waits: {error}"),
                found => return found.map(|mut found| found.remove(&key)),
            }
            sleep(AGAIN).await;
        }
    }
}

async fn keep_all(store: &Store, asked: Vec<Asked>) -> Vec<Kept> {
    let mut all = Vec::with_capacity(asked.len());
    // One that the store refuses does not take along those that came with it.
    for (piece, kept) in in_pieces(asked, |piece: Vec<Asked>| store.deny(piece)).await {
        let kept: Result<HashSet<DenialKey>, _> = kept.map_err(Arc::new);
        all.extend(piece.iter().map(|(key, _)| match &kept {
            Ok(holding) => Ok(holding.contains(key)),
            Err(error) => Err(Arc::clone(error)),
        }));
    }
    all
}
