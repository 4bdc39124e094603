//! Publishes messages and waits until the broker has taken responsibility for each.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::super::{Class, Message, QueueError};
use super::bundle;
use super::connection::Fault;
use super::topology::{Names, routing_key, shard};
use crate::domain::trace::{TRACEPARENT, TraceContext, write_list};

/// How many publishes are under way at once; more wait for one to finish.
const MOST_CHANNELS: usize = 64;
/// AMQP's delivery mode of messages that survive a restart of the broker.
pub(super) const PERSISTENT: u8 = 2;
/// Of those that are kept in memory.
const TRANSIENT: u8 = 1;
/// The header with the restaurant a task is for.
pub(super) const OBJECT_HEADER: &str = "x-wsa-object-id";
/// The header with the spans of the tasks in a message of several.
pub(super) const TRACES_HEADER: &str = "x-wsa-traces";

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
    /// Whether it counts as failed when no queue is bound for it.
    pub(super) mandatory: bool,
}

/// By which queue a task goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// One that keeps what waits.
    Kept,
    /// The express queue of its shard.
    Express,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The broker has it.
    Taken,
    /// The broker did not take it.
    Refused,
    /// It is mandatory, and no queue is bound for it.
    Unroutable,
}

/// Tasks as they go to the broker, by shard and class: one alone as a [`task`], several as a [`bundle`].
pub(super) fn outgoing<'a>(
    messages: &'a [Message],
    names: &'a Names,
    way: Way,
) -> Vec<Outgoing<'a>> {
    let mut queues: BTreeMap<(u16, Class), Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let shard = shard(message.key.object, names.shards);
        queues.entry((shard, message.class)).or_default().push(message);
    }
    let of_queue = |((shard, class), messages): ((u16, Class), Vec<&'a Message>)| {
        let to = match way {
            Way::Kept => routing_key(shard, class),
            Way::Express => names.express_key(shard),
        };
        let bundles = messages.chunks(bundle::MOST).map(|tasks| {
            let mut message = match tasks {
                [one] => task(one, to.clone(), names),
                several => bundle_of(several, to.clone(), names),
            };
            if way == Way::Express {
                message.properties = message.properties.with_delivery_mode(TRANSIENT);
            }
            message
        });
        bundles.collect::<Vec<_>>()
    };
    queues.into_iter().flat_map(of_queue).collect()
}

fn bundle_of<'a>(tasks: &[&Message], to: ShortString, names: &'a Names) -> Outgoing<'a> {
    let properties = ours().with_type(bundle::TYPE.into());
    let traces = tasks.iter().map(|task| task.trace).enumerate();
    Outgoing {
        exchange: &names.work,
        routing_key: to,
        body: bundle::write(tasks).into(),
        properties: traced(properties, traces.filter_map(|(place, trace)| Some((place, trace?)))),
        mandatory: true,
    }
}

/// With the spans of some of the tasks in a message of several, by their places; a process of an older version does
/// not look at it.
pub(super) fn traced(
    properties: BasicProperties,
    traces: impl Iterator<Item = (usize, TraceContext)>,
) -> BasicProperties {
    let Some(list) = write_list(traces) else { return properties };
    let mut headers = FieldTable::default();
    headers.insert(TRACES_HEADER.into(), AMQPValue::LongString(list.into()));
    properties.with_headers(headers)
}

/// A header that names the span that a message of one task or answer was sent by.
pub(super) fn traceparent(headers: &mut FieldTable, trace: Option<TraceContext>) {
    if let Some(trace) = trace {
        headers.insert(TRACEPARENT.into(), AMQPValue::LongString(trace.to_string().into()));
    }
}

/// What all messages of this service have in common.
pub(super) fn ours() -> BasicProperties {
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
    traceparent(&mut headers, message.trace);
    let mut properties =
        ours().with_message_id(message.key.guid.to_string().into()).with_headers(headers);
    if let Ok(kind) = ShortString::try_new(message.task_type.as_str()) {
        properties = properties.with_type(kind);
    }
    Outgoing {
        exchange: &names.work,
        routing_key: to,
        body: message.request.as_bytes().into(),
        properties,
        mandatory: true,
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
        let fates = self.send_each(messages, within).await?;
        if fates.contains(&Fate::Unroutable) {
            // A queue or binding has been deleted: connecting again declares it.
            self.fault.raise("the broker returned a message that no queue is bound for");
        }
        match fates.into_iter().filter(|fate| *fate != Fate::Taken).count() {
            0 => Ok(()),
            refused => Err(QueueError::Refused(refused)),
        }
    }

    /// The same, and tells what became of each. That no queue is bound for one is no fault here.
    pub(super) async fn send_each(
        &self,
        messages: Vec<Outgoing<'_>>,
        within: Duration,
    ) -> Result<Vec<Fate>, QueueError> {
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

    async fn send_all(&self, messages: Vec<Outgoing<'_>>) -> Result<Vec<Fate>, QueueError> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(QueueError::NotConnected);
        };
        let channel = self.channel().await?;
        let places: Vec<(ShortString, ShortString)> =
            messages.iter().map(|m| (m.exchange.clone(), m.routing_key.clone())).collect();
        // Polled together, so that they are written together; one after the other would cost a
        // switch to the connection's thread and back for each.
        let sent = join_all(messages.into_iter().map(async |message| {
            let Outgoing { exchange, routing_key, body, properties, mandatory } = message;
            let options = BasicPublishOptions { mandatory, immediate: false };
            channel.basic_publish(exchange.clone(), routing_key, options, &body, properties).await
        }));
        let mut fates = Vec::with_capacity(places.len());
        // Which confirm a returned message comes with says nothing: it may be another's.
        let mut returned = HashSet::new();
        for confirm in sent.await {
            let confirmation = confirm?.await?;
            fates.push(if confirmation.is_ack() { Fate::Taken } else { Fate::Refused });
            if let Some(back) = confirmation.take_message() {
                returned.insert((back.delivery.exchange, back.delivery.routing_key));
            }
        }
        // A channel that is dropped earlier, with confirms outstanding, is closed and never reused.
        self.idle().push(channel);
        for (fate, place) in fates.iter_mut().zip(&places) {
            if returned.contains(place) {
                *fate = Fate::Unroutable;
            }
        }
        Ok(fates)
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
