//! Publishes messages and waits until the broker has taken responsibility for each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::super::{Class, Message, QueueError};
use super::bundle;
use super::connection::Fault;
use super::shard::shard;
use super::topology::{Names, routing_key};

/// How many publishes are under way at once; more wait for one to finish.
const MOST_CHANNELS: usize = 64;
/// AMQP's delivery mode of messages that survive a restart of the broker.
pub(super) const PERSISTENT: u8 = 2;
/// The header with the restaurant a task is for.
pub(super) const OBJECT_HEADER: &str = "x-wsa-object-id";

/// A message as it goes to the broker.
pub(super) struct Outgoing<'a> {
    /// Where to.
    pub(super) exchange: &'a ShortString,
    /// Which of its queues.
    pub(super) routing_key: ShortString,
    /// The content.
    pub(super) body: Cow<'a, [u8]>,
    /// Everything else.
    pub(super) properties: BasicProperties,
}

/// Tasks as they go to the broker, by shard and class: one alone as a [`task`], several as a [`bundle`].
pub(super) fn outgoing<'a>(messages: &'a [Message], names: &'a Names) -> Vec<Outgoing<'a>> {
    let mut queues: BTreeMap<(u16, Class), Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let shard = shard(message.key.object, names.shards);
        queues.entry((shard, message.class)).or_default().push(message);
    }
    let of_queue = |((shard, class), messages): ((u16, Class), Vec<&'a Message>)| {
        let to = routing_key(shard, class);
        let bundles = messages.chunks(bundle::MOST).map(|tasks| match tasks {
            [one] => task(one, to.clone(), names),
            several => bundle_of(several, to.clone(), names),
        });
        bundles.collect::<Vec<_>>()
    };
    queues.into_iter().flat_map(of_queue).collect()
}

fn bundle_of<'a>(tasks: &[&Message], to: ShortString, names: &'a Names) -> Outgoing<'a> {
    Outgoing {
        exchange: &names.tasks,
        routing_key: to,
        body: bundle::write(tasks).into(),
        properties: ours().with_type(bundle::TYPE.into()),
    }
}

/// What all messages of this service have in common.
fn ours() -> BasicProperties {
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_timestamp(now())
        .with_app_id("wsa".into())
}

/// A task as it goes to the broker: the request as its caller wrote it, and what a worker needs to
/// know of it without reading it.
fn task<'a>(message: &'a Message, to: ShortString, names: &'a Names) -> Outgoing<'a> {
    let object = message.key.object;
    let mut headers = FieldTable::default();
    headers.insert(OBJECT_HEADER.into(), AMQPValue::LongLongInt(object.0));
    let mut properties =
        ours().with_message_id(message.key.guid.to_string().into()).with_headers(headers);
    if let Ok(kind) = ShortString::try_new(message.task_type.as_str()) {
        properties = properties.with_type(kind);
    }
    Outgoing {
        exchange: &names.tasks,
        routing_key: to,
        body: message.request.as_bytes().into(),
        properties,
    }
}

/// Seconds since 1970, as AMQP counts.
pub(super) fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}

/// Publishes on channels of one connection.
///
/// Each publish has a channel to itself while it lasts: the client library hands a message that the
/// broker returns to whichever confirm of the channel comes next, so that on a shared channel one
/// caller would be told of the other's failure.
pub(super) struct Publisher {
    connection: Arc<Connection>,
    idle: Mutex<Vec<Channel>>,
    permits: Semaphore,
    blocked: Notify,
    fault: Fault,
}

impl Publisher {
    /// A publisher with its first channel open.
    pub(super) async fn open(
        connection: Arc<Connection>,
        fault: Fault,
    ) -> lapin::Result<Publisher> {
        let permits = Semaphore::new(MOST_CHANNELS);
        let publisher = Publisher {
            connection,
            idle: Mutex::default(),
            permits,
            blocked: Notify::new(),
            fault,
        };
        let channel = publisher.channel().await?;
        publisher.idle().push(channel);
        Ok(publisher)
    }

    /// Whether the broker takes messages right now.
    pub(super) fn is_open(&self) -> bool {
        let status = self.connection.status();
        status.connected() && !status.blocked()
    }

    /// Tells those who wait for confirms that the broker has stopped reading.
    pub(super) fn block(&self) {
        self.blocked.notify_waiters();
    }

    /// Publishes all messages, each persistent or not as its properties say, then waits for all
    /// confirms. After an error some may have been taken and some not.
    pub(super) async fn send(
        &self,
        messages: Vec<Outgoing<'_>>,
        within: Duration,
    ) -> Result<(), QueueError> {
        // What is given to a blocked connection piles up in this process.
        if !self.is_open() {
            return Err(QueueError::NotConnected);
        }
        let sent = tokio::select! {
            sent = timeout(within, self.send_all(messages)) => sent,
            // Confirms may now take for ever; the sweeper does not mind publishing again.
            () = self.blocked.notified() => return Err(QueueError::NotConnected),
        };
        match sent {
            Ok(Err(QueueError::Broken(error))) => {
                self.fault.raise(format!("publishing failed: {error}"));
                Err(QueueError::Broken(error))
            }
            Ok(result) => result,
            Err(_) => Err(QueueError::Unconfirmed(within)),
        }
    }

    async fn send_all(&self, messages: Vec<Outgoing<'_>>) -> Result<(), QueueError> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(QueueError::NotConnected);
        };
        let channel = self.channel().await?;
        // Polled together, so that they are written together; one after the other would cost a
        // switch to the connection's thread and back for each.
        let sent = join_all(messages.into_iter().map(async |message| {
            let options = BasicPublishOptions { mandatory: true, immediate: false };
            let Outgoing { exchange, routing_key, body, properties } = message;
            channel.basic_publish(exchange.clone(), routing_key, options, &body, properties).await
        }));
        let mut refused = 0;
        let mut unroutable = false;
        for confirm in sent.await {
            match confirm?.await? {
                Confirmation::Ack(None) => {}
                Confirmation::Ack(Some(_)) => {
                    refused += 1;
                    unroutable = true;
                }
                Confirmation::Nack(_) | Confirmation::NotRequested => refused += 1,
            }
        }
        // A channel that is dropped earlier, with confirms outstanding, is closed and never reused.
        self.idle().push(channel);
        if unroutable {
            // A queue or binding has been deleted: connecting again declares it.
            self.fault.raise("the broker returned a message that no queue is bound for");
        }
        if refused > 0 { Err(QueueError::Refused(refused)) } else { Ok(()) }
    }

    /// A channel that nobody uses.
    async fn channel(&self) -> lapin::Result<Channel> {
        let idle = self.idle().pop();
        if let Some(channel) = idle.filter(|channel| channel.status().connected()) {
            return Ok(channel);
        }
        let channel = self.connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(channel)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
