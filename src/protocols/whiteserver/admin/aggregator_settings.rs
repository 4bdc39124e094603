//! `wsa admin aggregator set` and `list`: what a caller may, and what is kept for it.

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::aggregators::listed;
use crate::domain::outbox::{EventTypes, SubscriptionKind};
use crate::domain::task::ObjectId;
use crate::engine::store::Store;
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};
use crate::terminal::values;

#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true, args = [
    "requests_per_s", "no_requests_per_s", "task_queue", "event_queue", "events",
])]
pub(in crate::protocols::whiteserver) struct Set {
    /// The caller.
    #[arg(long)]
    name: String,
    /// How many requests a second it may make of each process of the API.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    requests_per_s: Option<i64>,
    /// Take its own rate away: the service's counts again.
    #[arg(long, conflicts_with = "requests_per_s")]
    no_requests_per_s: bool,
    /// Whether its answers are kept for ListenQueue. Until somebody says `on`, they are kept from the first call that
    /// listens. What is kept already stays.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    task_queue: Option<bool>,
    /// Whether changes of orders are kept for ListenQueue. Until somebody says `on`, they are kept from the first call
    /// that listens. What is kept already stays.
    #[arg(long, value_name = "on|off", value_parser = values::on_off)]
    event_queue: Option<bool>,
    /// Which events are kept for ListenQueue: OrderChanged, OrderStatusChanged, or both with a comma between them.
    #[arg(long, value_name = "TYPES")]
    events: Option<EventTypes>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    name: String,
    objects: Vec<ObjectId>,
    requests_per_s: Option<i64>,
    task_queue: bool,
    event_queue: bool,
    /// Those of the two to which nobody has listened: nothing is kept in them yet.
    not_begun: Vec<&'static str>,
    event_types: Vec<&'static str>,
}

impl Listing {
    fn rate(&self) -> String {
        self.requests_per_s.map_or("default".into(), |n| n.to_string())
    }

    fn queues(&self) -> String {
        let events = format!("events ({})", self.event_types.join(", "));
        let kept = [
            (self.task_queue, "taskQueue", "tasks".to_owned()),
            (self.event_queue, "eventQueue", events),
        ];
        let shown = |(_, name, what)| match self.not_begun.contains(&name) {
            true => format!("{what} once somebody listens"),
            false => what,
        };
        let kept: Vec<_> = kept.into_iter().filter(|(on, ..)| *on).map(shown).collect();
        if kept.is_empty() { "none".into() } else { kept.join(", ") }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["name", "objects", "requests a second", "queues"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), listed(&self.objects), self.rate(), self.queues()]
    }
}

impl Set {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Set { name, requests_per_s, no_requests_per_s, task_queue, event_queue, events, on } =
            self;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        if no_requests_per_s || requests_per_s.is_some() {
            store.set_rate(&name, requests_per_s).await?;
        }
        let queues = [
            (SubscriptionKind::TaskQueue, task_queue),
            (SubscriptionKind::EventQueue, event_queue),
        ];
        for (kind, open) in queues {
            if let Some(open) = open {
                store.set_subscription(aggregator.id, kind, open).await?;
            }
        }
        if let Some(events) = events {
            store.set_event_types(aggregator.id, events).await?;
        }
        let Some(now) = listings(&store).await?.into_iter().find(|listing| listing.name == name)
        else {
            bail!(
                "there is no aggregator {name:?} any more: `wsa admin aggregator list` shows those there are"
            );
        };
        if on.json {
            return Ok(output::json_line(&now)?);
        }
        Ok(output::line(format_args!(
            "aggregator {name} is changed: requests a second: {}, queues kept: {}",
            now.rate(),
            now.queues()
        ))?)
    }
}

/// `wsa admin aggregator list`
pub(super) async fn list(on: &StoreFlags, protocols: &'static ProtocolList) -> anyhow::Result<()> {
    let store = on.open(protocols).await?;
    Ok(output::list(&listings(&store).await?, on.json)?)
}

async fn listings(store: &Store) -> anyhow::Result<Vec<Listing>> {
    let (licences, subscriptions) = (store.licences().await?, store.subscriptions().await?);
    let rows = store.aggregators().await?.into_iter().map(|a| {
        let of = |kind| subscriptions.iter().find(|s| s.aggregator == a.id && s.kind == kind);
        let is_open = |kind| of(kind).is_some_and(|subscription| subscription.open);
        let waits = |kind| of(kind).is_some_and(|queue| queue.open && !queue.begun);
        let queues = [
            (SubscriptionKind::TaskQueue, "taskQueue"),
            (SubscriptionKind::EventQueue, "eventQueue"),
        ];
        let not_begun = queues.into_iter().filter(|(kind, _)| waits(*kind)).map(|(_, name)| name);
        let events = of(SubscriptionKind::EventQueue).map(|subscription| subscription.events);
        Listing {
            objects: licences
                .iter()
                .filter(|(owner, _)| *owner == a.id)
                .map(|(_, object)| *object)
                .collect(),
            not_begun: not_begun.collect(),
            task_queue: is_open(SubscriptionKind::TaskQueue),
            event_queue: is_open(SubscriptionKind::EventQueue),
            event_types: events.unwrap_or_default().names(),
            requests_per_s: a.requests_per_s,
            name: a.name,
        }
    });
    Ok(rows.collect())
}
