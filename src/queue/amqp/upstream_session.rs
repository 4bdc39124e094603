//! One connection of the intake of upstream services: its consumer, and what came from it and is not settled
//! yet. All of it is worthless once the connection is gone, because the broker delivers it again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use lapin::Connection;
use lapin::message::Delivery as Raw;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::broker::Broker;
use super::connection::Link;
use super::consuming::ConsumingChannel;
use super::dead_letter::DeadLetters;
use super::declaring::TopologyError;
use super::topology::{self, Names};
use super::upstream::{CLOSE_TIMEOUT, Disposition, UpstreamMessage};
use super::upstream_reader::{DatabaseClock, Reader, Received};
use super::wire::Wire;

type Links = watch::Receiver<Option<Arc<Link>>>;

/// How long an acknowledgement may take to leave.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How soon dead letters are looked at again when there is no link to send them on.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Why a session could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("{0}")]
    Failed(#[from] lapin::Error),
    #[error("{0}")]
    Topology(#[from] TopologyError),
    #[error("the store's clock cannot be read")]
    Clock,
}

/// A connection that consumes what upstream services publish.
pub(super) struct Session {
    names: Arc<Names>,
    connection: Connection,
    /// Before its consumer: it goes first.
    channel: ConsumingChannel,
    reader: Reader,
    at_once: u16,
    since: Instant,
    /// Read, but not settled.
    in_hand: BTreeMap<u64, Raw>,
    dead: DeadLetters,
    /// The socket goes last: dropping it cuts the connection.
    _wire: Wire,
}

impl Session {
    /// Connects and subscribes; at most `at_once` messages are in hand at any time.
    pub(super) async fn open(
        broker: &Broker,
        names: &Arc<Names>,
        at_once: u16,
        clock: &DatabaseClock,
    ) -> Result<Session, OpenError> {
        let (connection, wire) = Wire::connect(broker, "wsa upstream").await?;
        let channel = ConsumingChannel::new(connection.create_channel().await?);
        topology::declare(&channel, names).await?;
        channel.basic_qos(at_once, BasicQosOptions { global: false }).await?;
        let (queue, options) = (names.upstream.clone(), BasicConsumeOptions::default());
        // Before there can be a delivery.
        let before = clock().await.ok_or(OpenError::Clock)?;
        let consumer = channel.consume(queue, options).await?;
        let reader = Reader::start(consumer, channel.clone(), at_once, Arc::clone(clock), before);
        Ok(Session {
            names: Arc::clone(names),
            connection,
            channel,
            reader,
            at_once,
            since: Instant::now(),
            in_hand: BTreeMap::new(),
            dead: DeadLetters::default(),
            _wire: wire,
        })
    }

    /// Whether the broker can deliver to it.
    pub(super) fn is_live(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// How many messages may be in hand at once.
    pub(super) fn at_once(&self) -> u16 {
        self.at_once
    }

    /// For how long it has been there.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Waits for a message, and takes what is there beside it. An error says why the session is over.
    pub(super) async fn gather(&mut self, links: &Links) -> Result<Vec<UpstreamMessage>, String> {
        let mut batch = Vec::new();
        while batch.is_empty() {
            self.bury(links).await;
            let due = self.dead.due().map(|at| at.max(Instant::now() + LOOK_AGAIN));
            tokio::select! {
                biased;
                received = self.reader.next() => self.take(received, &mut batch)?,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
        }
        // Whoever sends one and waits is not kept waiting for company.
        while batch.len() < usize::from(self.at_once) {
            match self.reader.next_now() {
                Some(received) => self.take(received, &mut batch)?,
                None => break,
            }
        }
        Ok(batch)
    }

    fn take(&mut self, received: Received, batch: &mut Vec<UpstreamMessage>) -> Result<(), String> {
        let tagged = received?;
        batch.push(UpstreamMessage::of(&tagged));
        self.in_hand.insert(tagged.raw.delivery_tag, tagged.raw);
        Ok(())
    }

    /// Settles messages; tells how many. What is left stays in hand until the connection ends.
    pub(super) async fn settle(
        &mut self,
        dispositions: impl Iterator<Item = (u64, Disposition)>,
        links: &Links,
    ) -> usize {
        let (mut done, mut settled) = (Vec::new(), 0);
        for (tag, disposition) in
            dispositions.filter(|(_, disposition)| *disposition != Disposition::Leave)
        {
            let Some(raw) = self.in_hand.remove(&tag) else { continue };
            settled += 1;
            match disposition {
                Disposition::Dead(reason) => self.dead.add(raw, reason, false),
                Disposition::Refused(reason) => self.dead.add(raw, reason, true),
                Disposition::Done | Disposition::Leave => done.push(raw),
            }
        }
        self.acknowledge(done).await;
        self.bury(links).await;
        settled
    }

    async fn bury(&mut self, links: &Links) {
        let link = links.borrow().clone();
        if let Some(link) = link {
            self.dead.send(&link.publisher, &self.names).await;
        }
        let safe = self.dead.take_safe();
        self.acknowledge(safe).await;
    }

    async fn acknowledge(&self, deliveries: Vec<Raw>) {
        let acks = deliveries.iter().map(|raw| raw.acker.ack(BasicAckOptions::default()));
        // What is not seen acknowledged comes again, and is found to be the same task.
        if timeout(SEND_TIMEOUT, join_all(acks)).await.is_err() {
            tracing::debug!("acknowledgements could not be sent for {SEND_TIMEOUT:?}");
        }
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        // An error says that it is closed already, or that nobody answers.
        let _ = timeout(CLOSE_TIMEOUT, self.connection.close(200, "OK".into())).await;
    }
}
