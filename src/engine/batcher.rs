//! Natural batching: while one batch is on its way, the next one gathers. Nobody waits for company, so
//! a lone request is as fast as it can be, and under load a statement carries hundreds.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};

use crate::database::StoreError;
use crate::database::pieces::in_pieces;
use crate::runtime::supervise::{End, Task};

/// How a [`Batcher`] works.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Batches on their way at once.
    pub lanes: usize,
    /// The most items of a batch.
    pub most: usize,
    /// The most items that may wait; more are refused.
    pub waiting: usize,
}

/// Why an item got no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// As many items wait as may.
    #[error("too many requests are waiting")]
    Full,
    /// The work panicked, or the process is ending.
    #[error("the work was given up")]
    Failed,
}

type Waiting<I, O> = (I, oneshot::Sender<O>);

/// How often [`Batcher::drained`] looks.
const LOOK: Duration = Duration::from_millis(2);

/// Turns single calls into batches. A batch runs in a task of its own: a caller who goes away cancels
/// nothing.
#[derive(Debug)]
pub struct Batcher<I, O> {
    waiting: mpsc::Sender<Waiting<I, O>>,
    unfinished: Arc<AtomicUsize>,
}

/// The items of a batch in work; done with, or given up, when dropped.
struct InWork {
    unfinished: Arc<AtomicUsize>,
    items: usize,
}

impl Drop for InWork {
    fn drop(&mut self) {
        self.unfinished.fetch_sub(self.items, Ordering::Relaxed);
    }
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts it as this task. `work` gives one result for each item, in the same order.
    pub fn start<F, W>(task: Task, limits: Limits, work: W) -> Batcher<I, O>
    where
        W: Fn(Vec<I>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Vec<O>> + Send,
    {
        let (waiting, gathered) = mpsc::channel::<Waiting<I, O>>(limits.waiting);
        // Both outlive the task: who waits in them is served by the next one.
        let gathered = Arc::new(Mutex::new(gathered));
        let lanes = Arc::new(Semaphore::new(limits.lanes));
        let batches = task.clone();
        let unfinished = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&unfinished);
        crate::runtime::environment::spawn(task.keep(move || {
            let (gathered, lanes) = (Arc::clone(&gathered), Arc::clone(&lanes));
            let (work, batches) = (work.clone(), batches.clone());
            let counted = Arc::clone(&counted);
            async move {
                let mut gathered = gathered.lock().await;
                loop {
                    let Ok(lane) = Arc::clone(&lanes).acquire_owned().await else { break };
                    let mut batch = Vec::new();
                    if gathered.recv_many(&mut batch, limits.most).await == 0 {
                        break;
                    }
                    let work = work.clone();
                    let in_work = InWork { unfinished: Arc::clone(&counted), items: batch.len() };
                    // Nothing is awaited between taking a batch and this: none is lost with the task.
                    crate::runtime::environment::spawn(batches.clone().once(async move {
                        let _in_work = in_work;
                        let (items, replies): (Vec<I>, Vec<_>) = batch.into_iter().unzip();
                        for (result, reply) in work(items).await.into_iter().zip(replies) {
                            // Who went away needs no result.
                            let _ = reply.send(result);
                        }
                        drop(lane);
                    }));
                }
                // Nobody can hand in anything any more.
                End::Done
            }
        }));
        Batcher { waiting, unfinished }
    }

    /// Runs one item in some batch, and does not wait for its result where no more than `company` items wait: the work
    /// keeps up. Beyond that whoever hands something in waits, so that it is no faster than the work.
    pub async fn hand_in(&self, item: I, company: usize) -> Result<(), BatchError> {
        let result = self.put(item)?;
        let waiting = self.waiting.max_capacity() - self.waiting.capacity();
        if waiting > company {
            result.await.map_err(|_| BatchError::Failed)?;
        }
        Ok(())
    }

    /// Runs one item in some batch.
    pub async fn run(&self, item: I) -> Result<O, BatchError> {
        self.put(item)?.await.map_err(|_| BatchError::Failed)
    }

    /// Waits until nothing that was handed in waits or is in work.
    pub async fn drained(&self) {
        while self.unfinished.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn put(&self, item: I) -> Result<oneshot::Receiver<O>, BatchError> {
        let (reply, result) = oneshot::channel();
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        self.waiting.try_send((item, reply)).map_err(|error| {
            self.unfinished.fetch_sub(1, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => BatchError::Full,
                mpsc::error::TrySendError::Closed(_) => BatchError::Failed,
            }
        })?;
        Ok(result)
    }
}

/// A batcher that looks things up by key.
pub type LookUps<K, V> = Batcher<K, Result<Option<V>, Arc<StoreError>>>;

/// A look-up that gave no result.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// There was no room for it.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl<K, V> LookUps<K, V>
where
    K: Clone + Ord + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Starts it as this task. `find` gives what it finds of some distinct keys.
    pub fn start_look_ups<F, W>(task: Task, limits: Limits, find: W) -> LookUps<K, V>
    where
        W: Fn(Vec<K>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<HashMap<K, V>, StoreError>> + Send,
    {
        Batcher::start(task, limits, move |keys: Vec<K>| {
            let mut distinct = keys.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let find = find.clone();
            async move {
                let mut found: HashMap<K, Result<Option<V>, Arc<StoreError>>> = HashMap::new();
                // A key that the store refuses has no neighbours.
                for (keys, result) in in_pieces(distinct, find).await {
                    let result = result.map_err(Arc::new);
                    found.extend(keys.into_iter().map(|key| {
                        let value = match &result {
                            Ok(values) => Ok(values.get(&key).cloned()),
                            Err(error) => Err(Arc::clone(error)),
                        };
                        (key, value)
                    }));
                }
                keys.iter().map(|key| found.get(key).cloned().unwrap_or(Ok(None))).collect()
            }
        })
    }

    /// Looks one key up, in some batch.
    pub async fn look_up(&self, key: K) -> Result<Option<V>, LookUpError> {
        Ok(self.run(key).await??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::metrics::Metrics;
    use crate::runtime::supervise::Tasks;

    fn task() -> Task {
        Tasks::new(&Arc::new(Metrics::new())).task("test")
    }

    fn limits(waiting: usize) -> Limits {
        Limits { lanes: 1, most: 8, waiting }
    }

    #[tokio::test]
    async fn items_that_come_while_one_batch_runs_form_the_next() {
        let batches = Batcher::start(task(), limits(100), |items: Vec<u32>| async move {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            let size = items.len();
            items.into_iter().map(|item| (item, size)).collect()
        });
        let calls = (0..5).map(|item| batches.run(item));
        let results: Vec<_> =
            futures_util::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert!(results.iter().zip(0..).all(|((item, _), n)| *item == n));
        assert!(results.iter().any(|(_, size)| *size > 1), "{results:?}");
    }

    #[tokio::test]
    async fn a_panic_fails_its_batch_and_nothing_else() {
        let batches = Batcher::start(task(), limits(100), |items: Vec<u32>| async move {
            assert_ne!(items[0], 0, "boom");
            items
        });
        assert_eq!(batches.run(0).await, Err(BatchError::Failed));
        assert_eq!(batches.run(1).await, Ok(1));
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_at_once() {
        let batches =
            Batcher::start(task(), limits(1), |_: Vec<u32>| std::future::pending::<Vec<u32>>());
        let calls = (0..20).map(|item| batches.run(item));
        let refused = tokio::time::timeout(
            std::time::Duration::from_millis(50),
            futures_util::future::select_all(calls.map(Box::pin)),
        );
        assert_eq!(refused.await.unwrap().0, Err(BatchError::Full));
    }
}
