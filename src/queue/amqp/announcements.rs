//! "These tasks are answered", from each process to all, for those who wait for an answer. Best effort:
//! whoever misses it looks into the store a little later.

use std::sync::Arc;
use std::time::Duration;

use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, Consumer};
use tokio::sync::broadcast;
use tokio::time::timeout;
use uuid::Uuid;

use super::connection::Fault;
use super::topology::{self, Names};
use crate::task::TaskGuid;

/// The form of the message: the guids, 16 bytes each, one after another.
const TYPE: &str = "wsa.answered.v1";
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

    /// Announces all of them in one message, or none when the broker is in trouble.
    pub(super) async fn announce(&self, answered: &[TaskGuid]) {
        // While the broker takes nothing, announcements would pile up here only to be late.
        if answered.is_empty() || self.connection.status().blocked() {
            return;
        }
        let body: Vec<u8> = answered.iter().flat_map(|guid| guid.0.into_bytes()).collect();
        let properties = BasicProperties::default().with_type(TYPE.into());
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
pub(super) async fn subscribe(channel: &Channel, names: &Names) -> lapin::Result<Consumer> {
    let queue = topology::declare_announced(channel, names).await?;
    // A lost announcement is not worth an acknowledgement.
    let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
    channel.basic_consume(queue, "".into(), options, FieldTable::default()).await
}

/// Hands an announcement to those who wait.
pub(super) fn pass_on(delivery: &Delivery, answered: &broadcast::Sender<Arc<[TaskGuid]>>) {
    let kind = delivery.properties.kind().as_ref().map(ShortString::as_str);
    match read(kind, &delivery.data) {
        // An error says that nobody waits, which is fine.
        Some(guids) => drop(answered.send(guids)),
        None => tracing::debug!(
            "ignored an announcement of type {:?} with {} bytes: it must be {TYPE} and 16 bytes a task",
            kind.unwrap_or_default(),
            delivery.data.len()
        ),
    }
}

fn read(kind: Option<&str>, body: &[u8]) -> Option<Arc<[TaskGuid]>> {
    let (guids, rest) = body.as_chunks::<16>();
    let good = kind == Some(TYPE) && rest.is_empty() && !guids.is_empty();
    good.then(|| guids.iter().map(|guid| TaskGuid(Uuid::from_bytes(*guid))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_whole_guids_of_the_known_type() {
        let body = [7; 32];
        let read_guids = read(Some(TYPE), &body).unwrap();
        assert_eq!(&*read_guids, [TaskGuid(Uuid::from_bytes([7; 16])); 2]);
        assert_eq!(read(Some(TYPE), &body[..31]), None);
        assert_eq!(read(Some(TYPE), &[]), None);
        assert_eq!(read(Some("wsa.answered.v2"), &body), None);
        assert_eq!(read(None, &body), None);
    }
}
