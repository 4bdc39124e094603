//! Ending in order: first nothing new is accepted, then the work in hand is finished, then it is over.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two steps of the end, to be watched by everything that runs.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Accept no new requests; answer those in hand.
    pub no_new_requests: CancellationToken,
    /// Take no new batch; finish the one in hand.
    pub no_new_work: CancellationToken,
}

/// Waits for Ctrl-C or SIGTERM. A second one ends the process at once: its tasks are in the store.
pub async fn requested() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "Ctrl-C",
    };
    tracing::info!("{name}: finishing what is in hand");
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::warn!("a second signal: ending at once; open tasks are kept in the store");
        std::process::exit(130);
    });
    Ok(())
}
