//! Ending in order: first nothing new is accepted, then the work in hand is finished, then it is over.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The two steps of the end, to be watched by everything that runs.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Accept no new requests; answer those in hand.
    pub no_new_requests: CancellationToken,
    /// Take no new batch; finish the one in hand.
    pub no_new_work: CancellationToken,
}

/// A request to read the certificates of the API again, from whoever gets the signal to whoever reads them.
#[derive(Debug, Clone, Default)]
pub struct Reload(Arc<Notify>);

impl Reload {
    /// Asks for it; several requests before the first is heard are one.
    pub fn request(&self) {
        self.0.notify_one();
    }

    /// Waits for the next request. One that came before is not lost.
    pub async fn requested(&self) {
        self.0.notified().await;
    }
}
