//! A lane's channel of the moment: its consumers, and what came from them and is not settled yet. All
//! of it is worthless once the channel is gone, because the broker delivers it again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, join_all};
use lapin::message::Delivery as Raw;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::time::{Instant, sleep_until, timeout};

use super::super::fair_share::FairShare;
use super::super::{Class, Delivery, Gather, company_until};
use super::connection::Link;
use super::consuming::ConsumingChannel;
use super::dead_letter::DeadLetters;
use super::reading;
use super::settled::Settled;
use super::sources::Sources;
use super::topology::Names;
use crate::domain::task::TaskKey;

/// How long an acknowledgement may take to leave; after that the connection counts as lost.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// In a larger batch a round trip costs each task less than reading its request once more.
const MOST_FORETOLD: usize = 8;

/// A channel with a consumer on each task queue.
pub(super) struct Subscription {
    link: Arc<Link>,
    names: Arc<Names>,
    /// Before its consumers: it goes first.
    channel: ConsumingChannel,
    sources: Sources,
    share: FairShare,
    /// Read, but not part of a batch yet.
    gathered: Vec<(Vec<TaskKey>, Raw)>,
    /// Until when the first of them waits for company.
    until: Option<Instant>,
    /// The batch that the lane's worker has, by tag.
    in_hand: BTreeMap<u64, (Vec<TaskKey>, Raw)>,
    dead: DeadLetters,
    settled: Settled,
}

impl Subscription {
    /// Subscribes to every task queue.
    pub(super) async fn open(
        link: Arc<Link>,
        names: Arc<Names>,
        gather: Gather,
    ) -> lapin::Result<Subscription> {
        let channel = ConsumingChannel::new(link.consuming_channel().await?);
        let sources = Sources::open(&channel, &link, &names, gather).await?;
        Ok(Subscription {
            link,
            names,
            channel,
            sources,
            share: FairShare::default(),
            gathered: Vec::new(),
            until: None,
            in_hand: BTreeMap::new(),
            dead: DeadLetters::default(),
            settled: Settled::default(),
        })
    }

    /// Whether the broker can deliver to it.
    pub(super) fn is_live(&self) -> bool {
        self.link.is_up() && self.channel.status().connected()
    }

    /// Fails the connection for this reason, so that everything is built anew.
    pub(super) fn fail(self, reason: &str) {
        self.link.fault().raise(reason);
    }

    /// Gathers a batch, which is then in hand. Cancel-safe. An error says why the channel is over.
    pub(super) async fn gather(&mut self, gather: Gather) -> Result<Vec<Delivery>, String> {
        self.give_back().await;
        while self.gathered.is_empty() {
            self.bury().await;
            let due = self.dead.due();
            let lost = self.link.clone();
            tokio::select! {
                biased;
                () = lost.lost() => return Err("the connection is lost".to_owned()),
                received = self.sources.next(self.share.first()) => self.take(received?),
                () = at(due) => {}
            }
        }
        let until = *self.until.get_or_insert_with(|| Instant::now() + gather.linger);
        let company = company_until(until);
        tokio::pin!(company);
        // A bundle is never divided: its one tag stands for all of its tasks.
        while self.share.tasks() < gather.most {
            tokio::select! {
                biased;
                received = self.sources.next(self.share.first()) => self.take(received?),
                () = &mut company => break,
            }
        }
        self.until = None;
        self.share.begin_another();
        let few = self.gathered.len() <= MOST_FORETOLD;
        let deliveries = |(keys, raw): &(Vec<TaskKey>, Raw)| {
            let tag = raw.delivery_tag;
            let foretold = |key| few.then(|| reading::foretold(key, raw)).flatten();
            let delivery =
                |key: &TaskKey| Delivery { key: *key, trace: None, foretold: foretold(*key), tag };
            let mut deliveries: Vec<Delivery> = keys.iter().map(delivery).collect();
            for (place, trace) in reading::traces(&raw.properties, keys.len()) {
                if let Some(delivery) = deliveries.get_mut(place) {
                    delivery.trace = Some(trace);
                }
            }
            deliveries
        };
        let batch = self.gathered.iter().flat_map(deliveries).collect();
        self.in_hand.extend(self.gathered.drain(..).map(|entry| (entry.1.delivery_tag, entry)));
        Ok(batch)
    }

    fn take(&mut self, (class, raw): (Class, Raw)) {
        match reading::read(&raw.properties, &raw.data) {
            Ok(keys) => {
                self.share.add(class, keys.len());
                self.gathered.push((keys, raw));
            }
            Err(reason) => self.dead.add(raw, reason, false),
        }
    }

    /// Acknowledges what is in hand of this batch; a delivery of an earlier channel is not.
    pub(super) async fn ack(&mut self, batch: Vec<Delivery>) {
        let settled: Vec<Raw> =
            batch.iter().filter_map(|delivery| self.release(delivery)).collect();
        self.ack_all(settled).await;
    }

    /// The message of one delivery of the batch in hand; a bundle says nothing of its tasks but which they are.
    pub(super) fn message(&self, delivery: &Delivery) -> Option<Vec<u8>> {
        let (keys, raw) = self.in_hand.get(&delivery.tag)?;
        (*keys == [delivery.key]).then(|| raw.data.clone())
    }

    fn release(&mut self, delivery: &Delivery) -> Option<Raw> {
        // Tags begin anew with each channel: the key shows that it is the same delivery.
        let (keys, _) = self.in_hand.get(&delivery.tag)?;
        if !keys.contains(&delivery.key) {
            return None;
        }
        self.in_hand.remove(&delivery.tag).map(|(_, raw)| raw)
    }

    async fn bury(&mut self) {
        self.dead.send(&self.link.publisher, &self.names).await;
        let safe = self.dead.take_safe();
        self.ack_all(safe).await;
    }

    async fn ack_all(&mut self, deliveries: Vec<Raw>) {
        let plan = self.settled.settle(deliveries.iter().map(|raw| raw.delivery_tag));
        let multiple = plan.multiple;
        let acks = deliveries
            .iter()
            .filter(|raw| multiple.is_none_or(|tag| raw.delivery_tag >= tag))
            .map(|raw| {
                raw.acker.ack(BasicAckOptions { multiple: Some(raw.delivery_tag) == multiple })
            });
        // Polled together: all of it is on its way even if the caller does not wait, unless it drops the lane next.
        for acked in before_the_end(&self.link, join_all(acks)).await.unwrap_or_default() {
            // The broker delivers again what it has not seen acknowledged; the store knows it is done.
            match acked {
                Ok(true) => {}
                Ok(false) => {
                    tracing::debug!("an acknowledgement came after the end of its channel")
                }
                Err(error) => tracing::debug!("an acknowledgement was lost: {error}"),
            }
        }
    }

    /// A batch that was dropped without an acknowledgement goes back to the queue, or it would take
    /// up the prefetch for ever.
    async fn give_back(&mut self) {
        let dropped: Vec<Raw> =
            std::mem::take(&mut self.in_hand).into_values().map(|e| e.1).collect();
        self.settled.settle(dropped.iter().map(|raw| raw.delivery_tag));
        let options = BasicNackOptions { requeue: true, multiple: false };
        before_the_end(&self.link, join_all(dropped.iter().map(|raw| raw.acker.nack(options))))
            .await;
    }
}

/// Waits for what is sent on the channel, but not on one that is over: a lane that waits for a lost
/// connection would never get to the next one.
async fn before_the_end<T>(link: &Link, sent: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        sent = timeout(SEND_TIMEOUT, sent) => {
            if sent.is_err() {
                link.fault().raise(format!("nothing could be sent for {SEND_TIMEOUT:?}"));
            }
            sent.ok()
        }
        () = link.lost() => None,
    }
}

/// Completes at that time, or never.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => future::pending().await,
    }
}
