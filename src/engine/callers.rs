//! Who calls: a token becomes an aggregator, at the door of its own protocol. Asked of the store in batches. What was
//! found is remembered for a moment, but believed of nobody: the statement that does what a remembered caller asks for
//! looks whether it still has the token. So a rotated token is invalid on every replica from that moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::token::TokenHash;
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::protocol::Protocol;
use crate::engine::store::Store;
use crate::engine::store::reference::Aggregator;
use crate::runtime::supervise::Tasks;

/// For how long a caller is remembered: so long may a smaller rate of its own take to count, where it does not poll.
const REMEMBERED: Duration = Duration::from_secs(1);
/// How many callers are remembered; then all are forgotten.
const MOST: usize = 10_000;

type Asked = (TokenHash, &'static str);

/// Finds aggregators by their tokens.
#[derive(Debug)]
pub struct Callers {
    by_token: LookUps<Asked, Aggregator>,
    known: Mutex<HashMap<Asked, (Aggregator, Instant)>>,
}

/// A caller, and whether it is known to be who it says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub aggregator: Aggregator,
    /// The token that was its own a moment ago, and that it must still have. `None`: the store has just said so.
    pub unproven: Option<TokenHash>,
}

impl Caller {
    /// One of whom the store has just said who it is.
    pub fn proven(aggregator: Aggregator) -> Caller {
        Caller { aggregator, unproven: None }
    }
}

impl Callers {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: Arc<Store>) -> Callers {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let find = move |asked: Vec<Asked>| {
            let store = Arc::clone(&store);
            async move { store.find_aggregators(&asked).await }
        };
        let by_token = Batcher::start_look_ups(tasks.task("tokens"), limits, find);
        Callers { by_token, known: Mutex::default() }
    }

    /// Which caller of this protocol has this token, if any. The token of another protocol is looked up like one
    /// that is nobody's, and found no more than that.
    pub async fn find<P: Protocol>(&self, token: &str) -> Result<Option<Aggregator>, LookUpError> {
        self.look_up((TokenHash::of(token), P::NAME)).await
    }

    /// The same at another door of a protocol's.
    pub async fn find_at(
        &self,
        door: &'static str,
        token: &str,
    ) -> Result<Option<Aggregator>, LookUpError> {
        self.look_up((TokenHash::of(token), door)).await
    }

    /// As [`Callers::find`], or as it was a moment ago: then whoever does what it asks for has the store prove it.
    pub async fn recall<P: Protocol>(&self, token: &str) -> Result<Option<Caller>, LookUpError> {
        let asked = (TokenHash::of(token), P::NAME);
        if let Some(aggregator) = self.remembered(&asked) {
            return Ok(Some(Caller { aggregator, unproven: Some(asked.0) }));
        }
        let found = self.look_up(asked).await?;
        Ok(found.map(Caller::proven))
    }

    /// Whether it is who it says: asks the store, where that is not known.
    pub async fn prove<P: Protocol>(&self, caller: &Caller) -> Result<bool, LookUpError> {
        let Some(token) = caller.unproven else { return Ok(true) };
        let found = self.look_up((token, P::NAME)).await?;
        Ok(found.is_some_and(|found| found.id == caller.aggregator.id))
    }

    /// Takes over what the store has just said of a caller who has this token.
    pub fn note_rate<P: Protocol>(&self, token: TokenHash, requests_per_s: Option<i64>) {
        if let Some((caller, _)) = self.known().get_mut(&(token, P::NAME)) {
            caller.requests_per_s = requests_per_s;
        }
    }

    async fn look_up(&self, asked: Asked) -> Result<Option<Aggregator>, LookUpError> {
        let found = self.by_token.look_up(asked).await?;
        let mut known = self.known();
        match &found {
            Some(aggregator) => {
                if known.len() >= MOST {
                    known.clear();
                }
                known.insert(asked, (aggregator.clone(), Instant::now()));
            }
            None => drop(known.remove(&asked)),
        }
        Ok(found)
    }

    fn remembered(&self, asked: &Asked) -> Option<Aggregator> {
        let known = self.known();
        let (aggregator, since) = known.get(asked)?;
        (since.elapsed() < REMEMBERED).then(|| aggregator.clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Asked, (Aggregator, Instant)>> {
        // Consistent between any two statements, so a panic elsewhere does not spoil it.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
