//! A channel that has consumers, and how it ends.
//!
//! lapin (4.12.3) closes a channel when the last handle on it goes, and each of its consumers has one: what it gave us,
//! and what it keeps itself. When its own is the last, and goes because the connection fails, lapin asks for the state
//! of the channel while it holds the list of consumers. If a message comes in at that moment, the thread that reads from
//! the wire holds the state and asks for the list, and both wait for ever: the connection, whatever waits for it and the
//! end of the runtime. So ours go last: a channel is closed by name, and a handle on it is kept until lapin has long let
//! go of its own.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Consumer};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long the broker may take to close a channel; afterwards its connection has been lost.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// For how long a handle is kept at least. lapin lets go of its own within microseconds of the end of a channel.
const KEPT: Duration = Duration::from_secs(10);

/// Handles on channels that have ended, the oldest first. They are of no runtime: what ends a runtime ends lapin's
/// connections as well.
static ENDED: Mutex<VecDeque<(Instant, Channel)>> = Mutex::new(VecDeque::new());

/// A channel that has consumers. Dropping it closes the channel: the broker hands on what is not acknowledged.
pub(super) struct ConsumingChannel(Channel);

impl ConsumingChannel {
    /// Of a channel that has consumers, or is about to.
    pub(super) fn new(channel: Channel) -> ConsumingChannel {
        ConsumingChannel(channel)
    }

    /// Subscribes to a queue.
    pub(super) async fn consume(
        &self,
        queue: ShortString,
        options: BasicConsumeOptions,
    ) -> lapin::Result<Consumer> {
        self.0.basic_consume(queue, "".into(), options, FieldTable::default()).await
    }
}

impl Deref for ConsumingChannel {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.0
    }
}

impl Drop for ConsumingChannel {
    fn drop(&mut self) {
        keep(self.0.clone());
        if !self.0.status().connected() {
            return;
        }
        let channel = self.0.clone();
        let mut closing = async move { channel.close(200, "OK".into()).await }.boxed();
        // The first look at it sends it: nobody cancels the consumers of a channel that is being closed.
        if (&mut closing).now_or_never().is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            // An error says that it is closed already, or that its connection is lost.
            runtime.spawn(async move { drop(timeout(CLOSE_TIMEOUT, closing).await) });
        }
    }
}

/// Keeps a handle, and lets go of those that were kept long enough.
fn keep(channel: Channel) {
    let now = Instant::now();
    let mut ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    let old = ended.partition_point(|(since, _)| now.duration_since(*since) >= KEPT);
    let let_go: Vec<_> = ended.drain(..old).collect();
    ended.push_back((now, channel));
    // What lapin does when one goes is not done under the lock.
    drop(ended);
    drop(let_go);
}
