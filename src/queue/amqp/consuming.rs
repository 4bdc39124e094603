//! A channel that has consumers, and how it ends.
//!
//! lapin (4.12.3) closes a channel when the last handle on it goes, and each of its consumers has one: what it gave us,
//! and what it keeps itself. When its own is the last, and goes because the connection fails, lapin asks for the state
//! of the channel while it holds the list of consumers. If a message comes in at that moment, the thread that reads from
//! the wire holds the state and asks for the list, and both wait for ever: the connection, whatever waits for it and the
//! end of the runtime. So ours go last: a channel is closed by name, and a handle on it is kept until lapin has long let
//! go of its own.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Consumer};

/// For how long a handle is kept at least. lapin lets go of its own within microseconds of the end of a channel.
const KEPT: Duration = Duration::from_secs(10);

/// Handles on channels that we have done with. They are of no runtime: what ends a runtime ends lapin's connections as
/// well. The last ones stay until another comes, each a few kilobytes.
static ENDED: Mutex<Vec<(Instant, Channel)>> = Mutex::new(Vec::new());

/// A channel that has consumers. Dropping it closes the channel: the broker hands on what is not acknowledged. Whoever
/// owns both drops it before its consumers, which need not be cancelled then.
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
        // The first look at it sends it, and lapin sees to the answer. An error says that it is closed already.
        let _ = self.0.close(200, "OK".into()).now_or_never();
    }
}

/// Keeps a handle, and lets go of those that nothing can need any more.
fn keep(channel: Channel) {
    let now = Instant::now();
    let mut ended = ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    // The broker may take its time to close a channel; until then lapin has not let go.
    let done = |(since, channel): &mut (Instant, Channel)| {
        now.duration_since(*since) >= KEPT && !channel.status().closing()
    };
    let let_go: Vec<_> = ended.extract_if(.., done).collect();
    ended.push((now, channel));
    // What lapin does when one goes is not done under the lock.
    drop(ended);
    drop(let_go);
}
