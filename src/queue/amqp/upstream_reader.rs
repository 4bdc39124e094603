//! Reads what the broker delivers to the intake, as soon as it is there, and notes of each message since when it
//! can have been handed out ([`EchoClock`]).
//!
//! A task of its own: a batch that takes long must not make those behind it look older than they are.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use lapin::message::Delivery as Raw;
use lapin::options::BasicQosOptions;
use lapin::{Channel, Consumer};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::queue::echo::EchoClock;

/// How often the clock is read. A message may be taken for so much older than it is, and some more.
const EVERY: Duration = Duration::from_millis(200);

/// Reads the database's clock; `None` while it cannot be read.
pub type DatabaseClock = Arc<dyn Fn() -> BoxFuture<'static, Option<Timestamp>> + Send + Sync>;

/// A delivery, or why there will be no more.
pub(super) type Received = Result<Tagged, String>;

/// A delivery, and since when it can have been handed out.
pub(super) struct Tagged {
    pub(super) raw: Raw,
    pub(super) not_before: Timestamp,
}

/// What was read and is not taken yet; never more than the channel's prefetch.
pub(super) struct Reader {
    received: mpsc::UnboundedReceiver<Received>,
    _reading: AbortOnDropHandle<()>,
}

impl Reader {
    /// Starts reading. The consumer subscribed after `subscribed_after` was read from `clock`, and its channel
    /// may have `prefetch` messages unacknowledged.
    pub(super) fn start(
        consumer: Consumer,
        channel: Channel,
        prefetch: u16,
        clock: DatabaseClock,
        subscribed_after: Timestamp,
    ) -> Reader {
        let (sender, received) = mpsc::unbounded_channel();
        let echo = move || {
            let (channel, read) = (channel.clone(), clock());
            async move {
                let read = read.await?;
                // It changes nothing, and is answered in its turn among the deliveries.
                let options = BasicQosOptions { global: false };
                channel.basic_qos(prefetch, options).await.ok().map(|()| read)
            }
        };
        let clock = EchoClock::subscribed_after(subscribed_after);
        let reading = tokio::spawn(read(consumer, clock, echo, sender));
        Reader { received, _reading: AbortOnDropHandle::new(reading) }
    }

    /// The next delivery. Cancel-safe.
    pub(super) async fn next(&mut self) -> Received {
        let ended = || Err("the consumer has ended".to_owned());
        self.received.recv().await.unwrap_or_else(ended)
    }

    /// The next delivery, if it is there.
    pub(super) fn next_now(&mut self) -> Option<Received> {
        self.received.try_recv().ok()
    }
}

async fn read<E>(
    mut consumer: Consumer,
    mut clock: EchoClock,
    echo: impl Fn() -> E,
    sender: mpsc::UnboundedSender<Received>,
) where
    E: Future<Output = Option<Timestamp>>,
{
    let pass = |received: Option<lapin::Result<Raw>>, not_before| {
        let received = match received {
            Some(Ok(raw)) => Ok(Tagged { raw, not_before }),
            Some(Err(error)) => Err(error.to_string()),
            None => Err("the broker ended the consumer".to_owned()),
        };
        let over = received.is_err();
        sender.send(received).is_err() || over
    };
    loop {
        let echoed = async {
            sleep(EVERY).await;
            echo().await
        };
        tokio::pin!(echoed);
        let read = loop {
            tokio::select! {
                biased;
                received = consumer.next() => if pass(received, clock.not_before()) { return },
                read = &mut echoed => break read,
            }
        };
        // The client library puts a delivery into the stream before it looks at the next frame: whatever came
        // before the echo is there by now, and is none the younger for it.
        while let Some(received) = consumer.next().now_or_never() {
            if pass(received, clock.not_before()) {
                return;
            }
        }
        if let Some(read) = read {
            clock.echoed(read);
        }
    }
}
