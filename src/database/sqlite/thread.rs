//! The thread on which everything is written. Writes take turns anyway; on one thread, a transaction has what the processor
//! keeps of it at hand, and work that is [spawned](WriterThread::runtime) there goes from call to call without waking
//! another thread and waiting for it. It may block: nothing is done there but writing, and
//! what is decided between the writes of a transaction.

use std::convert::Infallible;
use std::io;
use std::thread::{Builder, ThreadId};

use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;

use super::given_up;
use crate::database::StoreError;

/// A thread that runs what is spawned on its runtime. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct WriterThread {
    id: ThreadId,
    runtime: Handle,
    _end: oneshot::Sender<Infallible>,
}

impl WriterThread {
    /// Starts it.
    pub(super) fn start() -> io::Result<WriterThread> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let thread = Builder::new().name("store writer".to_owned()).spawn(move || {
            // Nothing is ever sent: an error says that the other end was dropped.
            let Err(_) = runtime.block_on(ended);
        })?;
        Ok(WriterThread { id: thread.thread().id(), runtime: handle, _end: end })
    }

    /// What runs there.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Does this there: at once, where it is called there. While this thread is there it is done even when nobody waits for it
    /// any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if std::thread::current().id() == self.id {
            return work();
        }
        self.runtime.spawn(async move { work() }).await.map_err(given_up)?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_is_called_there_is_done_at_once_and_what_is_called_elsewhere_goes_there() {
        let thread = Arc::new(WriterThread::start().unwrap());
        let here = || Ok(std::thread::current().id());
        assert_eq!(thread.run(here).await.unwrap(), thread.id);
        let calling = Arc::clone(&thread);
        let spawned = thread.runtime().spawn(async move {
            let next = Arc::new(AtomicBool::new(false));
            let begun = Arc::clone(&next);
            calling.runtime().spawn(async move { begun.store(true, Ordering::Relaxed) });
            let id = calling.run(here).await.unwrap();
            (id, next.load(Ordering::Relaxed))
        });
        assert_eq!(spawned.await.unwrap(), (thread.id, false));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_caller_alone() {
        let thread = WriterThread::start().unwrap();
        let panicked: Result<(), _> = thread.run(|| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(StoreError::Refused(_))), "{panicked:?}");
        assert_eq!(thread.run(|| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn it_ends_with_its_owner() {
        let thread = WriterThread::start().unwrap();
        let runtime = thread.runtime().clone();
        let (held, released) = oneshot::channel::<()>();
        runtime.spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        drop(thread);
        // With the thread, what it had in hand is gone.
        assert!(released.await.is_err());
    }
}
