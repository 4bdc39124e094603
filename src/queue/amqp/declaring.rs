//! Declaring one thing at the broker, and what may be wrong with that. Declaring what is there already changes
//! nothing.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ErrorKind, ExchangeKind};

/// Why something could not be declared.
#[derive(Debug, thiserror::Error)]
pub(super) enum TopologyError {
    /// Somebody has declared it differently; only people can put that right.
    #[error(
        "{what} is there with other arguments than this version needs; delete it while it is empty ({source})"
    )]
    Different {
        /// The queue or exchange.
        what: String,
        /// What the broker said.
        source: lapin::Error,
    },
    /// Anything else, such as a lost connection or a missing permission.
    #[error("cannot declare {what}: {source}")]
    Failed {
        /// The queue or exchange.
        what: String,
        /// What the broker said.
        source: lapin::Error,
    },
}

pub(super) async fn exchange(
    channel: &Channel,
    name: &ShortString,
    kind: ExchangeKind,
) -> Result<(), TopologyError> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel
        .exchange_declare(name.clone(), kind, options, FieldTable::default())
        .await
        .map_err(failed("exchange", name))
}

/// A quorum queue: replicated on a cluster, and the only kind with a delivery limit.
pub(super) async fn queue(
    channel: &Channel,
    name: &ShortString,
    with: &[(&str, AMQPValue)],
) -> Result<(), TopologyError> {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    let mut arguments = arguments(with);
    arguments.insert("x-queue-type".into(), text("quorum"));
    let declared = channel.queue_declare(name.clone(), options, arguments).await;
    declared.map(drop).map_err(failed("queue", name))
}

pub(super) async fn bind(
    channel: &Channel,
    queue: &ShortString,
    exchange: &ShortString,
    routing_key: ShortString,
) -> Result<(), TopologyError> {
    let options = QueueBindOptions::default();
    channel
        .queue_bind(queue.clone(), exchange.clone(), routing_key, options, FieldTable::default())
        .await
        .map_err(failed("the binding of queue", queue))
}

pub(super) async fn unbind(
    channel: &Channel,
    queue: &ShortString,
    exchange: &ShortString,
    routing_key: ShortString,
) -> Result<(), TopologyError> {
    channel
        .queue_unbind(queue.clone(), exchange.clone(), routing_key, FieldTable::default())
        .await
        .map_err(failed("the former binding of queue", queue))
}

fn failed(kind: &str, name: &ShortString) -> impl FnOnce(lapin::Error) -> TopologyError {
    let what = format!("{kind} {name}");
    |source| match code(&source) {
        Some(PRECONDITION_FAILED) => TopologyError::Different { what, source },
        _ => TopologyError::Failed { what, source },
    }
}

/// The broker's reply code, when it has replied.
fn code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some(error.get_id()),
        _ => None,
    }
}

impl TopologyError {
    /// Whether the service's user lacks a permission.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self, TopologyError::Failed { source, .. } if code(source) == Some(ACCESS_REFUSED))
    }

    /// Whether it was only looked for, and is not there.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, TopologyError::Failed { source, .. } if code(source) == Some(NOT_FOUND))
    }
}

/// Looks whether an exchange is there; needs no permission.
pub(super) async fn find_exchange(
    channel: &Channel,
    name: &ShortString,
) -> Result<(), TopologyError> {
    let options = ExchangeDeclareOptions { passive: true, ..Default::default() };
    channel
        .exchange_declare(name.clone(), ExchangeKind::Direct, options, FieldTable::default())
        .await
        .map_err(failed("exchange", name))
}

/// Looks whether a queue is there; needs no permission.
pub(super) async fn find_queue(channel: &Channel, name: &ShortString) -> Result<(), TopologyError> {
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    let found = channel.queue_declare(name.clone(), options, FieldTable::default()).await;
    found.map(drop).map_err(failed("queue", name))
}

/// AMQP's reply codes.
const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;

pub(super) fn arguments(pairs: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert((*name).into(), value.clone());
    }
    table
}

pub(super) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
