//! Emptying the broker's queue of dead letters, for the store to keep them: on a connection of its own, because a
//! message whose properties are no text ends the connection that it is delivered on, and among dead letters is where
//! such a message ends up.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::broker::Broker;
use super::connection::{ATTEMPT_TIMEOUT, Link};
use super::dead_letter::{DENIED_HEADER, expired};
use super::topology::{Names, UPSTREAM_KEY};
use super::upstream::{AGGREGATOR_HEADER, CLOSE_TIMEOUT, name_in_header};
use super::wire::Wire;
use super::{AmqpQueue, DEPTH_TIMEOUT, bundle, reading};
use crate::domain::dead_letter::{DeadLetter, Door};
use crate::queue::Replay;
use crate::queue::{DeadLetters, Fetched, QueueError};

/// How often it is looked whether a connection is still there.
const LOOK: Duration = Duration::from_millis(50);
/// Why a message was fetched to be thrown away.
const UNREADABLE: &str = "a message ended each connection that it was fetched on, because its properties are not as AMQP \
                          has them: nothing of it could be read, and it was thrown away";

/// The channel that dead letters were fetched on: they stay in the broker's queue until [`InHand::forget`].
struct InHand {
    channel: Channel,
    connection: Connection,
    last: u64,
    /// The socket goes last.
    _wire: Wire,
}

impl InHand {
    async fn forget(self) {
        let ack = self.channel.basic_ack(self.last, BasicAckOptions { multiple: true });
        // What is not seen acknowledged comes again, and is found to be the same letter.
        let _ = timeout(CLOSE_TIMEOUT, ack).await;
        let _ = timeout(CLOSE_TIMEOUT, self.connection.close(200, "OK".into())).await;
    }
}

impl DeadLetters for AmqpQueue {
    fn hand_in<'a>(&'a self, messages: &'a [Replay]) -> BoxFuture<'a, Result<(), QueueError>> {
        self.replay(messages).boxed()
    }

    fn waiting(&self) -> BoxFuture<'_, Result<u32, QueueError>> {
        async {
            let link = self.link().ok_or(QueueError::NotConnected)?;
            match timeout(DEPTH_TIMEOUT, waiting(&link, &self.names)).await {
                Ok(waiting) => Ok(waiting?),
                Err(_) => Err(QueueError::Unconfirmed(DEPTH_TIMEOUT)),
            }
        }
        .boxed()
    }

    /// On a connection of its own.
    fn fetch(&self, most: usize) -> BoxFuture<'_, Result<Fetched, QueueError>> {
        async move {
            let broker = self.settings.broker().map_err(|_| QueueError::NotConnected)?;
            fetch(&broker, &self.names, most).await
        }
        .boxed()
    }

    fn throw_away(&self) -> BoxFuture<'_, Result<Vec<DeadLetter>, QueueError>> {
        async {
            let broker = self.settings.broker().map_err(|_| QueueError::NotConnected)?;
            throw_away(&broker, &self.names).await
        }
        .boxed()
    }
}

async fn waiting(link: &Link, names: &Names) -> lapin::Result<u32> {
    let channel = link.consuming_channel().await?;
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare(names.dead_queue.clone(), options, FieldTable::default());
    Ok(queue.await?.message_count())
}

async fn fetch(broker: &Broker, names: &Names, most: usize) -> Result<Fetched, QueueError> {
    in_time(async {
        let (connection, wire) = Wire::connect(broker, "wsa dead letters").await?;
        let channel = connection.create_channel().await?;
        let (mut letters, mut last) = (Vec::new(), 0);
        for _ in 0..most {
            let options = BasicGetOptions { no_ack: false };
            let get = channel.basic_get(names.dead_queue.clone(), options);
            let Some(got) = while_connected(&connection, get).await? else { break };
            last = got.delivery_tag;
            letters.extend(read(&got, names));
        }
        let in_hand = InHand { channel, connection, last, _wire: wire };
        Ok(Fetched { letters, forget: in_hand.forget().boxed() })
    })
    .await
}

/// Whether or not it can be read.
async fn throw_away(broker: &Broker, names: &Names) -> Result<Vec<DeadLetter>, QueueError> {
    in_time(async {
        let (connection, _wire) = Wire::connect(broker, "wsa dead letters").await?;
        let channel = connection.create_channel().await?;
        let options = BasicGetOptions { no_ack: true };
        let get = channel.basic_get(names.dead_queue.clone(), options);
        match while_connected(&connection, get).await {
            Ok(Some(got)) => Ok(read(&got, names)),
            Ok(None) => Ok(Vec::new()),
            Err(_) => Ok(vec![DeadLetter::new(Door::Upstream, UNREADABLE)]),
        }
    })
    .await
}

/// Waits for what a connection is asked for; what ended on a message does not always say so to who waits.
async fn while_connected<T>(
    connection: &Connection,
    asked: impl Future<Output = lapin::Result<T>>,
) -> lapin::Result<T> {
    let ended = async {
        while connection.status().connected() {
            sleep(LOOK).await;
        }
    };
    tokio::select! {
        biased;
        door_and_reason = asked => door_and_reason,
        () = ended => Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()),
    }
}

async fn in_time<T>(work: impl Future<Output = lapin::Result<T>>) -> Result<T, QueueError> {
    match timeout(ATTEMPT_TIMEOUT, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(QueueError::Unconfirmed(ATTEMPT_TIMEOUT)),
    }
}

fn read(got: &BasicGetMessage, names: &Names) -> Vec<DeadLetter> {
    let (properties, body) = (&got.properties, &got.data);
    let (door, reason) = door_and_reason(properties, &got.routing_key, names);
    if door == Door::Work
        && properties.kind().as_ref().is_some_and(|kind| kind.as_str() == bundle::TYPE)
        && let Ok(keys) = reading::read(properties, body)
    {
        return keys.into_iter().map(|key| DeadLetter::of_task(key, reason.clone())).collect();
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    let id = properties.message_id().as_ref().map(ToString::to_string);
    // An upstream service names its message as it likes: that is no taskGuid.
    let guid = id.as_deref().filter(|_| door == Door::Work).and_then(|id| id.parse().ok());
    let header = |name: &str| properties.headers().as_ref()?.inner().get(name).map(name_in_header);
    vec![DeadLetter {
        object: reading::object_in_body(text),
        guid,
        task_type: task_type(text),
        message_id: id,
        publisher: header("x-wsa-user-id")
            .or_else(|| properties.user_id().as_ref().map(ToString::to_string)),
        aggregator: header(AGGREGATOR_HEADER),
        denied: header(DENIED_HEADER)
            .or_else(|| original_expiration(properties).map(|e| expired(&e))),
        body: Some(body.clone()),
        ..DeadLetter::new(door, reason)
    }]
}

/// The expiration of a message that the broker itself made a dead letter: it takes the property away.
fn original_expiration(properties: &BasicProperties) -> Option<String> {
    let deaths = match properties.headers().as_ref()?.inner().get("x-death") {
        Some(AMQPValue::FieldArray(deaths)) => deaths.as_slice(),
        _ => return None,
    };
    deaths.iter().find_map(|death| match death {
        AMQPValue::FieldTable(death) => {
            death.inner().get("original-expiration").map(name_in_header)
        }
        _ => None,
    })
}

/// Where it came from, and why it is dead: a worker says so in a header, the broker in its own.
fn door_and_reason(
    properties: &BasicProperties,
    routing_key: &ShortString,
    names: &Names,
) -> (Door, String) {
    let header = |name: &str| properties.headers().as_ref()?.inner().get(name).map(name_in_header);
    let door = |upstream| if upstream { Door::Upstream } else { Door::Work };
    if let Some(reason) = header("x-wsa-reason") {
        return (door(routing_key.as_str() == UPSTREAM_KEY), reason);
    }
    let (queue, why) = (header("x-first-death-queue"), header("x-first-death-reason"));
    let upstream = queue.as_deref() == Some(names.upstream.as_str());
    let reason = match (queue, why) {
        (Some(queue), Some(why)) if why == "delivery_limit" => {
            format!(
                "the broker gave it up: it was delivered too often from {queue} (delivery_limit)"
            )
        }
        (Some(queue), Some(why)) => format!("the broker gave it up in {queue}: {why}"),
        _ => "somebody published it to the dead letters without a reason".to_owned(),
    };
    (door(upstream), reason)
}

fn task_type(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        task_type: String,
    }
    serde_json::from_str::<Typed>(body).ok().map(|typed| typed.task_type)
}
