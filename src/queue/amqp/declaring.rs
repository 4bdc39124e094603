//! Declaring one thing at the broker, and what may be wrong with that. Declaring what is there already changes
//! nothing.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ErrorKind, ExchangeKind};

/// Why something could not be declared.
#[derive(Debug, thiserror::Error)]
pub(super) enum TopologyError {
    /// Somebody has declared it differently; only people can put that right.
    #[error("{what} is there with {difference}: {way_out} ({source})")]
    Different {
        /// The queue or exchange.
        what: String,
        /// Which argument, as far as the broker says so.
        difference: String,
        /// What an operator types.
        way_out: String,
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
    queue_of(channel, name, "quorum", with).await
}

/// A queue on one node, in memory, whose messages may be lost.
pub(super) async fn express_queue(
    channel: &Channel,
    name: &ShortString,
    with: &[(&str, AMQPValue)],
) -> Result<(), TopologyError> {
    queue_of(channel, name, "classic", with).await
}

async fn queue_of(
    channel: &Channel,
    name: &ShortString,
    kind: &str,
    with: &[(&str, AMQPValue)],
) -> Result<(), TopologyError> {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    let mut arguments = arguments(with);
    arguments.insert("x-queue-type".into(), text(kind));
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
    let of = if kind == "exchange" { Kind::Exchange } else { Kind::Queue };
    let name = name.to_string();
    move |source| match code(&source) {
        Some(PRECONDITION_FAILED) => {
            let (difference, way_out) = other_arguments(of, &name, &source.to_string());
            TopologyError::Different { what, difference, way_out, source }
        }
        _ => TopologyError::Failed { what, source },
    }
}

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Queue,
    Exchange,
}

/// How the names of queues end whose messages are nowhere else.
const ONLY_THERE: [&str; 2] = [".tasks.in", ".tasks.dead"];

/// What the broker says that somebody has declared differently, and what makes way for it. Nothing is deleted by a
/// program: what waits in such a queue may be tasks of upstream services, which nobody else has.
fn other_arguments(kind: Kind, name: &str, told: &str) -> (String, String) {
    // "... inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received the value ..."
    let quoted = |after: &str| told.split_once(after)?.1.split('\'').next();
    let difference = match quoted("inequivalent arg '") {
        Some(argument) => format!("another {argument} than this version needs"),
        None => "other arguments than this version needs".to_owned(),
    };
    let vhost = quoted("in vhost '").unwrap_or("/");
    let made = "the one that is needed is made within seconds (docs/amqp.md, \"A queue with other arguments\")";
    let delete = format!("`rabbitmqctl --vhost {vhost} delete_queue {name}`");
    let way_out = match kind {
        // Nobody else has what waits there.
        Kind::Queue if ONLY_THERE.iter().any(|end| name.ends_with(end)) => format!(
            "once `rabbitmqctl --vhost {vhost} list_queues name messages` shows that it is empty, delete it by {delete}; \
             {made}"
        ),
        Kind::Queue => {
            format!("delete it by {delete}: what waits in it is in the store, too; {made}")
        }
        Kind::Exchange => format!(
            "delete it in the management UI, or by `rabbitmqadmin --vhost={vhost} delete exchange name={name}`; {made}"
        ),
    };
    (difference, way_out)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_different_is_named_with_the_command_that_makes_way() {
        let told = "PRECONDITION_FAILED - inequivalent arg 'x-delivery-limit' for queue 'wsa.tasks.0' in vhost 'pay': \
                    received '100' but current is '20'";
        let (difference, way_out) = other_arguments(Kind::Queue, "wsa.tasks.0", told);
        assert_eq!(difference, "another x-delivery-limit than this version needs");
        let command = "delete it by `rabbitmqctl --vhost pay delete_queue wsa.tasks.0`: what waits in it is in the store";
        assert!(way_out.starts_with(command), "{way_out}");
        let (_, way_out) = other_arguments(Kind::Queue, "wsa.tasks.in", told);
        let first = "once `rabbitmqctl --vhost pay list_queues name messages`";
        assert!(way_out.starts_with(first), "{way_out}");
        let (difference, way_out) =
            other_arguments(Kind::Exchange, "wsa.work", "PRECONDITION_FAILED");
        assert_eq!(difference, "other arguments than this version needs");
        assert!(way_out.contains("--vhost=/ delete exchange name=wsa.work"), "{way_out}");
    }
}
