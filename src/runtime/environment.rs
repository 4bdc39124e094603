//! Starts what runs beside its caller.
//!
//! A program is one process, and its tasks belong to the runtime. A program that runs several [processes](Process), and
//! kills each by itself, has each of them run [within] its own: then a process owns the tasks that it starts.

use std::pin::Pin;
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinError, JoinHandle};

tokio::task_local! {
    static PROCESS: Arc<dyn Process>;
}

/// One process of several in this program.
pub trait Process: Send + Sync {
    /// Registers a task that was started in this process; the process may abort it.
    fn register(&self, task: AbortHandle);

    /// What is dropped when a task of it ends, also when it panics or is aborted.
    fn watch(&self) -> Box<dyn Send>;
}

/// Does this work as this process.
pub fn within<T>(process: Arc<dyn Process>, work: impl FnOnce() -> T) -> T {
    PROCESS.sync_scope(process, work)
}

/// `tokio::spawn`, in the process that calls it.
///
/// The future is spawned in a box: what the runtime needs of a task is then compiled once for each type of result,
/// not once for each future, and a future that is passed on is not copied.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    spawn_boxed(PROCESS.try_with(Arc::clone).ok(), Box::pin(future))
}

/// `tokio::spawn`, in this process.
pub fn spawn_in<F>(process: Arc<dyn Process>, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    spawn_boxed(Some(process), Box::pin(future))
}

fn spawn_boxed<T: Send + 'static>(
    process: Option<Arc<dyn Process>>,
    future: Pin<Box<dyn Future<Output = T> + Send>>,
) -> JoinHandle<T> {
    let Some(process) = process else { return tokio::spawn(future) };
    let watch = process.watch();
    let watched = async move {
        let _watch = watch;
        future.await
    };
    let handle = tokio::spawn(PROCESS.scope(Arc::clone(&process), watched));
    process.register(handle.abort_handle());
    handle
}

/// `tokio::task::spawn_blocking`. A [`Process`] does the work where it is called instead: threads would make its run
/// depend on how fast they are.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    match PROCESS.try_with(|_| ()) {
        Ok(()) => Ok(work()),
        Err(_) => tokio::task::spawn_blocking(work).await,
    }
}
