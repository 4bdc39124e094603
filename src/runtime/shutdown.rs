//! Ending in order: first nothing new is accepted, then the work in hand is finished, then it is over.

use tokio_util::sync::CancellationToken;

/// The two steps of the end, to be watched by everything that runs.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Accept no new requests; answer those in hand.
    pub no_new_requests: CancellationToken,
    /// Take no new batch; finish the one in hand.
    pub no_new_work: CancellationToken,
}
