//! Announcement, from each process to all: which tasks are answered, into which subscriptions something was put. Best
//! effort: whoever misses it looks into the store a little later.

use std::sync::Arc;
use std::time::Duration;

use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Connection, Consumer};
use tokio::sync::broadcast;
use tokio::time::timeout;
use uuid::Uuid;

use super::connection::Fault;
use super::consuming::ConsumingChannel;
use super::declaring::TopologyError;
use super::topology::{self, Names};
use super::{publisher, reading};
use crate::domain::outbox::{Announcement, SubscriptionId};
use crate::domain::task::{ObjectId, TaskGuid, TaskKey};

/// The form of the message: how many tasks (4 bytes), each task (its object in 8 bytes, its guid in 16), then
/// the subscriptions (8 bytes each); numbers begin with their highest byte. The spans of tasks whose traces are recorded
/// stand in a header, which processes of older versions do not look at.
pub const TYPE: &str = "wsa.news.v1";
/// What an announcement may cost the one who makes it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Makes announcements, on a channel without confirms.
pub(super) struct Announcer {
    connection: Arc<Connection>,
    channel: Channel,
    exchange: ShortString,
    fault: Fault,
}

impl Announcer {
    /// Opens the channel.
    pub(super) async fn open(
        connection: &Arc<Connection>,
        names: &Names,
        fault: Fault,
    ) -> lapin::Result<Announcer> {
        let channel = connection.create_channel().await?;
        let exchange = names.answered.clone();
        Ok(Announcer { connection: connection.clone(), channel, exchange, fault })
    }

    /// Announces all of it in one message, or nothing when the broker is in trouble.
    pub(super) async fn announce(&self, announcement: &Announcement) {
        // While the broker takes nothing, announcements would pile up here only to be late.
        if self.connection.status().blocked() {
            return;
        }
        let body = write(announcement);
        let properties = BasicProperties::default().with_type(TYPE.into());
        let properties = publisher::traced(properties, announcement.traces.iter().copied());
        let (exchange, options) = (self.exchange.clone(), BasicPublishOptions::default());
        let publish = self.channel.basic_publish(exchange, "".into(), options, &body, properties);
        match timeout(PATIENCE, publish).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => self.fault.raise(format!("an announcement failed: {error}")),
            Err(_) => tracing::debug!("an announcement took longer than {PATIENCE:?}"),
        }
    }
}

/// Subscribes to the announcements of all processes, this one included.
pub(super) async fn subscribe(
    channel: &ConsumingChannel,
    names: &Names,
) -> Result<Consumer, TopologyError> {
    let queue = topology::declare_announced(channel, names).await?;
    // A lost announcement is not worth an acknowledgement.
    let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
    let failed = |source| TopologyError::Failed { what: "a queue of announcements".into(), source };
    channel.consume(queue, options).await.map_err(failed)
}

/// Hands an announcement to those who wait.
pub(super) fn pass_on(delivery: &Delivery, announced: &broadcast::Sender<Arc<Announcement>>) {
    let kind = delivery.properties.kind().as_ref().map(ShortString::as_str);
    match read(kind, &delivery.data) {
        // An error says that nobody waits, which is fine.
        Some(mut announcement) => {
            announcement.traces =
                reading::traces(&delivery.properties, announcement.answered.len());
            drop(announced.send(Arc::new(announcement)));
        }
        None => tracing::debug!(
            "ignored an announcement of type {:?} with {} bytes: it must be {TYPE}, and whole",
            kind.unwrap_or_default(),
            delivery.data.len()
        ),
    }
}

/// The message that announces it.
pub fn write(announcement: &Announcement) -> Vec<u8> {
    let Announcement { answered, mail, traces: _ } = announcement;
    let mut body = Vec::with_capacity(4 + answered.len() * 24 + mail.len() * 8);
    // More tasks than this are never in one batch.
    let count = u32::try_from(answered.len()).unwrap_or(u32::MAX);
    body.extend(count.to_be_bytes());
    for key in answered {
        body.extend(key.object.0.to_be_bytes());
        body.extend(key.guid.0.as_bytes());
    }
    body.extend(mail.iter().flat_map(|subscription| subscription.0.to_be_bytes()));
    body
}

/// What a message of this type announces; `None` when it is not whole, or of another type.
pub fn read(kind: Option<&str>, body: &[u8]) -> Option<Announcement> {
    if kind != Some(TYPE) {
        return None;
    }
    let (count, rest) = body.split_first_chunk::<4>()?;
    let tasks = usize::try_from(u32::from_be_bytes(*count)).ok()?.checked_mul(24)?;
    let (tasks, mail) = rest.split_at_checked(tasks)?;
    let task = |bytes: &[u8; 24]| {
        let (object, guid) = bytes.split_first_chunk::<8>()?;
        let guid = TaskGuid(Uuid::from_slice(guid).ok()?);
        Some(TaskKey { object: ObjectId(i64::from_be_bytes(*object)), guid })
    };
    let answered = tasks.as_chunks::<24>().0.iter().map(task).collect::<Option<_>>()?;
    let (mail, rest) = mail.as_chunks::<8>();
    let mail = mail.iter().map(|id| SubscriptionId(i64::from_be_bytes(*id))).collect();
    rest.is_empty().then_some(Announcement { answered, mail, traces: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_come_back_whole_or_not_at_all() {
        let key = |n| TaskKey { object: ObjectId(n), guid: TaskGuid::new() };
        for (tasks, subscriptions) in [(0, 1), (1, 0), (3, 2)] {
            let announcement = Announcement {
                answered: (1..=tasks).map(key).collect(),
                mail: (1..=subscriptions).map(SubscriptionId).collect(),
                traces: Vec::new(),
            };
            let body = write(&announcement);
            assert_eq!(read(Some(TYPE), &body), Some(announcement));
            assert_eq!(read(Some(TYPE), &body[..body.len() - 1]), None);
            assert_eq!(read(Some("wsa.news.v2"), &body), None);
            assert_eq!(read(None, &body), None);
        }
        for bad in [&[][..], &[0; 3], &[0xff; 4], &[0xff; 40]] {
            assert_eq!(read(Some(TYPE), bad), None);
        }
    }
}
