//! A notification on its way to a listener: removed when it has arrived, given to somebody else when not.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use super::Listeners;
use crate::database::StoreError;
use crate::domain::outbox::{Notification, NotificationId};
use crate::engine::store::Store;
use crate::runtime::supervise::{End, Tasks};

/// How often a write to the store is attempted, and the pause between. After that the notification is delivered
/// again, when its lease ends.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// The most notifications in one statement.
const MOST: usize = 1024;

/// A notification that nobody else has.
#[derive(Debug)]
pub struct Lease {
    /// `None` once it is somebody else's business.
    notification: Option<Box<Notification>>,
    returns: Returns,
}

impl Lease {
    pub(super) fn new(notification: Notification, listeners: &Arc<Listeners>) -> Lease {
        Lease { notification: Some(Box::new(notification)), returns: listeners.returns.clone() }
    }

    /// What it says.
    pub fn notification(&self) -> Option<&Notification> {
        self.notification.as_deref()
    }

    /// Confirms that the listener has received the notification.
    pub fn confirm_delivery(mut self) {
        if let Some(notification) = self.notification.take() {
            self.returns.send(Return::Delivered(notification.id));
        }
    }

    /// Nobody wanted it.
    pub(super) fn take_back(mut self) -> Option<NotificationId> {
        self.notification.take().map(|notification| notification.id)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(notification) = self.notification.take() {
            self.returns.send(Return::Back(notification.id));
        }
    }
}

enum Return {
    Delivered(NotificationId),
    Back(NotificationId),
}

/// Receives what became of notifications. Unbounded, because a drop cannot wait; it holds at most as many as there
/// were listeners.
#[derive(Debug, Clone)]
pub(super) struct Returns {
    returned: mpsc::UnboundedSender<Return>,
}

impl Returns {
    pub(super) fn start(tasks: &Tasks, store: &Arc<Store>, listeners: Weak<Listeners>) -> Returns {
        let (returned, received) = mpsc::unbounded_channel();
        let (store, received) = (Arc::clone(store), Arc::new(Mutex::new(received)));
        let task = tasks.task("returned letters");
        crate::runtime::environment::spawn(task.keep(move || {
            let (store, received) = (Arc::clone(&store), Arc::clone(&received));
            write_returns(store, received, listeners.clone())
        }));
        Returns { returned }
    }

    fn send(&self, value: Return) {
        // An error says that the process ends; the lease will end, too.
        let _ = self.returned.send(value);
    }
}

/// Writes to the store what became of notifications. A notification in hand when this ends is delivered again, when
/// its lease ends.
async fn write_returns(
    store: Arc<Store>,
    received: Arc<Mutex<mpsc::UnboundedReceiver<Return>>>,
    listeners: Weak<Listeners>,
) -> End {
    let mut received = received.lock().await;
    let mut batch = Vec::new();
    while received.recv_many(&mut batch, MOST).await > 0 {
        let (mut delivered, mut back) = (Vec::new(), Vec::new());
        for returned in batch.drain(..) {
            match returned {
                Return::Delivered(id) => delivered.push(id),
                Return::Back(id) => back.push((id, 0)),
            }
        }
        if !delivered.is_empty() {
            keep_trying("delivered", || store.remove_notifications(&delivered)).await;
        }
        if !back.is_empty() {
            keep_trying("returned", || store.postpone_notifications(&back)).await;
            if let Some(listeners) = listeners.upgrade() {
                listeners.look_into(back.iter().map(|(id, _)| id.subscription));
            }
        }
    }
    End::Done
}

async fn keep_trying<F: Future<Output = Result<(), StoreError>>>(what: &str, work: impl Fn() -> F) {
    for attempt in 1..=ATTEMPTS {
        match work().await {
            Ok(()) => return,
            Err(error) if attempt == ATTEMPTS || !error.is_passing() => {
                tracing::warn!(%error, "{what} notifications will be delivered again: {error}");
                return;
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
