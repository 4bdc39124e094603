//! Those who wait in `ListenQueue`. All of them are served by one task: it hears of new notifications, takes as
//! many as there are listeners for, and hands them out. A listener who waits costs the store nothing but
//! its part of one question every two seconds, for notifications whose announcements were lost.

mod lease;
mod wait_queue;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

pub use self::lease::Lease;
use self::lease::Returns;
use self::wait_queue::{WaitGuard, WaitQueue};
use crate::database::StoreError;
use crate::domain::outbox::{Notification, NotificationId, SubscriptionId};
use crate::domain::task::AggregatorId;
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::store::Store;
use crate::engine::store::queues::Queues;
use crate::queue::{Heard, Queue};
use crate::runtime::metrics::Metrics;
use crate::runtime::supervise::{End, Tasks};

/// How long announcements are trusted before all subscriptions with a listener are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long a notification is kept from others while it is written to its listener, in seconds. Longer than a
/// notification takes over the slowest line; a process that dies with it in hand delays it by this.
const LEASE_S: i64 = 60;
/// The most notifications of one subscription that are taken at once.
const MOST: usize = 256;

/// Where listeners wait.
#[derive(Debug)]
pub struct Listeners {
    queues: LookUps<AggregatorId, Queues>,
    /// Begins queues to which nobody has listened before.
    beginning: LookUps<SubscriptionId, ()>,
    wait_queue: Mutex<WaitQueue>,
    /// The subscriptions to look into now.
    wanted: Mutex<BTreeSet<SubscriptionId>>,
    wake: Notify,
    returns: Returns,
    metrics: Arc<Metrics>,
}

/// Which of an aggregator's queues to listen to (`queueType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueType {
    /// `TaskQueue`: answers.
    Tasks,
    /// `EventQueue`: events.
    Events,
    /// `AllQueues`: both.
    All,
}

impl Listeners {
    /// Starts serving.
    pub fn start(tasks: &Tasks, store: &Arc<Store>, queue: &Queue) -> Arc<Listeners> {
        let limits = Limits { lanes: 1, most: 512, waiting: 50_000 };
        let finding = Arc::clone(store);
        let task = tasks.task("finding listeners' queues");
        let queues = Batcher::start_look_ups(task, limits, move |ids: Vec<AggregatorId>| {
            let store = Arc::clone(&finding);
            async move { store.find_queues(&ids).await }
        });
        let begins = Arc::clone(store);
        let task = tasks.task("beginning listeners' queues");
        let beginning = Batcher::start_look_ups(task, limits, move |ids: Vec<SubscriptionId>| {
            let store = Arc::clone(&begins);
            async move { store.begin_queues(&ids).await.map(|()| HashMap::new()) }
        });
        let listeners = Arc::new_cyclic(|listeners: &Weak<Listeners>| Listeners {
            queues,
            beginning,
            wait_queue: Mutex::default(),
            wanted: Mutex::default(),
            wake: Notify::new(),
            returns: Returns::start(tasks, store, listeners.clone()),
            metrics: Arc::clone(tasks.metrics()),
        });
        let (heard, here) = (Heard::of(queue), Arc::downgrade(&listeners));
        let task = tasks.task("announcements to listeners");
        crate::runtime::environment::spawn(
            task.keep(move || watch_announcements(heard.clone(), here.clone())),
        );
        let (store, here) = (Arc::clone(store), Arc::downgrade(&listeners));
        let task = tasks.task("listeners");
        crate::runtime::environment::spawn(
            task.keep(move || serve(Arc::clone(&store), here.clone())),
        );
        listeners
    }

    /// Waits for a notification, until `until`. The caller confirms it with [`Lease::confirm_delivery`] once it has
    /// arrived; a lease that is dropped without that goes to another listener.
    pub async fn listen(
        &self,
        caller: AggregatorId,
        to: QueueType,
        until: Instant,
    ) -> Result<Option<Lease>, LookUpError> {
        let queues = self.queues.look_up(caller).await?.unwrap_or_default();
        let queues = match to {
            QueueType::Tasks => [queues.tasks, None],
            QueueType::Events => [None, queues.events],
            QueueType::All => [queues.tasks, queues.events],
        };
        let queues = || queues.iter().flatten();
        for queue in queues().filter(|queue| !queue.begun) {
            self.beginning.look_up(queue.subscription).await?;
        }
        let subscriptions: Vec<SubscriptionId> = queues().map(|queue| queue.subscription).collect();
        let guard = WaitGuard::take(self, &subscriptions);
        self.look_into(subscriptions);
        Ok(timeout_at(until, guard.notification()).await.unwrap_or_default())
    }

    /// Has these subscriptions looked into.
    fn look_into(&self, subscriptions: impl IntoIterator<Item = SubscriptionId>) {
        let mut wanted = lock(&self.wanted);
        wanted.extend(subscriptions);
        if !wanted.is_empty() {
            self.wake.notify_one();
        }
    }

    fn wait_queue(&self) -> MutexGuard<'_, WaitQueue> {
        lock(&self.wait_queue)
    }

    /// Hands notifications out; gives back those that nobody waits for any more.
    fn hand_out(self: &Arc<Listeners>, notifications: Vec<Notification>) -> Vec<NotificationId> {
        let mut unwanted = Vec::new();
        for notification in notifications {
            let subscription = notification.id.subscription;
            let mut left = Some(Lease::new(notification, self));
            while let Some(lease) = left.take() {
                let next = self.wait_queue().next(subscription);
                match next {
                    Some(waiter) => left = waiter.send(lease).err(),
                    None => unwanted.extend(lease.take_back()),
                }
            }
        }
        unwanted
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is consistent between any two statements, so a panic elsewhere does not spoil it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks into the subscriptions that an announcement names, if somebody listens to them here.
async fn watch_announcements(heard: Heard, listeners: Weak<Listeners>) -> End {
    loop {
        let announcement = heard.next().await;
        let Some(listeners) = listeners.upgrade() else { return End::Done };
        let subscriptions: Vec<SubscriptionId> = match announcement {
            Ok(announcement) => {
                let wait_queue = listeners.wait_queue();
                announcement
                    .mail
                    .iter()
                    .copied()
                    .filter(|subscription| wait_queue.has(*subscription))
                    .collect()
            }
            // Some were missed.
            Err(RecvError::Lagged(_)) => listeners.wait_queue().subscriptions(),
            Err(RecvError::Closed) => return End::Done,
        };
        listeners.look_into(subscriptions);
    }
}

/// Takes notifications for those who listen and hands them out, for as long as there are listeners.
async fn serve(store: Arc<Store>, listeners: Weak<Listeners>) -> End {
    let mut failing = false;
    // At once: whoever waited while this was down is looked after.
    let mut look_again = Instant::now();
    loop {
        let Some(here) = listeners.upgrade() else { return End::Done };
        // Either is enough; a busy service is looked at all the same.
        let _ = timeout_at(look_again, here.wake.notified()).await;
        if look_again <= Instant::now() {
            here.look_into(here.wait_queue().subscriptions());
            look_again = Instant::now() + LOOK_AGAIN;
        }
        let wanted = std::mem::take(&mut *lock(&here.wanted));
        match round(&store, &here, wanted).await {
            Ok(()) => failing = false,
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "listeners wait for the store: {error}");
                }
                failing = true;
            }
        }
    }
}

async fn round(
    store: &Store,
    listeners: &Arc<Listeners>,
    wanted: BTreeSet<SubscriptionId>,
) -> Result<(), StoreError> {
    let listened = |subscriptions: Vec<SubscriptionId>| -> Vec<(SubscriptionId, usize)> {
        let wait_queue = listeners.wait_queue();
        let demand =
            |subscription: SubscriptionId| (subscription, wait_queue.count(subscription).min(MOST));
        subscriptions.into_iter().map(demand).filter(|(_, count)| *count > 0).collect()
    };
    let candidates: Vec<_> = listened(wanted.into_iter().collect())
        .into_iter()
        .map(|(subscription, _)| subscription)
        .collect();
    if candidates.is_empty() {
        return Ok(());
    }
    let due = listened(store.due_among(&candidates).await?);
    if due.is_empty() {
        return Ok(());
    }
    let notifications = store.take_notifications(&due, LEASE_S).await?;
    // As many as were asked for: there may be more.
    let full = due.iter().filter(|(subscription, most)| {
        notifications
            .iter()
            .filter(|notification| notification.id.subscription == *subscription)
            .count()
            == *most
    });
    let again: Vec<SubscriptionId> = full.map(|(subscription, _)| *subscription).collect();
    let unwanted = listeners.hand_out(notifications);
    if !unwanted.is_empty() {
        let at_once: Vec<_> = unwanted.into_iter().map(|id| (id, 0)).collect();
        store.postpone_notifications(&at_once).await?;
    }
    listeners.look_into(again);
    Ok(())
}
