//! `wsa admin ticketscloud ticket`

use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::ProtocolList;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::protocols::ticketscloud::hex_id::{EventId, SetId, TicketId};
use crate::surface::store::StoreFlags;
use crate::terminal::output::{self, Listed};

/// How many tickets go into one transaction.
const BATCH: usize = 1000;

/// `wsa admin ticketscloud ticket`
#[derive(Debug, Subcommand)]
pub(crate) enum Tickets {
    /// Add tickets to a set: so many, or one with a seat.
    Add(Add),
    /// Remove a ticket that is free.
    Remove(Remove),
    /// List free tickets of a set.
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// The set.
    #[arg(long, value_name = "ID")]
    set: SetId,
    /// So many, without seats.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with_all = ["id", "seat"],
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// The id of one; otherwise one is made.
    #[arg(long)]
    id: Option<TicketId>,
    /// Its seat, for people.
    #[arg(long, value_parser = super::name)]
    seat: Option<String>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// The ticket.
    #[arg(long)]
    id: TicketId,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// The event.
    #[arg(long, value_name = "ID")]
    event: EventId,
    /// The set.
    #[arg(long, value_name = "ID")]
    set: SetId,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    most: i64,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct Listing {
    id: TicketId,
    seat: Option<String>,
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["ticket", "seat"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.seat.clone().unwrap_or_default()]
    }
}

impl Tickets {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Tickets::Add(add) => add.run(protocols).await,
            Tickets::Remove(Remove { event, id, on }) => {
                let store = on.open(protocols).await?;
                let object = super::event(&store, event).await?.object;
                let removed = Tables::of(&store).remove_ticket(object, id).await?;
                let why_not = "the event has none of this id, or an order has it";
                super::removed(removed, &format!("ticket {id} of event {event}"), why_not)
            }
            Tickets::List(List { event, set, most, on }) => {
                let store = on.open(protocols).await?;
                let object = super::set(&store, event, set).await?;
                let free = Tables::of(&store).free_tickets(object, set, most).await?.into_iter();
                let rows: Vec<_> = free.map(|(id, seat)| Listing { id, seat }).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { event, set, count, id, seat, on } = self;
        let store = on.open(protocols).await?;
        let object = super::set(&store, event, set).await?;
        if id.is_some() || seat.is_some() {
            let id = id.unwrap_or_else(TicketId::random);
            let added =
                Tables::of(&store).add_tickets(object, set, &[(id, seat.clone())]).await? == 1;
            let what = format!("ticket {id} of set {set}");
            return super::message(added, &what, &Listing { id, seat }, &on);
        }
        let mut left = count as usize;
        while left > 0 {
            let new: Vec<_> = (0..left.min(BATCH)).map(|_| (TicketId::random(), None)).collect();
            left -= Tables::of(&store).add_tickets(object, set, &new).await?;
        }
        match on.json {
            true => Ok(output::json_line(&serde_json::json!({"set": set, "added": count}))?),
            false => Ok(output::line(format_args!("added {count} tickets to set {set}"))?),
        }
    }
}
