//! Whether the caller of a request is still there.
//!
//! A request runs to its end in a task of its own ([`crate::http::to_the_end`]): a caller who hangs up cancels
//! nothing half-way. What only waits for something has nobody to wait for then, and asks here.

use tokio_util::sync::CancellationToken;

tokio::task_local! {
    static GONE: CancellationToken;
}

/// Runs the work of a request whose caller is gone when `gone` is cancelled.
pub(crate) async fn of_caller<F: Future>(gone: CancellationToken, work: F) -> F::Output {
    GONE.scope(gone, work).await
}

/// Returns when the caller of this request is gone; never where there is no caller.
pub(crate) async fn caller_is_gone() {
    match GONE.try_with(CancellationToken::clone) {
        Ok(gone) => gone.cancelled_owned().await,
        Err(_) => std::future::pending().await,
    }
}
