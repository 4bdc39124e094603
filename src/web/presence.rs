//! Whether the caller of a request is still there.
//!
//! A request runs to its end in a task of its own ([`crate::web::to_the_end`]): a caller who hangs up cancels
//! nothing half-way. What only waits for something has nobody to wait for then, and asks here.
//!
//! A caller who closed only its half of the connection waits for its answer. Until something is sent to it, it
//! looks like one that is gone.

pub(crate) mod socket;

use tokio_util::sync::CancellationToken;

use self::socket::Peer;

tokio::task_local! {
    static CALLER: Caller;
}

/// The caller of a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Cancelled when its connection ends.
    pub gone: CancellationToken,
    /// `None` where there is no socket.
    pub peer: Option<Peer>,
}

/// Runs the work of a request of this caller.
pub(crate) fn of_caller<F: Future>(caller: Caller, work: F) -> impl Future<Output = F::Output> {
    CALLER.scope(caller, work)
}

/// Returns when the caller of this request is gone; never where there is no caller.
pub(crate) async fn caller_is_gone() {
    match CALLER.try_with(|caller| caller.gone.clone()) {
        Ok(gone) => gone.cancelled_owned().await,
        Err(_) => std::future::pending().await,
    }
}

/// Returns when the caller of this request sends nothing any more; never where there is no caller.
pub(crate) async fn caller_sends_no_more() {
    match peer() {
        Some(peer) => peer.sends_no_more().await,
        None => std::future::pending().await,
    }
}

/// The connection of this request's caller.
pub(crate) fn peer() -> Option<Peer> {
    CALLER.try_with(|caller| caller.peer.clone()).ok().flatten()
}
