//! `wsa admin ticketscloud`: partners and their keys, payment systems, events, and what is sold of them.

mod deals;
mod events;
mod keys;
mod partners;
mod promocodes;
mod rules;
mod sets;
mod systems;
mod tickets;

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::hex_id::{EventId, PartnerId, SetId};
use super::model::Period;
use super::sql::reference::StoredEvent;
use crate::domain::task::ObjectId;
use crate::engine::store::Store;
use crate::surface::AdminCommand;
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};
use crate::terminal::values::{self, name};

/// The commands below `wsa admin`.
#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// ticketscloud: partners, events, and what is sold of them.
    #[command(subcommand, name = "ticketscloud")]
    TicketsCloud(TicketsCloud),
}

impl AdminCommand for Admin {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Admin::TicketsCloud(command) = self;
        command.run(protocols).await
    }
}

/// `wsa admin ticketscloud`
#[derive(Debug, Subcommand)]
pub(crate) enum TicketsCloud {
    /// Those who own events, sell them, or both.
    #[command(subcommand)]
    Partner(partners::Partners),
    /// What partners prove themselves with.
    #[command(subcommand)]
    Key(keys::Keys),
    /// How orders are paid.
    #[command(subcommand)]
    System(systems::Systems),
    /// What tickets are for.
    #[command(subcommand)]
    Event(events::Events),
    /// Who sells somebody else's event.
    #[command(subcommand)]
    Deal(deals::Deals),
    /// Tickets of one kind.
    #[command(subcommand)]
    Set(sets::Sets),
    /// What tickets of a set cost, and when.
    #[command(subcommand)]
    Rule(rules::Rules),
    /// Tickets.
    #[command(subcommand)]
    Ticket(tickets::Tickets),
    /// Discounts that customers can have.
    #[command(subcommand)]
    Promocode(promocodes::Promocodes),
}

impl TicketsCloud {
    pub(crate) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            TicketsCloud::Partner(command) => command.run(protocols).await,
            TicketsCloud::Key(command) => command.run(protocols).await,
            TicketsCloud::System(command) => command.run(protocols).await,
            TicketsCloud::Event(command) => command.run(protocols).await,
            TicketsCloud::Deal(command) => command.run(protocols).await,
            TicketsCloud::Set(command) => command.run(protocols).await,
            TicketsCloud::Rule(command) => command.run(protocols).await,
            TicketsCloud::Ticket(command) => command.run(protocols).await,
            TicketsCloud::Promocode(command) => command.run(protocols).await,
        }
    }
}

/// From when until when something counts.
#[derive(Debug, Args)]
struct When {
    /// From when it counts; otherwise from ever.
    #[arg(long, value_name = "2030-01-31T12:00:00Z", value_parser = values::moment)]
    starts_at: Option<Timestamp>,
    /// Until when it counts; otherwise for ever.
    #[arg(long, value_name = "2030-01-31T12:00:00Z", value_parser = values::moment)]
    ends_at: Option<Timestamp>,
}

impl When {
    fn period(&self) -> anyhow::Result<Period> {
        let When { starts_at, ends_at } = *self;
        if let (Some(start), Some(end)) = (starts_at, ends_at)
            && start >= end
        {
            anyhow::bail!("--ends-at is {end}: it must be after --starts-at, {start}");
        }
        Ok(Period { starts_at, ends_at })
    }
}

/// A time in a list.
fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// The partner must be there.
async fn partner(store: &Store, wanted: PartnerId) -> anyhow::Result<()> {
    match Tables::of(store).partners().await?.iter().any(|partner| partner.id == wanted) {
        true => Ok(()),
        false => anyhow::bail!(
            "there is no partner {wanted}: `wsa admin ticketscloud partner list` shows those there are"
        ),
    }
}

/// The event, which must be there.
async fn event(store: &Store, wanted: EventId) -> anyhow::Result<StoredEvent> {
    let found = Tables::of(store).events().await?.into_iter().find(|event| event.id == wanted);
    found.ok_or_else(|| {
        anyhow::anyhow!(
            "there is no event {wanted}: `wsa admin ticketscloud event list` shows those there are"
        )
    })
}

/// The object of the event; event and set must be there.
async fn set(store: &Store, event: EventId, wanted: SetId) -> anyhow::Result<ObjectId> {
    let object = self::event(store, event).await?.object;
    match Tables::of(store).sets().await?.iter().any(|set| set.object == object && set.id == wanted)
    {
        true => Ok(object),
        false => anyhow::bail!(
            "event {event} has no set {wanted}: `wsa admin ticketscloud set list` shows those there are"
        ),
    }
}

/// The ids of the events by their objects, for lists.
async fn event_ids(store: &Store) -> anyhow::Result<impl Fn(ObjectId) -> String> {
    let events = Tables::of(store).events().await?;
    Ok(move |object| {
        let event = events.iter().find(|event| event.object == object);
        event.map(|event| event.id.to_string()).unwrap_or_default()
    })
}

/// Says that something is added, or that it was there.
fn message(added: bool, what: &str, row: &impl Listed, on: &StoreFlags) -> anyhow::Result<()> {
    if !added {
        anyhow::bail!(
            "there is {what} already and it was left as it is: `list` in place of `add` shows it"
        );
    }
    match on.json {
        true => Ok(output::json_line(row)?),
        false => Ok(output::line(format_args!("added {what}"))?),
    }
}

/// Says that something is removed, or why it is not.
fn removed(removed: bool, what: &str, why_not: &str) -> anyhow::Result<()> {
    match removed {
        true => Ok(output::line(format_args!("removed {what}"))?),
        false => anyhow::bail!("{what} was not removed: {why_not}"),
    }
}
